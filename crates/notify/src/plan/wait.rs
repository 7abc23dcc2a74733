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

/// When a planner that waits looks again.
pub(crate) const ASK_AGAIN: Duration = Duration::from_secs(2);
/// So long it asks itself; then the reconciler, each minute.
const IMPATIENT: SignedDuration = SignedDuration::from_secs(60);
/// Nothing is waited for longer: a window without outcomes has been claimed by another owner long since, or nobody is left to do it.
const PATIENCE: SignedDuration = SignedDuration::from_mins(30);

/// Whether a planner that waits looks again by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Soon {
    /// Within seconds.
    Yes,
    /// When the reconciler asks.
    No,
}

/// Whether a planner may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    /// What is under way is waited for.
    Left,
    /// What is known now is all.
    Over,
}

impl Planner<'_> {
    fn age(&self) -> SignedDuration {
        let now = self.ports.clock.wall();
        now.duration_since(self.notification.created_at)
    }

    pub(super) fn soon(&self) -> Soon {
        if self.age() < IMPATIENT {
            Soon::Yes
        } else {
            Soon::No
        }
    }

    pub(super) fn patience(&self) -> Patience {
        if self.age() < PATIENCE {
            Patience::Left
        } else {
            Patience::Over
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
