//! Claiming a part: what its work item stands for, and what earlier owners left in its ledgers.

use super::{Context, chunks, finish, stop};
use crate::{
    ids::NotificationId,
    plan::as_store_error,
    ports::StoreError,
    status::done_sums,
    store::audience,
    store::keys,
    store::ledger::Sums,
    store::notifications::{self, LoadError},
    worker::state::{
        Part, WorkItem,
        event::{Claimed, Left, Stored},
    },
};
use tracing::Instrument as _;

/// Reads the part that a work item stands for; brings what has ended to its end.
pub(super) async fn claim(context: &Context, work_item: &str) -> Result<Claimed, StoreError> {
    let segment = work_item.rsplit('/').next().unwrap_or(work_item);
    let Some((_, id)) = keys::parse_work_item(segment) else {
        tracing::warn!(work_item, "a work item has an unknown form and is left alone");
        return Ok(Claimed::Quarantined);
    };
    let env = &context.env;
    let objects = &*env.ports.objects;
    let prefix = keys::part_prefix(&id, &context.lane);
    let (notification, entries) = futures::join!(
        notifications::load(objects, &id),
        audience::entries(objects, &prefix)
    );
    let (notification, version) = match notification {
        Ok(known) => known,
        Err(LoadError::Missing) => {
            finish::delete_work_item(&env.ports, work_item).await?;
            return Ok(Claimed::Nothing);
        }
        Err(LoadError::Record(error)) => {
            tracing::error!(notification_id = %id, %error, "a notification is quarantined");
            return Ok(Claimed::Quarantined);
        }
        Err(LoadError::Store(error)) => return Err(error),
    };
    let plan = notification.plan.as_ref();
    let planned = plan.and_then(|plan| plan.part(&context.lane));
    let Some(planned) = planned.filter(|_| !notification.is_over()) else {
        finish::delete_work_item(&env.ports, work_item).await?;
        return Ok(Claimed::Nothing);
    };
    let chunks = planned.chunks;
    let entries = entries?;
    let done = keys::done(&id, &context.lane);
    if let Some(done) = entries.iter().find(|entry| entry.name == done) {
        let sums = done_sums(objects, done).await?.unwrap_or_default();
        let stored = Stored {
            notification: Box::new(notification),
            version,
        };
        let work_item = WorkItem::Stored(work_item.to_owned());
        finish::conclude(env, stored, &sums, &work_item)
            .instrument(finish::span(&id))
            .await?;
        return Ok(Claimed::Nothing);
    }
    let expired = env.ports.clock.wall() >= notification.expires_at;
    let goes_on = notification.is_called_off() || expired;
    if notification.is_stopped_for(&context.lane).is_some() && !goes_on {
        return match stop::forget(context, &id, work_item).await? {
            Left::Nothing => Ok(Claimed::Nothing),
            Left::WorkItem => Err(StoreError::unavailable("it is being resumed")),
        };
    }
    let prefix = format!("{prefix}ledger/");
    let written = entries
        .iter()
        .filter(|entry| entry.name.starts_with(&prefix) && entry.length > 0)
        .count();
    let written = u32::try_from(written).unwrap_or(u32::MAX);
    let stored = Stored {
        notification: Box::new(notification),
        version,
    };
    let mut part = Part::new(work_item.to_owned(), stored, chunks);
    if written > 0 {
        part = part.begun_by_others();
    }
    for number in written.saturating_sub(2)..written {
        part.opened(chunks::open(context, part.notification(), number, Sums::default()).await?);
    }
    part.close_chunks();
    Ok(Claimed::Part(Box::new(part)))
}

/// Reads a notification again; `None` when it is gone.
pub(super) async fn reload(context: &Context, id: &NotificationId) -> Result<Option<Stored>, StoreError> {
    match notifications::load(&*context.env.ports.objects, id).await {
        Ok((notification, version)) => Ok(Some(Stored {
            notification: Box::new(notification),
            version,
        })),
        Err(LoadError::Missing) => Ok(None),
        Err(error) => Err(as_store_error(error)),
    }
}
