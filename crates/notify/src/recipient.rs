//! One row of an audience: a place that one notification is to reach, as it was when the audience was planned.

use crate::{
    ids::{ActivityId, ConversationId, EntraId, ServiceUrl, TeamId, TenantId, UserId},
    ports::Version,
    target::Scope,
};
use serde::{Deserialize, Serialize};

/// A planned recipient. Self-contained: the hot path reads nothing else. `Debug` prints ids only.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recipient {
    /// Number within the notification's part for this tenant, from 0.
    pub n: u32,
    /// Tenant whose budget the send uses.
    pub tenant: TenantId,
    /// Where it goes.
    pub conversation: ConversationId,
    /// Root of the installation it came from, where that differs from `conversation` (preferred channel).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<ConversationId>,
    /// What may take its place where Teams says that it is not there.
    #[serde(default, skip_serializing_if = "Fallback::is_none")]
    pub fallback: Fallback,
    /// Connector address.
    pub service_url: ServiceUrl,
    /// Kind of conversation.
    pub scope: Scope,
    /// The person of a personal chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// The same person's Entra object id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entra: Option<EntraId>,
    /// The team.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamId>,
    /// The person's or place's display name, for card templates. Never logged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Language, for card templates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Version of the reference when planned: what becomes of the reference later is conditional on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// When it was planned Teams had answered that it is not there: a delivery ends that doubt.
    #[serde(default, skip_serializing_if = "Certainty::is_known")]
    pub certainty: Certainty,
    /// When it was planned the person was marked as having blocked the bot: a delivery ends that mark.
    #[serde(default, skip_serializing_if = "BlockMark::is_none")]
    pub block: BlockMark,
    /// The message to edit or recall (child notifications only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activity: Option<ActivityId>,
    /// A final answer known at planning time: it gets this outcome and is not attempted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<PreResolved>,
}

impl std::fmt::Debug for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recipient")
            .field("n", &self.n)
            .field("tenant", &self.tenant)
            .field("conversation", &self.conversation)
            .field("scope", &self.scope)
            .field("activity", &self.activity)
            .field("settled", &self.settled)
            .finish_non_exhaustive()
    }
}

impl Recipient {
    /// The same recipient in a chat that was opened again; its reference is still found by its root.
    pub(crate) fn moved_to(&self, conversation: ConversationId) -> Self {
        let mut moved = self.clone();
        moved.root = moved.root.or(Some(moved.conversation));
        moved.conversation = conversation;
        moved
    }
}

/// What takes a message where its conversation is not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Fallback {
    /// Nothing: the request named it, or it is one of a kind.
    #[default]
    None,
    /// The team's General channel, its root: the team selected the channel, no request named it.
    General,
}

impl Fallback {
    fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// Whether an installation was doubtful when it was planned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Certainty {
    /// As far as is known it is there.
    #[default]
    Known,
    /// Teams had answered that it is not.
    Doubtful,
}

impl Certainty {
    fn is_known(&self) -> bool {
        *self == Self::Known
    }
}

/// Whether a person was marked as having blocked the bot when they were planned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BlockMark {
    /// Not marked.
    #[default]
    None,
    /// Marked; the message asks whether they still do.
    Set,
}

impl BlockMark {
    fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// Why a row needs no attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PreResolved {
    /// The request named a target that isn't installed: `rejected`, code `unknown-target`.
    UnknownTarget,
    /// The user blocked the bot lately: `blocked`.
    KnownBlocked,
    /// The user opted out: `skipped`, code `opted-out`.
    OptedOut,
    /// The team is archived: `skipped`, code `suspended`.
    Suspended,
    /// Nothing to edit: `skipped`, code `no-activity-id`.
    NoActivityId,
}
