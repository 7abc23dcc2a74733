//! A notification stands still: the store learns of it, and the work item of its part goes.

use super::Context;
use crate::{
    env::Env,
    ids::NotificationId,
    notification::{Stop, StopReason},
    plan::keep_as_stopped,
    ports::{Read, ReadIf, StoreError, WriteError, WriteIf},
    store::notifications::{self, Edit, Known, LoadError},
    worker::state::event::{Left, Stored},
};
use jiff::Timestamp;
use std::time::Duration;

/// Between two attempts at a store that is away.
const AGAIN: Duration = Duration::from_secs(1);

/// Stores that a notification is stopped, however long that takes. Returns it as it is stored.
pub(super) async fn store(env: &Env, id: &NotificationId, reason: StopReason) -> Stored {
    let clock = &env.ports.clock;
    let at = clock.wall();
    loop {
        if let Err(error) = keep_as_stopped(env, id).await {
            tracing::warn!(notification_id = %id, %error, "a stopped notification could not be listed as such");
        }
        match try_to_store(env, id, reason, at).await {
            Ok((notification, version)) => {
                return Stored {
                    notification: Box::new(notification),
                    version,
                };
            }
            Err(error) => {
                tracing::warn!(notification_id = %id, %error, "a stop could not be stored yet");
                clock.sleep_until(clock.now().after(AGAIN)).await;
            }
        }
    }
}

async fn try_to_store(
    env: &Env,
    id: &NotificationId,
    reason: StopReason,
    at: Timestamp,
) -> Result<Known, LoadError> {
    let objects = &*env.ports.objects;
    let known = notifications::load(objects, id).await?;
    notifications::change_known(objects, id, known, |notification| {
        let known = notification.stops.iter().any(|stop| stop.tenant.is_none());
        if known || notification.is_over() {
            return Edit::LeaveAsIs;
        }
        notification.stops.push(Stop {
            tenant: None,
            reason,
            at,
        });
        Edit::Write
    })
    .await
}

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
        Ok((known, _)) if known.is_stopped_for(&context.lane).is_none() || known.cancelled_at.is_some() => {
            return Ok(Left::WorkItem);
        }
        Ok(_) | Err(LoadError::Missing) => {}
        Err(error) => return Err(crate::plan::as_store_error(error)),
    }
    match objects.delete(work_item, WriteIf::Version(seen)).await {
        Ok(()) => Ok(Left::Nothing),
        Err(WriteError::Conflict) => Ok(Left::WorkItem),
        Err(WriteError::Store(error)) => Err(error),
    }
}
