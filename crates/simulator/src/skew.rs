//! A process's own wall clock: off by something, and able to jump. Its monotonic time is everyone's.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use notify::ports::{Clock, Moment};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// A clock whose wall time is off.
pub struct SkewedClock {
    inner: Arc<dyn Clock>,
    milliseconds: AtomicI64,
}

impl SkewedClock {
    /// A clock that is right so far.
    pub fn new(inner: Arc<dyn Clock>) -> Self {
        Self {
            inner,
            milliseconds: AtomicI64::new(0),
        }
    }

    /// From now on it is off by so many milliseconds.
    pub fn set_off_by(&self, milliseconds: i64) {
        self.milliseconds.store(milliseconds, Ordering::Relaxed);
    }
}

#[async_trait]
impl Clock for SkewedClock {
    fn wall(&self) -> Timestamp {
        let off = SignedDuration::from_millis(self.milliseconds.load(Ordering::Relaxed));
        let wall = self.inner.wall();
        wall.checked_add(off).unwrap_or(wall)
    }
    fn now(&self) -> Moment {
        self.inner.now()
    }
    async fn sleep_until(&self, moment: Moment) {
        self.inner.sleep_until(moment).await;
    }
}
