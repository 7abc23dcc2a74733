//! A part that stands still: its work item goes.

use super::Context;
use crate::{
    ids::NotificationId,
    ports::{Read, ReadIf, StoreError, WriteError, WriteIf},
    store::notifications::{self, LoadError},
    worker::state::event::Left,
};

/// Deletes the work item of a stopped part; what fails is tried again as if it were new work.
pub(super) async fn retire(context: &Context, id: &NotificationId, work_item: &str) -> Left {
    forget(context, id, work_item).await.unwrap_or_else(|error| {
        tracing::warn!(notification_id = %id, %error, "the work item of a stopped part could not be deleted yet");
        Left::WorkItem
    })
}

/// Deletes the work item of a part that stands still. A resume clears the stop first and writes the work item then: a
/// work item that is still the version seen before the stop was seen is not a resume's.
pub(super) async fn forget(
    context: &Context,
    id: &NotificationId,
    work_item: &str,
) -> Result<Left, StoreError> {
    let objects = &*context.env.ports.objects;
    let seen = match objects.read(work_item, ReadIf::Any).await? {
        Read::Found(object) => object.etag,
        Read::Missing | Read::Unchanged => return Ok(Left::Nothing),
    };
    match notifications::load(objects, id).await {
        Ok((known, _)) if known.is_stopped_for(&context.lane).is_none() || known.is_called_off() => {
            return Ok(Left::WorkItem);
        }
        Ok(_) | Err(LoadError::Missing) => {}
        // A newer version's: it may have something to do.
        Err(LoadError::Record(_)) => return Ok(Left::WorkItem),
        Err(error) => return Err(crate::plan::as_store_error(error)),
    }
    match objects.delete(work_item, WriteIf::Version(seen)).await {
        Ok(()) => Ok(Left::Nothing),
        Err(WriteError::Conflict) => Ok(Left::WorkItem),
        Err(WriteError::Store(error)) => Err(error),
    }
}
