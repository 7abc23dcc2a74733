//! The suites over memory, and that the checking layer has teeth.

use super::*;
use crate::{memory::MemoryObjects, references::ObjectReferences};
use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use notify::ports::{Clock, Moment, StoreError, WriteError, WriteIf};
use std::{collections::BTreeMap, sync::LazyLock};

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

#[tokio::test]
async fn the_checking_layer_refuses_what_the_emulator_lets_pass() {
    let below = memory();
    let store = Checked::new(below);
    let metadata = BTreeMap::from([("a".to_owned(), "x".repeat(8_192))]);
    let answer = store.write("m", Bytes::new(), &metadata, WriteIf::Any).await;
    assert!(
        matches!(answer, Err(WriteError::Store(StoreError::Refused(_)))),
        "{answer:?}"
    );
    assert_eq!(store.requests(), Requests::default(), "nothing was sent");
}
