//! The suites over memory.

use super::*;
use crate::{
    memory::{MemoryObjects, MemoryReferences},
    references::ObjectReferences,
};
use async_trait::async_trait;
use jiff::Timestamp;
use notify::ports::{Clock, Moment};
use std::sync::LazyLock;

/// Tokio's clock, which tests can pause and advance.
pub(super) struct TestClock;

static ORIGIN: LazyLock<std::time::Instant> = LazyLock::new(std::time::Instant::now);

#[async_trait]
impl Clock for TestClock {
    fn wall(&self) -> Timestamp {
        Timestamp::now()
    }
    fn now(&self) -> Moment {
        let now = tokio::time::Instant::now().into_std();
        Moment::at(now.saturating_duration_since(*ORIGIN))
    }
    async fn sleep_until(&self, moment: Moment) {
        tokio::time::sleep(moment.since(self.now())).await;
    }
}

#[tokio::test(start_paused = true)]
async fn memory_keeps_objects() {
    let make = || -> Arc<dyn ObjectStore> { Arc::new(MemoryObjects::new(Arc::new(TestClock))) };
    objects(&make, &|length| Box::pin(tokio::time::advance(length))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_keeps_references() {
    references(&|| Arc::new(ObjectReferences::new(memory()))).await;
    assert_eq!(many_objects(memory(), 100_000).await, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_keeps_references_as_records() {
    references(&|| Arc::new(MemoryReferences::default())).await;
    references(&|| {
        let short = MemoryReferences::default();
        short.shorten_pages(3);
        Arc::new(short)
    })
    .await;
    assert_eq!(
        many_references(Arc::new(MemoryReferences::default()), 10_001, 16).await,
        3
    );
}

#[tokio::test]
async fn memory_takes_fifty_thousand_appends() {
    most_appends(memory()).await;
}
