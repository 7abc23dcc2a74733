//! What a caller asks for: content, audience and how to treat the ambiguous. Parsing of HTTP bodies is the binary's.

use crate::{
    content::MessageSpec,
    identity::Fingerprint,
    ids::{ConversationId, NotificationId, TeamId, TenantId},
    target::Scope,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How long a notification is tried when the request doesn't say.
pub const DEFAULT_LIFETIME: SignedDuration = SignedDuration::from_hours(72);

/// Most named targets that the accepting request plans and sends itself.
pub const SMALL_AUDIENCE: usize = 100;

/// Whom a notification is for. Named targets are united; `scopes` and `tenants` narrow, and alone select all
/// installations of them. `Debug` prints how many, not whom.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Audience {
    /// Every installation.
    #[serde(skip_serializing_if = "SelectAll::is_not_requested")]
    pub all: SelectAll,
    /// People, by Entra object id or `29:…`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<String>,
    /// Conversations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conversations: Vec<ConversationId>,
    /// Teams.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub teams: Vec<TeamId>,
    /// Only these kinds of conversation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<Scope>,
    /// Only these tenants.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tenants: Vec<TenantId>,
}

impl std::fmt::Debug for Audience {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Audience")
            .field("all", &self.all)
            .field("users", &self.users.len())
            .field("conversations", &self.conversations.len())
            .field("teams", &self.teams.len())
            .field("scopes", &self.scopes)
            .field("tenants", &self.tenants.len())
            .finish()
    }
}

/// Whether the request says `"all": true`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "bool", into = "bool")]
pub enum SelectAll {
    /// It does not.
    #[default]
    NotRequested,
    /// It does.
    Requested,
}

impl SelectAll {
    fn is_not_requested(&self) -> bool {
        *self == Self::NotRequested
    }
}

impl From<bool> for SelectAll {
    fn from(requested: bool) -> Self {
        if requested {
            Self::Requested
        } else {
            Self::NotRequested
        }
    }
}

impl From<SelectAll> for bool {
    fn from(all: SelectAll) -> Self {
        all == SelectAll::Requested
    }
}

impl Audience {
    /// How many targets it names.
    pub fn named(&self) -> usize {
        self.users.len() + self.conversations.len() + self.teams.len()
    }

    /// Whether it selects installations by listing them: everyone, or whole scopes or tenants.
    pub fn is_listing(&self) -> bool {
        self.all == SelectAll::Requested
            || (self.named() == 0 && (!self.scopes.is_empty() || !self.tenants.is_empty()))
    }

    /// Whether the accepting request plans it itself.
    pub fn is_small(&self) -> bool {
        !self.is_listing() && self.named() <= SMALL_AUDIENCE
    }
}

/// Which notification goes first in a lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Priority {
    /// Before all others.
    Urgent,
    /// As they come.
    #[default]
    Normal,
    /// When nothing else waits.
    Low,
}

/// What to do about a recipient who may or may not have got the message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OnUncertain {
    /// Post again, and count it in `resent`.
    #[default]
    Resend,
    /// Leave it, outcome `uncertain`.
    Report,
}

/// What the notification does with its recipients' messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind", content = "of")]
pub enum NotificationKind {
    /// Posts a new message.
    #[default]
    Send,
    /// Replaces the messages of a finished notification.
    Update(NotificationId),
    /// Deletes the messages of a notification.
    Delete(NotificationId),
}

impl NotificationKind {
    /// The notification whose messages it edits or recalls.
    pub fn parent(&self) -> Option<&NotificationId> {
        match self {
            Self::Send => None,
            Self::Update(parent) | Self::Delete(parent) => Some(parent),
        }
    }
}

/// A request, ready to be stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// What to send.
    pub message: MessageSpec,
    /// Whom to; `None` is everyone up to the unnamed limit.
    pub audience: Option<Audience>,
    /// Its place in the lanes.
    pub priority: Priority,
    /// What to do about the ambiguous.
    pub on_uncertain: OnUncertain,
    /// When it is no longer worth sending; 72 h after acceptance if `None`.
    pub expires_at: Option<Timestamp>,
    /// Digest of the body as it was asked for.
    pub fingerprint: Fingerprint,
}
