//! Wake-ups: losing one delays, doubling one is harmless.

use super::StoreError;
use crate::{
    ids::{BotId, NotificationId, TenantId},
    lane::Lane,
};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What to look at. Versioned on the wire by its tag; an unknown tag is acknowledged and logged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "hint")]
#[non_exhaustive]
pub enum WakeUp {
    /// A notification waits for its audience to be planned.
    Plan {
        /// Which one.
        notification: NotificationId,
    },
    /// A lane may have work.
    Lane(Lane),
}

impl WakeUp {
    /// Which notification it is about, for a log line.
    pub fn notification_id(&self) -> Option<&str> {
        match self {
            Self::Plan { notification } => Some(notification.as_str()),
            Self::Lane(_) => None,
        }
    }

    /// Whose lane it is about, for a log line.
    pub fn tenant_id(&self) -> Option<&str> {
        match self {
            Self::Plan { .. } => None,
            Self::Lane(lane) => lane.tenant().map(TenantId::as_str),
        }
    }
}

/// A wake-up as it travels through a queue, which several bots may share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AddressedWakeUp {
    /// What to look at.
    #[serde(flatten)]
    pub wake_up: WakeUp,
    /// Whose notification or lane; wake-ups of earlier versions don't say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot: Option<BotId>,
    /// How often other bots took it from the queue and passed it on.
    #[serde(default, skip_serializing_if = "never")]
    pub passed: u32,
}

impl AddressedWakeUp {
    /// A wake-up of a bot; one without an id has none to say.
    pub fn of(bot: &BotId, wake_up: WakeUp) -> Self {
        Self {
            wake_up,
            bot: (!bot.as_str().is_empty()).then(|| bot.clone()),
            passed: 0,
        }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn never(passed: &u32) -> bool {
    *passed == 0
}

/// Sends wake-ups, whatever becomes of them.
#[async_trait]
pub trait WakeUps: Send + Sync {
    /// Sends a wake-up, visible after `delay`. A failure is logged by the implementation and never fails the caller:
    /// the reconciler sends the wake-up again.
    async fn send(&self, wake_up: WakeUp, delay: Duration);
}

/// A queue that several processes share, and perhaps several bots.
#[async_trait]
pub trait WakeUpQueue: std::fmt::Debug + Send + Sync {
    /// Puts a wake-up into the queue as it is, visible after `delay`.
    ///
    /// # Errors
    /// When the queue can't be reached or refuses.
    async fn put(&self, wake_up: &AddressedWakeUp, delay: Duration) -> Result<(), StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wake_ups_of_earlier_versions_are_read_and_earlier_versions_read_ours() {
        let plain = r#"{"hint":"lane","tenant":"t"}"#;
        let read: AddressedWakeUp = serde_json::from_str(plain).unwrap();
        let lane = WakeUp::Lane(Lane::Connector("t".into()));
        assert_eq!((&read.wake_up, &read.bot, read.passed), (&lane, &None, 0));
        let ours = AddressedWakeUp {
            wake_up: lane.clone(),
            bot: Some(BotId::from("b")),
            passed: 2,
        };
        let text = serde_json::to_string(&ours).unwrap();
        assert_eq!(serde_json::from_str::<WakeUp>(&text).unwrap(), lane);
        assert_eq!(serde_json::from_str::<AddressedWakeUp>(&text).unwrap(), ours);
    }
}
