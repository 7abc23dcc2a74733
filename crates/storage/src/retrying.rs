//! A reference store for operators' commands: what can't be reached is tried again for minutes, with a line in the log. Not for the bot endpoint, where Teams waits for an answer.

use async_trait::async_trait;
use jiff::Timestamp;
use notify::{
    ids::{BotId, TenantId},
    person::PersonKey,
    ports::{
        Continuation, Expected, Listed, Page, ReferenceStore, Selection, StoreError, Stored, Version,
        WriteError,
    },
    target::{ReferenceRecord, TargetKey},
};
use std::{future::Future, time::Duration};

/// The first pause; each is twice the one before.
const FIRST: Duration = Duration::from_millis(500);
/// The longest pause.
const LONGEST: Duration = Duration::from_secs(15);
/// Tries of one operation: with the pauses, and the seconds that each try itself may take, some five minutes.
const TRIES: u32 = 16;

/// A store whose passing failures are tried again.
#[derive(Debug)]
pub struct Retrying<S>(S);

impl<S: ReferenceStore> Retrying<S> {
    /// Tries this store again.
    pub const fn new(store: S) -> Self {
        Self(store)
    }
}

/// A failure that may pass.
trait Passing: std::fmt::Display {
    fn passes(&self) -> bool;
}

impl Passing for StoreError {
    fn passes(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

impl Passing for WriteError {
    fn passes(&self) -> bool {
        matches!(self, Self::Store(error) if error.passes())
    }
}

async fn retried<T, E: Passing, F: Future<Output = Result<T, E>> + Send>(
    operation: impl Fn() -> F + Send + Sync,
) -> Result<T, E> {
    let mut pause = FIRST;
    for again in 1..TRIES {
        match operation().await {
            Err(error) if error.passes() => {
                tracing::warn!(%error, attempt = again, "the store is slow or away; waiting for it");
            }
            answer => return answer,
        }
        tokio::time::sleep(pause).await;
        pause = LONGEST.min(2 * pause);
    }
    operation().await
}

#[async_trait]
impl<S: ReferenceStore> ReferenceStore for Retrying<S> {
    async fn read(&self, key: &TargetKey) -> Result<Option<Stored>, StoreError> {
        retried(|| self.0.read(key)).await
    }

    // A repeated write that meets itself is recognised by the stores.
    async fn write(
        &self,
        key: &TargetKey,
        record: &ReferenceRecord,
        expected: &Expected,
    ) -> Result<Version, WriteError> {
        retried(|| self.0.write(key, record, expected)).await
    }

    async fn erase(&self, key: &TargetKey, version: &Version) -> Result<(), WriteError> {
        retried(|| self.0.erase(key, version)).await
    }

    async fn list(&self, selection: &Selection, from: Option<&Continuation>) -> Result<Page, StoreError> {
        retried(|| self.0.list(selection, from)).await
    }

    async fn find_person(
        &self,
        bot: &BotId,
        tenant: &TenantId,
        person: &PersonKey,
    ) -> Result<Vec<Listed>, StoreError> {
        retried(|| self.0.find_person(bot, tenant, person)).await
    }

    async fn purge_tombstones(&self, bot: &BotId, now: Timestamp, most: usize) -> Result<usize, StoreError> {
        retried(|| self.0.purge_tombstones(bot, now, most)).await
    }

    async fn tenants(&self, bot: &BotId) -> Result<Vec<TenantId>, StoreError> {
        retried(|| self.0.tenants(bot)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test(start_paused = true)]
    async fn passing_failures_are_tried_again_and_others_are_not() {
        let tries = AtomicU32::new(0);
        let slow = retried(|| async {
            match tries.fetch_add(1, Ordering::Relaxed) {
                0..5 => Err(StoreError::unavailable("no answer within 8s")),
                n => Ok(n),
            }
        });
        assert_eq!(slow.await.unwrap(), 5);

        let tries = AtomicU32::new(0);
        let refused = retried(|| async {
            tries.fetch_add(1, Ordering::Relaxed);
            Err::<(), _>(WriteError::Conflict)
        });
        assert!(matches!(refused.await, Err(WriteError::Conflict)));
        assert_eq!(tries.load(Ordering::Relaxed), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_stays_away_is_reported_in_the_end() {
        let begun = tokio::time::Instant::now();
        let away = retried(|| async { Err::<(), _>(StoreError::unavailable("away")) });
        assert!(matches!(away.await, Err(StoreError::Unavailable(_))));
        assert!((60..600).contains(&begun.elapsed().as_secs()));
    }
}
