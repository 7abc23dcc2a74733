//! Members and teams (operations 6 to 11).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::{ConnectorState, Reply, errors};
use crate::ids::{PersonKey, key_of, mix};
use crate::world::{
    AccessDenial, MemberLookup, MessageLookup, Person, Place, ResolvedConversation, TeamLife,
};

const PAGE: u32 = 200;
const SMALLEST_PAGE: u32 = 50;
const LARGEST_PAGE: u32 = 500;
/// Most members that the deprecated operation returns.
const WHOLE_LIST: usize = 10_000;

impl ConnectorState {
    fn readable(&self, located: ResolvedConversation) -> Result<(), Reply> {
        self.world
            .read_denial(located.place)
            .map_or(Ok(()), |denial| Err(errors::access_denied(denial)))
    }

    /// Members from a position in the roster on, with their positions.
    fn members_from(&self, place: Place, from: u64) -> Box<dyn Iterator<Item = (u64, Person)> + '_> {
        let tenant = self.world.tenant_of(place);
        let roster = match place {
            Place::Personal(key) => {
                return Box::new((from == 0).then(|| (0, self.world.person(key))).into_iter());
            }
            Place::Group(at) => &self.world.groups[at as usize].roster,
            Place::Channel(at) => &self.world.teams[self.world.channels[at as usize].team as usize].roster,
        };
        Box::new(
            roster
                .from(from)
                .map(move |(at, number)| (at, self.world.person(PersonKey { tenant, number }))),
        )
    }

    pub(crate) fn paged_members(
        &self,
        located: ResolvedConversation,
        page_size: Option<u32>,
        continuation: Option<&str>,
    ) -> Result<Reply, Reply> {
        self.readable(located)?;
        let salt = key_of(&self.world.conversation_id(located.place));
        let from = match continuation {
            Some(token) => {
                read_token(token, salt).ok_or_else(|| errors::bad_argument("Invalid continuation token"))?
            }
            None => 0,
        };
        let size = page_size.unwrap_or(PAGE).clamp(SMALLEST_PAGE, LARGEST_PAGE) as usize;
        let mut rest = self.members_from(located.place, from);
        let members: Vec<Person> = rest.by_ref().take(size).map(|(_, person)| person).collect();
        Ok(match rest.next() {
            Some((next, _)) => Reply::json(
                200,
                &json!({ "members": members, "continuationToken": token(next, salt) }),
            ),
            None => Reply::json(200, &json!({ "members": members })),
        })
    }

    pub(crate) fn all_members(&self, located: ResolvedConversation) -> Result<Reply, Reply> {
        self.readable(located)?;
        let members: Vec<Person> = self
            .members_from(located.place, 0)
            .take(WHOLE_LIST)
            .map(|(_, person)| person)
            .collect();
        Ok(Reply::json(200, &members))
    }

    pub(crate) fn activity_members(
        &self,
        located: ResolvedConversation,
        activity: &str,
    ) -> Result<Reply, Reply> {
        self.readable(located)?;
        if self.world.knows_message(located.place, activity) == MessageLookup::Missing {
            return Err(errors::activity_not_found());
        }
        self.all_members(located)
    }

    pub(crate) fn member(&self, located: ResolvedConversation, member: &str) -> Result<Reply, Reply> {
        self.readable(located)?;
        match self.world.find_person(member) {
            MemberLookup::Found(key) if self.world.has_member(located.place, key) => {
                Ok(Reply::json(200, &self.world.person(key)))
            }
            MemberLookup::Undecryptable => Err(errors::undecryptable_person()),
            MemberLookup::Found(_) | MemberLookup::NotFound => Err(errors::error(
                404,
                "MemberNotFoundInConversation",
                "Member not found in conversation.",
            )),
        }
    }

    fn readable_team(&self, team_id: &str) -> Result<u32, Reply> {
        let unknown = || errors::error(404, "TeamNotFound", "The team was not found.");
        let team = self.world.team_by_id(team_id).ok_or_else(unknown)?;
        let here = &self.world.teams[team as usize];
        if self.world.tenants[here.tenant as usize].disabled {
            return Err(errors::access_denied(AccessDenial::TenantDisabled));
        }
        if here.life == TeamLife::Deleted {
            return Err(unknown());
        }
        if here.installed {
            Ok(team)
        } else {
            Err(errors::access_denied(AccessDenial::NotInRoster))
        }
    }

    pub(crate) fn team(&self, team_id: &str) -> Result<Reply, Reply> {
        let position = self.readable_team(team_id)?;
        let team = &self.world.teams[position as usize];
        Ok(Reply::json(
            200,
            &json!({
                "id": self.world.team_id(position),
                "name": team.name,
                "aadGroupId": team.aad_group_id,
                "type": "standard",
                "tenantId": self.world.tenants[team.tenant as usize].id,
                "channelCount": self.live_channels(position).count(),
                "memberCount": team.roster.len(),
            }),
        ))
    }

    fn live_channels(&self, team: u32) -> impl Iterator<Item = &crate::world::Channel> + '_ {
        let channels = self.world.teams[team as usize].channels.iter();
        channels
            .map(|at| &self.world.channels[*at as usize])
            .filter(|channel| !channel.deleted)
    }

    pub(crate) fn channels(&self, team_id: &str) -> Result<Reply, Reply> {
        let team = self.readable_team(team_id)?;
        let list: Vec<_> = self
            .live_channels(team)
            .map(|channel| json!({ "id": channel.id, "name": channel.name, "type": "standard" }))
            .collect();
        Ok(Reply::json(200, &json!({ "conversations": list })))
    }
}

/// A continuation token: standard base64, so that it contains characters that a query must encode.
fn token(next: u64, salt: u64) -> String {
    let mut bytes = [0xFB_u8; 18];
    bytes[1..9].copy_from_slice(&(next ^ mix(salt)).to_be_bytes());
    bytes[9..17].copy_from_slice(&mix(next ^ salt).to_be_bytes());
    STANDARD.encode(&bytes[..17])
}

fn read_token(text: &str, salt: u64) -> Option<u64> {
    let bytes = STANDARD.decode(text).ok().filter(|bytes| bytes.len() == 17)?;
    let word = |at: usize| {
        bytes[at..at + 8]
            .iter()
            .fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte))
    };
    let next = word(1) ^ mix(salt);
    (word(9) == mix(next ^ salt)).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_belong_to_their_conversation_and_need_encoding() {
        let text = token(200, 7);
        assert!(text.contains('+') && text.contains('='), "{text}");
        assert_eq!(read_token(&text, 7), Some(200));
        assert_eq!(read_token(&text, 8), None);
        assert_eq!(read_token("nonsense", 7), None);
    }
}
