//! The stored notification: `notification.json`. Its state changes by ETag only; what became of its recipients is in
//! the ledgers, not here.

use crate::{
    content::MessageSpec,
    identity::{Fingerprint, NotificationSource},
    ids::{BotId, NotificationId, TenantId},
    lane::Lane,
    request::{Audience, NotificationKind, OnUncertain, Priority},
    store::record::{Version, Versioned, decode, encode},
};
use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A notification as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    /// Version of its record and of its ledgers, from acceptance on.
    #[serde(skip, default = "newest")]
    pub version: Version,
    /// Its id.
    pub id: NotificationId,
    /// The bot that sends it.
    pub bot: BotId,
    /// What it does.
    #[serde(flatten)]
    pub kind: NotificationKind,
    /// What asked for it.
    pub source: NotificationSource,
    /// Digest of the body that asked for it.
    pub fingerprint: Fingerprint,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When what is left is no longer sent.
    pub expires_at: Timestamp,
    /// Its place in the lanes.
    pub priority: Priority,
    /// What to do about the ambiguous.
    pub on_uncertain: OnUncertain,
    /// What to send.
    pub message: MessageSpec,
    /// Whom to; `None` is everyone up to the unnamed limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<Audience>,
    /// What was planned, once that is all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
    /// Why it does not go on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stops: Vec<Stop>,
    /// Its edits and recalls, in the order in which they were asked for; the newest [`Operation::KEPT`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operations: Vec<Operation>,
    /// When it was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_at: Option<Timestamp>,
    /// When a newer run of its timer took the place of what still waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub superseded_at: Option<Timestamp>,
    /// When somebody last asked that it go on: what its lanes wait for is tried then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumed_at: Option<Timestamp>,
    /// When the last recipient had an outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
}

/// The whole audience in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// The part of every tenant.
    pub parts: Vec<PlannedPart>,
}

impl Plan {
    /// Recipients in all parts.
    pub fn total(&self) -> u64 {
        self.parts.iter().map(|part| u64::from(part.rows)).sum()
    }

    /// One lane's part.
    pub fn part(&self, lane: &Lane) -> Option<&PlannedPart> {
        self.parts.iter().find(|part| part.lane() == *lane)
    }
}

/// One tenant's part of an audience.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedPart {
    /// The tenant.
    pub tenant: TenantId,
    /// Audience chunks, numbered from 0.
    pub chunks: u32,
    /// Recipients in them.
    pub rows: u32,
}

impl PlannedPart {
    /// The lane that sends it.
    pub fn lane(&self) -> Lane {
        Lane::Connector(self.tenant.clone())
    }
}

/// A child notification that edits or recalls its parent. It is entered before the child is stored, so that a later one
/// waits for it; a request that failed in between leaves an entry without a notification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Operation {
    /// The child.
    pub id: NotificationId,
    /// What it does.
    #[serde(rename = "deed")]
    pub kind: OperationKind,
    /// When it was asked for.
    pub created_at: Timestamp,
}

impl Operation {
    /// Entries that a parent keeps.
    pub const KEPT: usize = 100;
}

/// What a child notification does to its parent's messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OperationKind {
    /// Replaces them.
    Update,
    /// Deletes them.
    Delete,
}

/// Why a notification, or one tenant's part of it, does not go on until it is resumed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stop {
    /// Only this tenant's part; `None` for all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<TenantId>,
    /// Why.
    pub reason: StopReason,
    /// Since when.
    pub at: Timestamp,
}

/// Reasons to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum StopReason {
    /// More installations than the unnamed limit and no audience.
    NameAnAudience,
    /// Teams refuses our credentials.
    Unauthorized,
    /// The stored ids belong to another bot.
    WrongBot,
    /// The tenant's administrator blocked the app. Earlier versions stopped for it, and their notifications are read.
    TenantRefused,
    /// Somebody paused it. A version that doesn't know this can't read the record, and so leaves it alone.
    Paused,
}

impl StopReason {
    /// The reason for people, with what to do.
    pub fn public_message(self) -> &'static str {
        match self {
            Self::NameAnAudience => {
                "no audience was given and there are more installations than NOTIFICATION_UNNAMED_LIMIT: name an audience, for instance {\"all\": true}"
            }
            Self::Unauthorized => {
                "Teams refuses the bot's credentials: check BOT_ID, BOT_TYPE and its secret or identity, then resume"
            }
            Self::WrongBot => {
                "the stored conversations belong to another bot: check BOT_ID, then resume or cancel"
            }
            Self::TenantRefused => {
                "the tenant's administrator blocked the app: have it allowed in the Teams admin center, then resume"
            }
            Self::Paused => "paused",
        }
    }
}

fn newest() -> Version {
    Version::NEWEST
}

impl Notification {
    /// Whether nothing more will happen to it.
    pub fn is_over(&self) -> bool {
        self.finished_at.is_some()
    }

    /// Whether what is left of it is not sent any more: it was cancelled, or a newer run took its place.
    pub(crate) fn is_called_off(&self) -> bool {
        self.cancelled_at.is_some() || self.superseded_at.is_some()
    }

    /// Whether a pause is all that it stands still for.
    pub(crate) fn is_only_paused(&self) -> bool {
        self.stops.iter().all(|stop| stop.reason == StopReason::Paused)
    }

    /// Whether somebody paused it.
    pub fn is_paused(&self) -> bool {
        self.stops.iter().any(|stop| stop.reason == StopReason::Paused)
    }

    /// Whether a lane's part stands still.
    pub fn is_stopped_for(&self, lane: &Lane) -> Option<StopReason> {
        self.stops
            .iter()
            .find(|stop| stop.tenant.is_none() || stop.tenant.as_ref() == lane.tenant())
            .map(|stop| stop.reason)
    }

    /// The stored form.
    pub(crate) fn to_bytes(&self) -> Result<Bytes, crate::ports::StoreError> {
        encode(&Versioned::new(self.version, self))
    }

    /// Reads the stored form.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, crate::store::record::RecordError> {
        let (version, notification) = decode::<Self>(bytes)?;
        Ok(Self {
            version,
            ..notification
        })
    }
}
