//! A manual clock: it advances when a test says so, and a sleep advances it at once.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use notify::ports::{Clock, Moment};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

/// Begins at 2026-01-01T00:00:00Z.
pub(crate) struct TestClock(Mutex<Duration>);

impl TestClock {
    pub(crate) const START: i64 = 1_767_225_600;

    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Duration::ZERO)))
    }

    pub(crate) fn advance(&self, seconds: u64) {
        *self.0.lock().unwrap() += Duration::from_secs(seconds);
    }
}

#[async_trait]
impl Clock for TestClock {
    fn wall(&self) -> Timestamp {
        let start = Timestamp::from_second(Self::START).unwrap();
        start + SignedDuration::try_from(*self.0.lock().unwrap()).unwrap()
    }

    fn now(&self) -> Moment {
        Moment::at(*self.0.lock().unwrap())
    }

    async fn sleep_until(&self, moment: Moment) {
        let mut now = self.0.lock().unwrap();
        *now = (*now).max(moment.since_origin());
    }
}
