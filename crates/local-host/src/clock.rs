//! The wall clock that schedules follow, and one that follows tokio's time so that tests can pause it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// Longest single sleep: a wall clock that is set, or a machine that slept, is noticed after so long.
const LONGEST_NAP: Duration = Duration::from_secs(30);

/// Where the host takes the time from.
#[derive(Clone, Debug)]
pub struct Clock(ClockSource);

#[derive(Clone, Debug)]
enum ClockSource {
    System,
    Tokio { start: Timestamp, origin: Instant },
}

impl Clock {
    /// The system's wall clock.
    #[must_use]
    pub fn system() -> Self {
        Self(ClockSource::System)
    }

    /// A clock that shows `start` now and advances with `tokio::time`, also when that is paused. Must be
    /// made inside a tokio runtime.
    #[must_use]
    pub fn starting_at(start: Timestamp) -> Self {
        Self(ClockSource::Tokio {
            start,
            origin: Instant::now(),
        })
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            ClockSource::System => Timestamp::now(),
            ClockSource::Tokio { start, origin } => SignedDuration::try_from(origin.elapsed())
                .ok()
                .and_then(|elapsed| start.checked_add(elapsed).ok())
                .unwrap_or(Timestamp::MAX),
        }
    }

    /// Waits until the clock shows `time`.
    pub async fn sleep_until(&self, time: Timestamp) {
        loop {
            let left = time.duration_since(self.now());
            let Ok(left) = Duration::try_from(left) else {
                return;
            };
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(LONGEST_NAP)).await;
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}
