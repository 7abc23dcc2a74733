//! Reading and changing `notification.json`, always by ETag.

use crate::{
    ids::NotificationId,
    notification::Notification,
    ports::{Etag, ObjectStore, Read, ReadIf, StoreError, WriteError, WriteIf},
    store::keys,
    store::record::RecordError,
};
use std::collections::BTreeMap;

/// Attempts at a contended record; each lost one means that another writer made progress.
const ATTEMPTS: u32 = 50;

/// A notification as it is stored, with its version.
pub(crate) type Known = (Notification, Etag);

/// Why a stored notification could not be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    #[error("there is no such notification")]
    Missing,
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads a notification with its version.
pub(crate) async fn load(objects: &dyn ObjectStore, id: &NotificationId) -> Result<Known, LoadError> {
    match objects.read(&keys::notification(id), ReadIf::Any).await? {
        Read::Found(object) => Ok((Notification::from_bytes(&object.body)?, object.etag)),
        Read::Missing | Read::Unchanged => Err(LoadError::Missing),
    }
}

/// Changes a notification until the change holds; `change` says `false` when there is nothing to change.
/// Returns what is stored afterwards.
pub(crate) async fn change(
    objects: &dyn ObjectStore,
    id: &NotificationId,
    change: impl FnMut(&mut Notification) -> Edit,
) -> Result<Notification, LoadError> {
    let known = load(objects, id).await?;
    let (notification, _) = change_known(objects, id, known, change).await?;
    Ok(notification)
}

/// The same for a notification that was read before: it is read again only if someone else has written since.
pub(crate) async fn change_known(
    objects: &dyn ObjectStore,
    id: &NotificationId,
    known: Known,
    mut change: impl FnMut(&mut Notification) -> Edit,
) -> Result<Known, LoadError> {
    let mut known = Some(known);
    for _ in 0..ATTEMPTS {
        let (mut notification, etag) = match known.take() {
            Some(known) => known,
            None => load(objects, id).await?,
        };
        if change(&mut notification) == Edit::LeaveAsIs {
            return Ok((notification, etag));
        }
        let body = notification.to_bytes()?;
        let written = objects
            .write(
                &keys::notification(id),
                body,
                &BTreeMap::new(),
                WriteIf::Version(etag),
            )
            .await;
        match written {
            Ok(etag) => return Ok((notification, etag)),
            // Another writer, or our own write whose reply was lost: look again.
            Err(WriteError::Conflict) => {}
            Err(WriteError::Store(error)) => return Err(error.into()),
        }
    }
    Err(StoreError::unavailable("the notification stayed contended").into())
}

/// What a change made of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edit {
    /// It is different and has to be written.
    Write,
    /// There is nothing to change.
    LeaveAsIs,
}
