//! What an edit or a recall waits for: posts of its parent that are under way, and operations asked for before it.

use super::Planner;
use crate::{
    ids::NotificationId,
    notification::Notification,
    ports::StoreError,
    store::notifications::{self, LoadError},
};
use jiff::SignedDuration;
use std::time::Duration;

/// Between two checks of a planner that waits.
pub(crate) const ASK_AGAIN: Duration = Duration::from_secs(2);
/// How long it checks by itself; after that the reconciler does, once a minute.
const OWN_CHECKS: SignedDuration = SignedDuration::from_secs(60);
/// Longest wait: by then a window without outcomes has been claimed by another owner, or no owner is left.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(30);

/// Who checks again whether a planner may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextCheck {
    /// The planner, within seconds.
    ByPlanner,
    /// The reconciler, which runs once a minute.
    ByReconciler,
}

/// Whether a planner may still wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WaitLimit {
    /// It waits for what is under way.
    WithinLimit,
    /// It goes on with what is known now.
    LimitReached,
}

impl Planner<'_> {
    fn age(&self) -> SignedDuration {
        let now = self.ports.clock.wall();
        now.duration_since(self.notification.created_at)
    }

    pub(super) fn next_check(&self) -> NextCheck {
        if self.age() < OWN_CHECKS {
            NextCheck::ByPlanner
        } else {
            NextCheck::ByReconciler
        }
    }

    pub(super) fn wait_limit(&self) -> WaitLimit {
        if self.age() < LONGEST_WAIT {
            WaitLimit::WithinLimit
        } else {
            WaitLimit::LimitReached
        }
    }

    /// Whether an operation that was asked for before this one has not come to its end: the last one asked for must be
    /// the last to reach Teams. One that stands still is not waited for; it is not resumed either.
    pub(super) async fn follows_another(&self, parent: &Notification) -> Result<bool, StoreError> {
        let own: &NotificationId = &self.notification.id;
        for earlier in parent
            .operations
            .iter()
            .take_while(|operation| operation.id != *own)
        {
            match notifications::load(&*self.ports.objects, &earlier.id).await {
                Ok((child, _)) if child.is_over() => {}
                Ok((child, _)) if !child.stops.is_empty() && child.cancelled_at.is_none() => {}
                Ok(_) => return Ok(true),
                // Never stored, outlived, or another version's.
                Err(LoadError::Missing | LoadError::Record(_)) => {}
                Err(LoadError::Store(error)) => return Err(error),
            }
        }
        Ok(false)
    }
}
