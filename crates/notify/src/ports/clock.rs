//! Time. Wall time is for people and schedules; monotonic time is for everything that must be safe.

use async_trait::async_trait;
use jiff::Timestamp;
use std::time::Duration;

/// A point on this process's monotonic clock. Never compared between processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(Duration);

impl Moment {
    /// A moment so long after the clock's own origin.
    pub const fn at(since_origin: Duration) -> Self {
        Self(since_origin)
    }
    /// Time since the clock's own origin.
    pub const fn since_origin(self) -> Duration {
        self.0
    }
    /// This moment and so long after it.
    #[must_use]
    pub fn after(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(wait))
    }
    /// Time from an earlier moment to this one; zero if it is not earlier.
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

/// The clock of a process, real or simulated.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Wall time, UTC.
    fn wall(&self) -> Timestamp;
    /// Monotonic time.
    fn now(&self) -> Moment;
    /// Returns at the moment, at once if it has passed.
    async fn sleep_until(&self, moment: Moment);
}
