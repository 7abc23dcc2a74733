//! Create conversation (operation 1): a personal chat, or a new thread in a channel.

use std::time::Duration;

use bytes::Bytes;
use serde_json::json;

use super::messages::PostedMessage;
use super::outgoing::{CreateBody, OutgoingKind, read_activity};
use super::{ConnectorState, Reply, errors};
use crate::ids::{self, PersonKey};
use crate::world::{AccessDenial, MemberLookup, Place, ResolvedConversation, World};

/// The conversation that a create body addresses, for the rate limits.
pub(crate) fn target(world: &World, body: &CreateBody) -> Option<Place> {
    if let Some(channel) = body.channel_id() {
        return world.locate(channel).ok().map(|located| located.place);
    }
    match body.members.as_deref() {
        Some([member]) => match world.find_person(&member.id) {
            MemberLookup::Found(key) => Some(Place::Personal(key)),
            MemberLookup::Undecryptable | MemberLookup::NotFound => None,
        },
        _ => None,
    }
}

impl ConnectorState {
    pub(crate) fn create(
        &mut self,
        now: Duration,
        body: &CreateBody,
    ) -> Result<(Reply, Option<PostedMessage>), Reply> {
        let tenant_id = body.tenant_id().filter(|id| ids::is_guid(id));
        let tenant_id = tenant_id.ok_or_else(|| errors::bad_syntax("Could not parse tenant id"))?;
        let tenant = self.world.tenant_by_id(tenant_id).ok_or_else(forbidden)?;
        if self.world.tenants[tenant as usize].disabled {
            return Err(errors::access_denied(AccessDenial::TenantDisabled));
        }
        match (body.channel_id(), body.members.as_deref()) {
            (Some(channel), _) => self.create_thread(now, channel, body),
            (None, Some([member])) if body.is_group != Some(true) => self
                .create_personal(tenant, &member.id)
                .map(|reply| (reply, None)),
            _ => Err(errors::error(
                400,
                "BadSyntax",
                "Incorrect conversation creation parameters: exactly one member, or channelData.channel with an activity",
            )),
        }
    }

    fn create_thread(
        &mut self,
        now: Duration,
        channel: &str,
        body: &CreateBody,
    ) -> Result<(Reply, Option<PostedMessage>), Reply> {
        let located = self.world.locate(channel).map_err(errors::unknown_conversation)?;
        if !matches!(located.place, Place::Channel(_)) || located.thread.is_some() {
            return Err(errors::bad_argument("channelData.channel.id is not a channel"));
        }
        let activity = body
            .activity
            .as_ref()
            .ok_or_else(|| errors::bad_syntax("No valid activities found"))?;
        let raw = activity.get().as_bytes();
        // Teams fills `from` in from the token here, so a create body may leave it out.
        if let OutgoingKind::Typing =
            read_activity(raw).or_else(|reply| if_only_from_is_missing(raw).ok_or(reply))?
        {
            return Err(errors::bad_syntax("No valid activities found"));
        }
        if let Some(denial) = self.world.write_denial(located.place) {
            return Err(errors::access_denied(denial));
        }
        let id = self.accept_message(
            now,
            ResolvedConversation {
                thread: None,
                ..located
            },
            &Bytes::copy_from_slice(raw),
        );
        let answer = json!({ "id": format!("{channel};messageid={id}"), "activityId": id.to_string() });
        Ok((
            Reply::json(201, &answer),
            Some(PostedMessage {
                place: located.place,
                id,
            }),
        ))
    }

    fn create_personal(&mut self, tenant: u32, member: &str) -> Result<Reply, Reply> {
        let by_teams_id = member.starts_with("29:");
        if !by_teams_id && !ids::is_guid(member) {
            return Err(errors::bad_argument(
                "Invalid member id: a Teams id (29:…) or an Entra object id is needed",
            ));
        }
        let key = match self.world.find_person(member) {
            MemberLookup::Found(key) if key.tenant == tenant => key,
            MemberLookup::Undecryptable => return Err(errors::undecryptable_person()),
            MemberLookup::Found(_) | MemberLookup::NotFound => {
                return Err(errors::error(403, "UserNotFound", "User not found in AAD"));
            }
        };
        if self.world.is_disallowed(Place::Personal(key)) {
            return Err(errors::access_denied(AccessDenial::Disallowed));
        }
        self.open(key, by_teams_id)?;
        Ok(Reply::json(
            201,
            &json!({ "id": self.world.conversation_id(Place::Personal(key)) }),
        ))
    }

    /// By Entra object id the app must be installed for the person; by Teams id a shared chat or team is enough.
    fn open(&mut self, key: PersonKey, by_teams_id: bool) -> Result<(), Reply> {
        if self.world.is_installed(Place::Personal(key)) {
            return Ok(());
        }
        if !by_teams_id || !self.world.shares_with(key) {
            return Err(forbidden());
        }
        self.world.open_personal(key);
        Ok(())
    }
}

fn forbidden() -> Reply {
    error_forbidden("The bot is not installed in user's personal scope")
}

fn error_forbidden(message: &str) -> Reply {
    errors::error(403, "ForbiddenOperationException", message)
}

fn if_only_from_is_missing(raw: &[u8]) -> Option<OutgoingKind> {
    let mut activity: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(raw).ok()?;
    if activity.contains_key("from") {
        return None;
    }
    activity.insert("from".to_owned(), json!({ "id": "28:" }));
    read_activity(&serde_json::to_vec(&activity).ok()?).ok()
}
