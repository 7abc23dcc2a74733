//! The clock of a real process, on tokio's time; with tokio's paused clock it is virtual.

use crate::ports::{Clock, Moment};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// Wall time of the operating system, monotonic time of tokio.
#[derive(Debug)]
pub struct SystemClock {
    origin: Instant,
    wall: Wall,
}

#[derive(Debug)]
enum Wall {
    System,
    Virtual(Timestamp),
}

impl SystemClock {
    /// The real clock. To be made inside a tokio runtime.
    #[must_use]
    pub fn new() -> Self {
        Self {
            origin: Instant::now(),
            wall: Wall::System,
        }
    }

    /// A clock whose wall time begins at `start` and follows tokio's time, for simulations with paused time.
    #[must_use]
    pub fn starting_at(start: Timestamp) -> Self {
        Self {
            origin: Instant::now(),
            wall: Wall::Virtual(start),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Clock for SystemClock {
    fn wall(&self) -> Timestamp {
        match self.wall {
            Wall::System => Timestamp::now(),
            Wall::Virtual(start) => SignedDuration::try_from(self.origin.elapsed())
                .ok()
                .and_then(|passed| start.checked_add(passed).ok())
                .unwrap_or(start),
        }
    }

    fn now(&self) -> Moment {
        Moment::at(self.origin.elapsed())
    }

    async fn sleep_until(&self, moment: Moment) {
        tokio::time::sleep_until(self.origin + moment.since_origin()).await;
    }
}
