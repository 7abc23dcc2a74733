//! Retention: finished notifications, their ledgers and reports go after their time, a bounded number a run.

use super::NotificationService;
use crate::{
    ids::NotificationId,
    persons,
    ports::{ObjectStore, StoreError, WriteError, WriteIf},
    store::audience::entries,
    store::keys,
    store::notifications::{self, LoadError},
};
use futures::{FutureExt, StreamExt, TryStreamExt, future::BoxFuture, stream};
use jiff::{SignedDuration, Timestamp};

/// Deletions at a time.
const AT_ONCE: usize = 16;

/// What a retention run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RetentionRun {
    /// Notifications that are gone.
    pub notifications: u32,
    /// Blobs that are gone with them.
    pub blobs: u32,
}

/// Tombstones that one run erases at most.
const PURGE_BATCH: usize = 1_000;

impl NotificationService {
    /// Erases remembered removals whose time is over; says how many. Reads the listing of all references.
    ///
    /// # Errors
    /// When the store fails; the next run goes on.
    pub async fn purge_tombstones(&self) -> Result<usize, StoreError> {
        let now = self.env.ports.clock.wall();
        let (ports, bot) = (&self.env.ports, &self.env.settings.bot);
        let records = persons::forget_removals(&*ports.objects, bot, now, PURGE_BATCH).await?;
        let tombstones = ports.references.purge_tombstones(bot, now, PURGE_BATCH).await?;
        Ok(records + tombstones)
    }

    /// Deletes what is older than the retention, oldest first, at most `limit` notifications.
    ///
    /// # Errors
    /// When the store fails; the next run goes on.
    pub async fn run_retention(&self, limit: u32) -> Result<RetentionRun, StoreError> {
        let objects = &*self.env.ports.objects;
        let prefix = keys::timeline(&self.env.settings.bot);
        let page = objects.list(&prefix, None, limit.clamp(1, 1_000)).await?;
        let mut kept = RetentionRun::default();
        for entry in page.entries {
            let rest = entry.name.strip_prefix(&prefix).unwrap_or_default();
            let Some((stamp, id)) = rest.split_once('-') else {
                continue;
            };
            if !self.is_outlived(stamp.parse().ok()) {
                break;
            }
            let id = NotificationId::from(id);
            let outlived = match notifications::load(objects, &id).await {
                Ok((notification, _)) => notification
                    .finished_at
                    .is_some_and(|at| self.is_outlived(Some(at.as_millisecond()))),
                Err(LoadError::Missing) => true,
                Err(LoadError::Record(_)) => false,
                Err(LoadError::Store(error)) => return Err(error),
            };
            if !outlived {
                continue;
            }
            kept.blobs += self.erase(&id).await?;
            kept.notifications += 1;
            let _ = objects.delete(&entry.name, WriteIf::Any).await;
        }
        Ok(kept)
    }

    fn is_outlived(&self, at: Option<i64>) -> bool {
        let retention = SignedDuration::try_from(self.env.settings.retention).unwrap_or(SignedDuration::MAX);
        let at = at.and_then(|ms| Timestamp::from_millisecond(ms).ok());
        at.is_some_and(|at| self.env.ports.clock.wall().duration_since(at) >= retention)
    }

    /// Deletes everything of a notification, its record last: until then it can be found again.
    async fn erase(&self, id: &NotificationId) -> Result<u32, StoreError> {
        let objects = &*self.env.ports.objects;
        let record = keys::notification(id);
        let names: Vec<String> = entries(objects, &keys::notification_prefix(id))
            .await?
            .into_iter()
            .map(|entry| entry.name)
            .filter(|name| *name != record)
            .collect();
        let count = u32::try_from(names.len()).unwrap_or(u32::MAX);
        let deletions: Vec<BoxFuture<'_, Result<(), StoreError>>> = names
            .into_iter()
            .map(|name| delete(objects, name).boxed())
            .collect();
        stream::iter(deletions)
            .buffer_unordered(AT_ONCE)
            .try_collect::<()>()
            .await?;
        delete(objects, record).await?;
        Ok(count + 1)
    }
}

async fn delete(objects: &dyn ObjectStore, name: String) -> Result<(), StoreError> {
    match objects.delete(&name, WriteIf::Any).await {
        Ok(()) | Err(WriteError::Conflict) => Ok(()),
        Err(WriteError::Store(error)) => Err(error),
    }
}
