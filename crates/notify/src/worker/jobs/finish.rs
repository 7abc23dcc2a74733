//! The end of a part: its sums, the notification's end, and the work item, in this order, so that after a crash in
//! between whoever follows the work item completes it.

use super::Context;
use crate::{
    ending::{self, EndedBy},
    env::Env,
    ids::{NotificationId, TenantId},
    notification::{Notification, PlannedPart},
    ports::{Ports, StoreError, WriteError, WriteIf},
    status::done_sums,
    store::audience,
    store::keys,
    store::ledger::{StoredSums, Sums},
    store::notifications::{self, Edit, LoadError},
    store::record::{Versioned, encode},
    store::timeline,
};
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc};

/// The span of ending a part of a notification.
pub(super) fn span(id: &NotificationId) -> tracing::Span {
    tracing::error_span!("finish", notification_id = %id)
}

/// Writes the end of a part.
pub(super) async fn end_part(
    context: &Context,
    notification: &Notification,
    work_item: &str,
    sums: &Sums,
) -> Result<(), StoreError> {
    let env = &context.env;
    write_done(&env.ports, notification, &context.tenant, sums).await?;
    conclude(env, &notification.id, sums, work_item).await
}

/// What follows a part's end: the notification's, if it was the last, and the work item. `sums` are the part's.
pub(super) async fn conclude(
    env: &Arc<Env>,
    id: &NotificationId,
    sums: &Sums,
    work_item: &str,
) -> Result<(), StoreError> {
    if finish_notification(env, id, sums).await? == EndState::Ended {
        env.finished(id);
    }
    delete_work_item(&env.ports, work_item).await
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
    tenant: &TenantId,
    sums: &Sums,
) -> Result<(), StoreError> {
    let sums = StoredSums::new(*sums, notification.version);
    let body = encode(&Versioned::new(notification.version, Done { sums }))?;
    // Also in the metadata: a status reads it from the listing.
    let text = serde_json::to_string(&sums).map_err(|error| StoreError::Refused(error.to_string()))?;
    let metadata = BTreeMap::from([("sums".to_owned(), text)]);
    let name = keys::done(&notification.id, tenant);
    match ports.objects.write(&name, body, &metadata, WriteIf::Absent).await {
        Ok(_) | Err(WriteError::Conflict) => Ok(()),
        Err(WriteError::Store(error)) => Err(error),
    }
}

/// Whether a notification is at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum EndState {
    Ended,
    Open,
}

/// Sets a notification's end when all its parts are done. One of them is, with these sums.
async fn finish_notification(env: &Env, id: &NotificationId, sums: &Sums) -> Result<EndState, StoreError> {
    let objects = &*env.ports.objects;
    let known = match notifications::load(objects, id).await {
        Ok(known) => known,
        Err(LoadError::Missing) => return Ok(EndState::Ended),
        Err(error) => return Err(crate::plan::as_store_error(error)),
    };
    // Over, but perhaps by a write of ours whose reply was lost.
    if known.0.is_over() && !env.ends.has(id) {
        return Ok(EndState::Ended);
    }
    let Some(plan) = &known.0.plan else {
        return Ok(EndState::Open);
    };
    let sums = match plan.parts.len() {
        ..=1 => *sums,
        _ => match sums_of_all(&env.ports, id, &plan.parts).await? {
            Some(sums) => sums,
            None => return Ok(EndState::Open),
        },
    };
    let (notification, ended_by) = ending::write(env, known, |notification, at| {
        if notification.is_over() {
            return Edit::LeaveAsIs;
        }
        notification.finished_at = Some(at);
        Edit::Write
    })
    .await
    .map_err(crate::plan::as_store_error)?;
    if ended_by == EndedBy::This {
        ending::log(&notification, &sums);
        timeline::enter_end(&env.ports, &notification, &sums).await;
    }
    Ok(EndState::Ended)
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
        let name = keys::done(id, &part.tenant);
        let Some(done) = entries.iter().find(|entry| entry.name == name) else {
            return Ok(None);
        };
        all.merge(&done_sums(objects, done).await?.unwrap_or_default());
    }
    Ok(Some(all))
}
