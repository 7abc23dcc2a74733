//! Wake-up hints: losing one delays, doubling one is harmless.

use crate::ids::{NotificationId, TenantId};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What to look at. Versioned on the wire by its tag; an unknown tag is acknowledged and logged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "hint")]
#[non_exhaustive]
pub enum Hint {
    /// A notification waits for its audience to be planned.
    Plan {
        /// Which one.
        notification: NotificationId,
    },
    /// A lane may have work.
    Lane {
        /// Whose lane.
        tenant: TenantId,
    },
}

/// The queue that carries hints.
#[async_trait]
pub trait Hints: Send + Sync {
    /// Sends a hint, visible after `delay`. A failure is logged by the implementation and never fails the caller:
    /// the reconciler hints again.
    async fn send(&self, hint: Hint, delay: Duration);
}
