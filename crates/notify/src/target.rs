//! What is known of a place where the bot is installed. Plain records; how they change is in [`crate::change`].

mod channel;

pub use channel::ChannelKind;

use crate::{
    ids::{BotId, ConversationId, EntraId, ServiceUrl, TeamId, TenantId, UserId},
    reference::ConversationReference,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Kind of conversation that a bot is installed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Scope {
    /// A person's chat with the bot.
    Personal,
    /// A group chat or a meeting's chat.
    GroupChat,
    /// A team; messages go to a channel of it.
    Team,
}

/// Whether a target may be sent to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DeliveryStatus {
    /// May be sent to.
    #[default]
    Active,
    /// The user blocked the bot, as an earlier version stored it: the next message asks whether they still do. What is known
    /// now is in the person's record.
    Blocked,
    /// The team is archived; not attempted until it is unarchived.
    Suspended,
    /// The user asked not to be notified.
    OptedOut,
}

/// Names one installation: the bot, the tenant, and the team id or conversation id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TargetKey {
    /// The bot that is installed; references of another bot are useless and never sent to.
    pub bot: BotId,
    /// `_unknown` where neither the activity nor the settings name it ([`TargetKey::UNKNOWN_TENANT`]).
    pub tenant: TenantId,
    /// Team id for a team, conversation id otherwise (without `;messageid=…`).
    pub root: ConversationId,
}

impl TargetKey {
    /// Tenant text under which references without a tenant are kept: listed, never recipients.
    pub const UNKNOWN_TENANT: &str = "_unknown";

    /// Whether the tenant is known, so that sending is possible.
    pub fn has_tenant(&self) -> bool {
        self.tenant.as_str() != Self::UNKNOWN_TENANT
    }
}

/// What sending needs of an installation. Kept small: a listing returns thousands of these a request.
/// `Debug` prints ids only.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// Which installation.
    #[serde(flatten)]
    pub key: TargetKey,
    /// Kind of conversation.
    pub scope: Scope,
    /// Connector address for it.
    pub service_url: ServiceUrl,
    /// The person of a personal chat; in other scopes whoever acted last, of no use for sending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// The same person's Entra object id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entra: Option<EntraId>,
    /// Display name of the person, the chat or the team, where Teams named one. For card templates; never logged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The team's id (scope team only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamId>,
    /// Channel that was selected on install; `None` means General.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_channel: Option<ConversationId>,
    /// The preferred channel was deleted (it may be restored): post to General meanwhile.
    #[serde(default, skip_serializing_if = "ChannelState::is_present")]
    pub preferred_channel_state: ChannelState,
    /// Kind of the preferred channel, where Teams named it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_channel_kind: Option<ChannelKind>,
    /// When Teams last said that the preferred channel is not there for the bot: General takes its messages for a while.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_channel_absent_at: Option<Timestamp>,
    /// BCP-47 language of the user, e.g. `de-AT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// IANA time zone of the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Whether it may be sent to.
    #[serde(rename = "standing", default)]
    pub delivery_status: DeliveryStatus,
    /// Teams answered that it is not there, and nothing has shown that it is since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<Doubt>,
    /// Time of the newest event that shaped this record (the activity's own timestamp).
    pub event_at: Timestamp,
}

/// What speaks against an installation: answers, which alone prove nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Doubt {
    /// When Teams first answered so.
    pub since: Timestamp,
    /// When it last did.
    pub last: Timestamp,
    /// On how many days (UTC) it did.
    pub days: u8,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Target")
            .field("key", &self.key)
            .field("scope", &self.scope)
            .field("preferred_channel", &self.preferred_channel)
            .field("preferred_channel_state", &self.preferred_channel_state)
            .field("preferred_channel_absent_at", &self.preferred_channel_absent_at)
            .field("delivery_status", &self.delivery_status)
            .field("doubt", &self.doubt)
            .field("event_at", &self.event_at)
            .finish_non_exhaustive()
    }
}

/// Whether the preferred channel of a team is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ChannelState {
    /// As far as we know it exists.
    #[default]
    Present,
    /// A `channelDeleted` event said that it is gone.
    Deleted,
}

impl ChannelState {
    fn is_present(&self) -> bool {
        matches!(self, Self::Present)
    }
}

impl Target {
    /// Holds together with `known` what they have in common. Thousands of a tenant's targets in memory have one bot, one
    /// tenant and a few connector addresses.
    pub fn share(&mut self, known: &Self) {
        fn one<T: Clone + PartialEq>(mine: &mut T, known: &T) {
            if mine == known {
                mine.clone_from(known);
            }
        }
        one(&mut self.key.bot, &known.key.bot);
        one(&mut self.key.tenant, &known.key.tenant);
        one(&mut self.service_url, &known.service_url);
    }

    /// Conversation that a message goes to: the preferred channel of a team while it exists, else the root. Whether General
    /// takes its messages for a while is [`Target::is_channel_replaced`].
    pub fn conversation(&self) -> &ConversationId {
        match (&self.preferred_channel, self.preferred_channel_state) {
            (Some(channel), ChannelState::Present) => channel,
            _ => &self.key.root,
        }
    }
}

/// A whole record: what sending needs, and the conversation reference in the ecosystem's own shape.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Installation {
    /// What sending needs.
    pub target: Target,
    /// The conversation reference as botbuilder and TeamsFx store it, unknown properties kept.
    pub reference: ConversationReference,
}

/// A remembered removal, so that a late event can neither resurrect nor remove wrongly.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tombstone {
    /// Which installation is gone.
    #[serde(flatten)]
    pub key: TargetKey,
    /// Time of the event that removed it.
    pub event_at: Timestamp,
    /// When we recorded it; kept [`Tombstone::KEPT`] from here.
    pub recorded_at: Timestamp,
}

impl Tombstone {
    /// How long a removal is remembered.
    pub const KEPT: std::time::Duration = std::time::Duration::from_secs(30 * 24 * 3600);
}

/// What a reference store holds under a key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "is")]
pub enum ReferenceRecord {
    /// The bot is installed there.
    Installed(Box<Installation>),
    /// It was, and is no more.
    Removed(Tombstone),
}

impl ReferenceRecord {
    /// What the record is about.
    pub fn key(&self) -> &TargetKey {
        match self {
            Self::Installed(installation) => &installation.target.key,
            Self::Removed(tombstone) => &tombstone.key,
        }
    }

    /// Time of the event that shaped the record.
    pub fn event_at(&self) -> Timestamp {
        match self {
            Self::Installed(installation) => installation.target.event_at,
            Self::Removed(tombstone) => tombstone.event_at,
        }
    }
}
