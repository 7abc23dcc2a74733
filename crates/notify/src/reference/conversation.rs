//! What a conversation's own properties say: its scope, its root, its tenant. The same rules for the `conversation` of an
//! inbound activity and for that of a stored reference.

use super::id_shape::{Evidence, IdShape};
use crate::{
    ids::{BotId, ConversationId, TenantId},
    target::{Scope, TargetKey},
};
use serde_json::{Map, Value};

/// What is known from where a conversation or a reference came, beside its own properties.
#[derive(Clone, Copy, Debug, Default)]
pub struct Origin<'a> {
    /// The team that the activity names (`channelData.team.id`).
    pub team: Option<&'a str>,
    /// The tenant that the activity (`channelData.tenant.id`) or the key in a store names.
    pub tenant: Option<&'a str>,
    /// Tenant of what names none: the bot's own.
    pub home_tenant: Option<&'a TenantId>,
}

/// Borrowed view of a `conversation`; empty where there is none. `Debug` prints its size only.
#[derive(Clone, Copy, Default)]
pub struct Conversation<'a>(Option<&'a Map<String, Value>>);

impl std::fmt::Debug for Conversation<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Conversation({} properties)", self.0.map_or(0, Map::len))
    }
}

impl<'a> Conversation<'a> {
    /// The conversation with these properties.
    pub fn new(properties: Option<&'a Map<String, Value>>) -> Self {
        Self(properties)
    }

    /// Its id as it was written, with a thread if it names one.
    pub fn id(&self) -> Option<&'a str> {
        self.text("id")
    }

    /// Its display name.
    pub fn name(&self) -> Option<&'a str> {
        self.text("name")
    }

    /// Entra object id of the person of a personal chat, where Teams names it here.
    pub fn entra(&self) -> Option<&'a str> {
        self.text("aadObjectId")
    }

    /// Which kind of conversation. In this order: its `conversationType`, the team that the activity names, the
    /// documented form of its id, `isGroup`, a guess from its id.
    pub fn scope(&self, origin: &Origin<'_>) -> Scope {
        let named = self.text("conversationType").map(str::to_ascii_lowercase);
        match named.as_deref() {
            Some("personal") => return Scope::Personal,
            Some("groupchat") => return Scope::GroupChat,
            Some("channel") => return Scope::Team,
            _ if origin.team.is_some() => return Scope::Team,
            _ => {}
        }
        let shape = IdShape::of(self.id().unwrap_or_default());
        match (shape.evidence, self.is_group()) {
            (Evidence::Documented, _) | (Evidence::Guess, None) => shape.scope,
            (Evidence::Guess, Some(true)) => Scope::GroupChat,
            (Evidence::Guess, Some(false)) => Scope::Personal,
        }
    }

    /// What the installation is kept under: the team for all of its channels, else the conversation without a thread.
    /// `None` when it names none.
    pub fn root(&self, origin: &Origin<'_>) -> Option<ConversationId> {
        let team = origin.team.filter(|_| self.scope(origin) == Scope::Team);
        let root = ConversationId::from(team.or_else(|| self.id())?).root();
        (!root.as_str().is_empty()).then_some(root)
    }

    /// The first tenant that is named: the conversation's own, the activity's or the key's. As it was written.
    pub fn named_tenant(&self, origin: &Origin<'a>) -> Option<&'a str> {
        self.text("tenantId").or(origin.tenant)
    }

    /// The tenant that is named, else the bot's home, else [`TargetKey::UNKNOWN_TENANT`].
    pub fn tenant(&self, origin: &Origin<'a>) -> TenantId {
        let home = || origin.home_tenant.map(TenantId::as_str);
        let tenant = self.named_tenant(origin).or_else(home);
        tenant.map_or_else(|| TargetKey::UNKNOWN_TENANT.into(), TenantId::canonical)
    }

    /// Which installation it is of a bot; `None` when it names no conversation.
    pub fn key(&self, bot: BotId, origin: &Origin<'a>) -> Option<TargetKey> {
        Some(TargetKey {
            bot,
            tenant: self.tenant(origin),
            root: self.root(origin)?,
        })
    }

    fn is_group(&self) -> Option<bool> {
        self.0?.get("isGroup")?.as_bool()
    }

    fn text(&self, property: &str) -> Option<&'a str> {
        super::text(self.0?, property)
    }
}
