//! The end of a part: its sums, the notification's end, and the work item, in this order, so that after a crash in
//! between whoever follows the work item completes it.

use super::{Context, marks};
use crate::{
    ending::{self, EndedBy},
    env::Env,
    ids::NotificationId,
    lane::Lane,
    notification::{Notification, PlannedPart},
    plan::as_store_error,
    ports::{Ports, StoreError, WriteError, WriteIf},
    status::done_sums,
    store::audience,
    store::keys,
    store::ledger::{StoredSums, Sums},
    store::notifications::{Edit, Known, LoadError},
    store::record::{Versioned, encode},
    store::timeline,
    worker::state::{Marks, WorkItem, event::Stored},
};
use serde::Serialize;
use std::collections::BTreeMap;

/// The span of ending a part of a notification.
pub(super) fn span(id: &NotificationId) -> tracing::Span {
    tracing::error_span!("finish", notification_id = %id)
}

/// Writes the end of a part.
pub(super) async fn end_part(
    context: &Context,
    stored: Stored,
    work_item: &WorkItem,
    marks: Marks,
    sums: &Sums,
) -> Result<(), StoreError> {
    let env = &context.env;
    marks::write(context, &stored.notification, marks, sums).await?;
    let parts = stored
        .notification
        .plan
        .as_ref()
        .map_or(0, |plan| plan.parts.len());
    // The end of the only part is the notification's. Where no work item leads to the part, nobody looks for more: a
    // status counts by the ledger.
    if parts != 1 || *work_item != WorkItem::None {
        write_done(&env.ports, &stored.notification, &context.lane, sums).await?;
    }
    conclude(env, stored, sums, work_item).await
}

/// What follows a part's end: the notification's, if it was the last, and the work item. `sums` are the part's.
pub(super) async fn conclude(
    env: &Env,
    stored: Stored,
    sums: &Sums,
    work_item: &WorkItem,
) -> Result<(), StoreError> {
    let known = (*stored.notification, stored.version);
    if let EndState::Ended(end) = finish_notification(env, known, sums).await? {
        env.note_progress(&end.notification);
        env.finished(&end.notification.id);
        enter_end(env, &end, work_item).await?;
    }
    match work_item {
        WorkItem::Stored(name) => delete_work_item(&env.ports, name).await,
        WorkItem::None => Ok(()),
    }
}

/// Completes the notification's entry in the list. Where no work item was written, no entry was: this is the one.
async fn enter_end(env: &Env, end: &TheEnd, work_item: &WorkItem) -> Result<(), StoreError> {
    let TheEnd {
        notification,
        sums,
        by,
    } = end;
    match (by, work_item) {
        (EndedBy::This, WorkItem::Stored(_)) => {
            timeline::complete(&env.ports, notification, sums).await;
            Ok(())
        }
        (EndedBy::This, WorkItem::None) => timeline::enter_end(&env.ports, notification, sums).await,
        (EndedBy::Other, WorkItem::Stored(_)) => Ok(()),
        (EndedBy::Other, WorkItem::None) => timeline::enter(&env.ports, notification).await,
    }
}

pub(super) async fn delete_work_item(ports: &Ports, work_item: &str) -> Result<(), StoreError> {
    match ports.objects.delete(work_item, WriteIf::Any).await {
        Ok(()) | Err(WriteError::Conflict) => Ok(()),
        Err(WriteError::Store(error)) => Err(error),
    }
}

#[derive(Serialize)]
struct Done {
    sums: StoredSums,
}

async fn write_done(
    ports: &Ports,
    notification: &Notification,
    lane: &Lane,
    sums: &Sums,
) -> Result<(), StoreError> {
    let sums = StoredSums::new(*sums, notification.version);
    let body = encode(&Versioned::new(notification.version, Done { sums }))?;
    // Also in the metadata: a status reads it from the listing.
    let text = serde_json::to_string(&sums).map_err(|error| StoreError::Refused(error.to_string()))?;
    let metadata = BTreeMap::from([("sums".to_owned(), text)]);
    let name = keys::done(&notification.id, lane);
    match ports.objects.write(&name, body, &metadata, WriteIf::Absent).await {
        Ok(_) | Err(WriteError::Conflict) => Ok(()),
        Err(WriteError::Store(error)) => Err(error),
    }
}

/// Whether a notification is at its end.
enum EndState {
    Ended(Box<TheEnd>),
    Open,
}

/// A notification that has ended.
struct TheEnd {
    notification: Notification,
    sums: Sums,
    by: EndedBy,
}

/// Sets a notification's end when all its parts are done. One of them is, with these sums. It is read again only if
/// somebody else has written since.
async fn finish_notification(env: &Env, known: Known, sums: &Sums) -> Result<EndState, StoreError> {
    let id = known.0.id.clone();
    let parts = match &known.0.plan {
        Some(plan) => &plan.parts,
        None => return Ok(EndState::Open),
    };
    let sums = match parts.len() {
        ..=1 => *sums,
        _ => match sums_of_all(&env.ports, &id, parts).await? {
            Some(sums) => sums,
            None => return Ok(EndState::Open),
        },
    };
    let written = ending::write(env, known, |notification, at| {
        if notification.is_over() {
            return Edit::LeaveAsIs;
        }
        notification.finished_at = Some(at);
        Edit::Write
    });
    match written.await {
        Ok((notification, by)) => {
            if by == EndedBy::This {
                ending::log(&notification, &sums);
            }
            Ok(EndState::Ended(Box::new(TheEnd {
                notification,
                sums,
                by,
            })))
        }
        // Outlived, or erased: there is nothing to end.
        Err(LoadError::Missing) => Ok(EndState::Open),
        Err(error) => Err(as_store_error(error)),
    }
}

/// The sums of all parts by one listing; `None` unless all have ended.
async fn sums_of_all(
    ports: &Ports,
    id: &NotificationId,
    parts: &[PlannedPart],
) -> Result<Option<Sums>, StoreError> {
    let objects = &*ports.objects;
    let entries = audience::entries(objects, &keys::notification_prefix(id)).await?;
    let mut all = Sums::default();
    for part in parts {
        let name = keys::done(id, &part.lane());
        let Some(done) = entries.iter().find(|entry| entry.name == name) else {
            return Ok(None);
        };
        all.merge(&done_sums(objects, done).await?.unwrap_or_default());
    }
    Ok(Some(all))
}
