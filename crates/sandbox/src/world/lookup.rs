//! Resolves ids of requests to conversations and people, and back.

use super::{Team, World, person};
use crate::ids::{self, Decoded, OpaqueIdKind, PersonKey};

/// A conversation of the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// A person's chat with the bot.
    Personal(PersonKey),
    /// A group chat, by position.
    Group(u32),
    /// A channel, by position.
    Channel(u32),
}

/// A resolved conversation id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ResolvedConversation {
    pub(crate) place: Place,
    /// Root message of a reply chain (`;messageid=`).
    pub(crate) thread: Option<u64>,
    pub(crate) alias: ChatAlias,
}

/// Which of its ids a conversation was named by. Only a personal chat has two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChatAlias {
    /// The usual one.
    Own,
    /// `19:{user}_{bot}@unq.gbl.spaces`
    Pair,
}

/// Why a conversation id can't be resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnknownConversation {
    /// Not the form of a conversation id.
    #[error("bad format of conversation id")]
    Malformed,
    /// The right form, but made for another bot.
    #[error("failed to decrypt conversation id")]
    Undecryptable,
    /// Well formed, but there is no such conversation.
    #[error("conversation not found")]
    NotFound,
}

/// Result of looking up a member by any of their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MemberLookup {
    Found(PersonKey),
    /// A `29:` id of another bot.
    Undecryptable,
    NotFound,
}

impl ResolvedConversation {
    /// A conversation by its usual id, outside reply chains.
    fn at(place: Place) -> Self {
        Self {
            place,
            thread: None,
            alias: ChatAlias::Own,
        }
    }
}

impl World {
    fn tenant_key(&self) -> impl Fn(u32) -> Option<u64> + '_ {
        |position| self.tenants.get(position as usize).map(|tenant| tenant.key)
    }

    fn exists(&self, key: PersonKey) -> bool {
        self.tenants
            .get(key.tenant as usize)
            .is_some_and(|tenant| key.number < tenant.people)
    }

    /// Resolves a (decoded) conversation id.
    pub(crate) fn locate(&self, id: &str) -> Result<ResolvedConversation, UnknownConversation> {
        let (base, thread) = match id.split_once(";messageid=") {
            Some((base, root)) => (
                base,
                Some(root.parse().map_err(|_| UnknownConversation::Malformed)?),
            ),
            None => (id, None),
        };
        if let Some(opaque) = base.strip_prefix("a:") {
            return self.locate_personal(opaque).map(ResolvedConversation::at);
        }
        if let Some(place) = self.threads.get(base) {
            return Ok(ResolvedConversation {
                thread,
                ..ResolvedConversation::at(*place)
            });
        }
        if let Some(pair) = base
            .strip_prefix("19:")
            .and_then(|rest| rest.strip_suffix("@unq.gbl.spaces"))
        {
            return self.locate_pair(pair).map(|place| ResolvedConversation {
                alias: ChatAlias::Pair,
                ..ResolvedConversation::at(place)
            });
        }
        let prefix = base
            .split_once(':')
            .map(|(prefix, rest)| (prefix, rest.is_empty()));
        match prefix {
            Some((digits, false)) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
                Err(UnknownConversation::NotFound)
            }
            _ => Err(UnknownConversation::Malformed),
        }
    }

    fn locate_personal(&self, opaque: &str) -> Result<Place, UnknownConversation> {
        let inner = opaque.strip_prefix('1').unwrap_or(opaque);
        match ids::decode(OpaqueIdKind::PersonalChat, self.bot_key, inner, self.tenant_key()) {
            Decoded::MessageLookup(key) if self.exists(key) => Ok(Place::Personal(key)),
            Decoded::Foreign => Err(UnknownConversation::Undecryptable),
            Decoded::Malformed if opaque.is_empty() => Err(UnknownConversation::Malformed),
            Decoded::MessageLookup(_) | Decoded::Malformed => Err(UnknownConversation::NotFound),
        }
    }

    /// `{user guid}_{bot guid}`: Graph's id of a personal chat with a bot.
    fn locate_pair(&self, pair: &str) -> Result<Place, UnknownConversation> {
        let (user, bot) = pair.split_once('_').ok_or(UnknownConversation::Malformed)?;
        if !bot.eq_ignore_ascii_case(&self.bot_app_id) {
            return Err(UnknownConversation::NotFound);
        }
        ids::person_of_object_id(user, self.tenant_key())
            .filter(|key| self.exists(*key))
            .map(Place::Personal)
            .ok_or(UnknownConversation::NotFound)
    }

    /// Finds a person by `29:` id, Entra object id or user principal name.
    pub(crate) fn find_person(&self, id: &str) -> MemberLookup {
        if let Some(opaque) = id.strip_prefix("29:") {
            let inner = opaque.strip_prefix('1').unwrap_or(opaque);
            return match ids::decode(OpaqueIdKind::Person, self.bot_key, inner, self.tenant_key()) {
                Decoded::MessageLookup(key) if self.exists(key) => MemberLookup::Found(key),
                Decoded::Foreign => MemberLookup::Undecryptable,
                Decoded::MessageLookup(_) | Decoded::Malformed => MemberLookup::NotFound,
            };
        }
        let by_object_id = ids::person_of_object_id(id, self.tenant_key());
        let found = by_object_id.filter(|key| self.exists(*key)).or_else(|| {
            self.tenants.iter().enumerate().find_map(|(position, tenant)| {
                let number = person::number_of_upn(id, &tenant.domain)?;
                (number < tenant.people).then_some(PersonKey {
                    tenant: position as u32,
                    number,
                })
            })
        });
        found.map_or(MemberLookup::NotFound, MemberLookup::Found)
    }

    /// The id of a conversation, as the connector and activities carry it.
    pub(crate) fn conversation_id(&self, place: Place) -> String {
        match place {
            Place::Personal(key) => {
                let tenant = &self.tenants[key.tenant as usize];
                format!(
                    "a:1{}",
                    ids::encode(OpaqueIdKind::PersonalChat, self.bot_key, tenant.key, key)
                )
            }
            Place::Group(at) => self.groups[at as usize].id.clone(),
            Place::Channel(at) => self.channels[at as usize].id.clone(),
        }
    }

    /// The second id of a personal chat.
    pub(crate) fn pair_id(&self, key: PersonKey) -> String {
        let user = ids::object_id(self.tenants[key.tenant as usize].key, key);
        format!("19:{user}_{}@unq.gbl.spaces", self.bot_app_id)
    }

    /// Position of the tenant that a conversation belongs to.
    pub(crate) fn tenant_of(&self, place: Place) -> u32 {
        match place {
            Place::Personal(key) => key.tenant,
            Place::Group(at) => self.groups[at as usize].tenant,
            Place::Channel(at) => self.teams[self.channels[at as usize].team as usize].tenant,
        }
    }

    /// Position of the tenant with this id.
    pub(crate) fn tenant_by_id(&self, id: &str) -> Option<u32> {
        self.tenants
            .iter()
            .position(|tenant| tenant.id.eq_ignore_ascii_case(id))
            .map(|at| at as u32)
    }

    /// The team of a conversation, if it is a channel.
    pub(crate) fn team_of(&self, place: Place) -> Option<(u32, &Team)> {
        match place {
            Place::Channel(at) => {
                let team = self.channels[at as usize].team;
                Some((team, &self.teams[team as usize]))
            }
            Place::Personal(_) | Place::Group(_) => None,
        }
    }

    /// Position of the team with this id (the id of its General channel).
    pub(crate) fn team_by_id(&self, id: &str) -> Option<u32> {
        match self.threads.get(id) {
            Some(Place::Channel(at)) => {
                let channel = &self.channels[*at as usize];
                channel.name.is_none().then_some(channel.team)
            }
            _ => None,
        }
    }

    /// True if the conversation has this person.
    pub(crate) fn has_member(&self, place: Place, person: PersonKey) -> bool {
        if self.tenant_of(place) != person.tenant {
            return false;
        }
        match place {
            Place::Personal(key) => key == person,
            Place::Group(at) => self.groups[at as usize].roster.contains(person.number),
            Place::Channel(_) => self
                .team_of(place)
                .is_some_and(|(_, team)| team.roster.contains(person.number)),
        }
    }

    /// The default actor: the chat's own person, or the first of the roster.
    pub(crate) fn default_person(&self, place: Place) -> Option<PersonKey> {
        let tenant = self.tenant_of(place);
        let number = match place {
            Place::Personal(key) => Some(key.number),
            Place::Group(at) => self.groups[at as usize].roster.first(),
            Place::Channel(_) => self.team_of(place).and_then(|(_, team)| team.roster.first()),
        };
        number.map(|number| PersonKey { tenant, number })
    }
}
