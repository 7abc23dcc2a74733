//! The end of a part: its sums, the notification's end, and the work item, in this order, so that after a crash in
//! between whoever follows the work item completes it.

use super::{
    event::{Event, PartKey},
    event_loop::{Phase, WorkItemState, Worker},
    open_chunk::AppendState,
    part::{Part, Stage, StopState},
};
use crate::{
    ending::{self, EndedBy},
    env::Env,
    ids::{NotificationId, TenantId},
    notification::{Notification, PlannedPart},
    ports::{Moment, Ports, Read, ReadIf, StoreError, WriteError, WriteIf},
    status::done_sums,
    store::audience,
    store::keys,
    store::ledger::{StoredSums, Sums},
    store::notifications::{self, Edit, LoadError},
    store::record::{Versioned, encode},
    store::timeline,
    worker::reference_updates,
};
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tracing::Instrument as _;

const AGAIN: Duration = Duration::from_secs(1);

impl Worker {
    /// Starts the ends of parts that are done.
    pub(super) fn end_parts(&mut self, now: Moment) {
        let mut ends = Vec::new();
        for (key, part) in &mut self.parts {
            part.close_chunks();
            let ready = match part.stage {
                Stage::Working => part.is_done(),
                Stage::Ending => false,
                Stage::EndAgain(at) => now >= at,
            };
            if ready {
                part.stage = Stage::Ending;
                ends.push((
                    *key,
                    part.notification.clone(),
                    part.work_item.clone(),
                    part.sums(),
                ));
            }
        }
        for (key, notification, work_item, sums) in ends {
            let env = self.env.clone();
            let tenant = self.tenant.clone();
            self.work.push(Box::pin(async move {
                let result = end_part(&env, &notification, &tenant, &work_item, &sums)
                    .instrument(span(&notification.id))
                    .await;
                Event::PartEnded { part: key, result }
            }));
        }
    }

    /// The end of a part was written, or is tried again.
    pub(super) fn part_ended(&mut self, key: u32, result: Result<(), StoreError>, now: Moment) {
        match result {
            Ok(()) => {
                if let Some(part) = self.parts.remove(&key) {
                    self.work_items.remove(&part.work_item);
                }
            }
            Err(error) => {
                if let Some(part) = self.parts.get_mut(&key) {
                    tracing::warn!(notification_id = %part.id(), %error, "a part's end could not be written yet");
                    part.stage = Stage::EndAgain(now.after(AGAIN));
                }
            }
        }
    }

    /// Removes stopped parts from memory once nothing of them is open; their work items go, a resume writes new ones.
    pub(super) fn retire_stopped(&mut self) {
        let tenant = &self.tenant;
        let quiet = |part: &Part| {
            let still = part.open.iter().all(|chunk| {
                chunk.active == 0 && !chunk.has_buffer() && chunk.appending == AppendState::Idle
            });
            still
                && part.notification.is_stopped_for(tenant).is_some()
                && part.notification.cancelled_at.is_none()
                && part.stopping != StopState::Requested
                && part.opening != super::part::OpenState::UnderWay
                && part.stage == Stage::Working
        };
        let wall = self.env.ports.clock.wall();
        let retired: Vec<u32> = self
            .parts
            .iter()
            .filter(|(_, part)| quiet(part) && wall < part.notification.expires_at)
            .map(|(key, _)| *key)
            .collect();
        for key in retired {
            if let Some(part) = self.parts.remove(&key) {
                self.side_jobs += 1;
                let (env, tenant) = (self.env.clone(), self.tenant.clone());
                self.work.push(Box::pin(async move {
                    let (id, work_item) = (part.notification.id, part.work_item);
                    let left = forget_stopped(&env, &tenant, &id, &work_item).await;
                    let left = left.unwrap_or_else(|error| {
                        tracing::warn!(notification_id = %id, %error, "the work item of a stopped part could not be deleted yet");
                        Left::WorkItem
                    });
                    Event::Retired { work_item, left }
                }));
            }
        }
    }

    /// A stopped part was removed from memory; one that was resumed meanwhile is claimed anew.
    pub(super) fn retired(&mut self, work_item: String, left: Left) {
        self.side_jobs -= 1;
        match left {
            Left::Nothing => drop(self.work_items.remove(&work_item)),
            Left::WorkItem => drop(self.work_items.insert(work_item, WorkItemState::Waiting)),
        }
    }

    /// Whether everything that was begun is written.
    pub(super) fn is_quiet(&self) -> bool {
        self.in_flight == 0
            && self.keeping == 0
            && self.parts.values().all(|part| {
                part.stage != Stage::Ending
                    && part
                        .open
                        .iter()
                        .all(|chunk| chunk.appending == AppendState::Idle && !chunk.has_buffer())
            })
    }

    /// Stores reference updates, a few at a time.
    pub(super) fn apply_reference_updates(&mut self) {
        while self.keeping < 16 && self.phase != Phase::Lost {
            let Some((part, recipient, update)) = self.reference_updates.pop_front() else {
                return;
            };
            self.keeping += 1;
            let env = self.env.clone();
            self.work.push(Box::pin(async move {
                reference_updates::apply_reference_update(&env.ports, &env.settings, &recipient, &update)
                    .await;
                Event::Kept { part }
            }));
        }
    }

    pub(super) fn kept(&mut self, part: PartKey) {
        self.keeping = self.keeping.saturating_sub(1);
        if let Some(part) = self.parts.get_mut(&part) {
            part.reference_updates = part.reference_updates.saturating_sub(1);
        }
    }
}

/// The span of ending a part of a notification.
pub(super) fn span(id: &NotificationId) -> tracing::Span {
    tracing::error_span!("finish", notification_id = %id)
}

async fn end_part(
    env: &Arc<Env>,
    notification: &Notification,
    tenant: &TenantId,
    work_item: &str,
    sums: &Sums,
) -> Result<(), StoreError> {
    write_done(&env.ports, notification, tenant, sums).await?;
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

/// What is left of a stopped part in its lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    Nothing,
    /// Its work item: it goes on.
    WorkItem,
}

/// Deletes the work item of a part that stands still. A resume clears the stop first and writes the work item then: a
/// work item that is still the version seen before the stop was seen is not a resume's.
pub(super) async fn forget_stopped(
    env: &Env,
    tenant: &TenantId,
    id: &NotificationId,
    work_item: &str,
) -> Result<Left, StoreError> {
    let objects = &*env.ports.objects;
    let seen = match objects.read(work_item, ReadIf::Any).await? {
        Read::Found(object) => object.etag,
        Read::Missing | Read::Unchanged => return Ok(Left::Nothing),
    };
    match notifications::load(objects, id).await {
        Ok((known, _)) if known.is_stopped_for(tenant).is_none() || known.cancelled_at.is_some() => {
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
