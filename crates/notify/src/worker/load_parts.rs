//! Claiming work: parts from work items, and the next chunks of parts.

use super::{
    event::{Event, PartKey},
    event_loop::{Phase, WorkItemState, Worker},
    finalize::{self, Left},
    lease_renewal::AGAIN,
    open_chunk::OpenChunk,
    part::{OpenState, Stage, StopState},
    recovery::{Claimer, Loaded, load_part, open_chunk},
};
use crate::{
    notification::Notification,
    ports::{Moment, StoreError},
    request::Priority,
    store::keys,
    store::notifications::{self, LoadError},
};
use std::collections::BTreeMap;
use tracing::Instrument as _;

/// Parts of one priority in memory at a time; the rest waits as work items.
const MOST_PARTS: usize = 32;
/// When so few fresh recipients are left, the next chunk is read.
const READ_AHEAD: usize = 1_500;

impl Worker {
    /// Loads parts from work items, the first by name first.
    pub(super) fn load_parts(&mut self, now: Moment) {
        // Every priority has its own room: an alert is not kept out by broadcasts.
        let mut taken: BTreeMap<Priority, usize> = BTreeMap::new();
        for part in self.parts.values() {
            *taken.entry(part.notification.priority).or_default() += 1;
        }
        let mut due_names = Vec::new();
        for (name, known) in &mut self.work_items {
            let segment = name.rsplit('/').next().unwrap_or(name);
            let priority = keys::parse_work_item(segment).map_or(Priority::Low, |(priority, _)| priority);
            let taken = taken.entry(priority).or_default();
            if *taken >= MOST_PARTS {
                continue;
            }
            let due = match known {
                WorkItemState::Waiting => true,
                WorkItemState::Again(at) => now >= *at,
                WorkItemState::Taken | WorkItemState::Quarantined => false,
            };
            if due {
                *known = WorkItemState::Taken;
                due_names.push(name.clone());
                *taken += 1;
            }
        }
        for work_item in due_names {
            self.side_jobs += 1;
            let claimer = self.claimer();
            self.work.push(Box::pin(async move {
                let result = load_part(&claimer, &work_item).await;
                let result = match result {
                    Ok(Loaded::Ended(id, sums)) => finalize::conclude(&claimer.env, &id, &sums, &work_item)
                        .instrument(finalize::span(&id))
                        .await
                        .map(|()| Loaded::Nothing(id)),
                    Ok(Loaded::Nothing(id)) => finalize::delete_work_item(&claimer.env.ports, &work_item)
                        .await
                        .map(|()| Loaded::Nothing(id)),
                    Ok(Loaded::Stopped(id)) => {
                        finalize::forget_stopped(&claimer.env, &claimer.tenant, &id, &work_item)
                            .await
                            .and_then(|left| match left {
                                Left::Nothing => Ok(Loaded::Nothing(id)),
                                Left::WorkItem => Err(StoreError::unavailable("it is being resumed")),
                            })
                    }
                    other => other,
                };
                Event::Loaded { work_item, result }
            }));
        }
    }

    pub(super) fn claimer(&self) -> Claimer {
        Claimer {
            env: self.env.clone(),
            tenant: self.tenant.clone(),
            owner: self.hold.owner.clone(),
        }
    }

    pub(super) fn loaded(&mut self, work_item: String, result: Result<Loaded, StoreError>, now: Moment) {
        self.side_jobs -= 1;
        self.loading = self.loading.saturating_sub(1);
        match result {
            Ok(Loaded::Part(part)) => {
                self.compose(self.next_part, &part);
                self.parts.insert(self.next_part, *part);
                self.next_part += 1;
            }
            Ok(Loaded::Ended(..) | Loaded::Nothing(_) | Loaded::Stopped(_)) => {
                self.work_items.remove(&work_item);
            }
            Ok(Loaded::Quarantined) => {
                self.work_items.insert(work_item, WorkItemState::Quarantined);
            }
            Err(error) => {
                tracing::warn!(work_item, %error, "a part could not be claimed yet");
                let known = match error {
                    StoreError::Damaged(_) => WorkItemState::Quarantined,
                    _ => WorkItemState::Again(now.after(AGAIN)),
                };
                self.work_items.insert(work_item, known);
            }
        }
    }

    /// The change signal changed: a loaded part may have been cancelled, or resumed.
    pub(super) fn refresh_parts(&mut self, now: Moment) {
        let working = self.parts.iter().filter(|(_, part)| part.stage == Stage::Working);
        for key in working.map(|(key, _)| *key).collect::<Vec<_>>() {
            self.refresh_part(key, now);
        }
    }

    pub(super) fn refresh_part(&mut self, key: PartKey, now: Moment) {
        let Some(part) = self.parts.get(&key) else {
            return;
        };
        let (id, env) = (part.id().clone(), self.env.clone());
        self.work.push(Box::pin(async move {
            let result = match notifications::load(&*env.ports.objects, &id).await {
                Ok((notification, _)) => Ok(Some(Box::new(notification))),
                Err(LoadError::Missing) => Ok(None),
                Err(error) => Err(crate::plan::as_store_error(error)),
            };
            Event::Refreshed {
                part: key,
                asked: now,
                result,
            }
        }));
    }

    pub(super) fn refreshed(
        &mut self,
        key: PartKey,
        asked: Moment,
        result: Result<Option<Box<Notification>>, StoreError>,
    ) {
        match result {
            Ok(Some(notification)) => {
                let Some(part) = self.parts.get_mut(&key) else {
                    return;
                };
                match part.stopping {
                    // Asked before the stop was stored: it says nothing of what came after.
                    StopState::Stored(at) if asked < at => return,
                    StopState::Stored(_) if notification.is_stopped_for(&self.tenant).is_none() => {
                        part.stopping = StopState::NotRequested;
                        part.refusals = 0;
                    }
                    _ => {}
                }
                part.notification = notification;
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "a notification could not be read again; the next change signal asks once more");
                // Ask again with the next change signal.
                self.change_signal = None;
            }
        }
    }

    pub(super) fn open_chunks(&mut self, now: Moment) {
        if self.phase != Phase::Working {
            return;
        }
        let mut opened = Vec::new();
        for (key, part) in &mut self.parts {
            let soon = part.open.last().is_none_or(|last| last.fresh() < READ_AHEAD);
            let stopped = part.stopping != StopState::NotRequested;
            if soon && !stopped && part.stage == Stage::Working && part.may_open(now) {
                part.opening = OpenState::UnderWay;
                opened.push((*key, part.notification.clone(), part.next_chunk, part.next_base()));
            }
        }
        for (key, notification, number, base) in opened {
            let claimer = self.claimer();
            self.work.push(Box::pin(async move {
                let result = open_chunk(&claimer, &notification, number, base).await;
                Event::ChunkOpened {
                    part: key,
                    number,
                    result: Box::new(result),
                }
            }));
        }
    }

    pub(super) fn chunk_opened(
        &mut self,
        key: PartKey,
        number: u32,
        result: Result<OpenChunk, StoreError>,
        now: Moment,
    ) {
        let Some(part) = self.parts.get_mut(&key) else {
            return;
        };
        match result {
            Ok(chunk) => {
                part.opening = OpenState::Idle;
                part.base = chunk.base;
                part.next_chunk = number + 1;
                part.open.push(chunk);
            }
            Err(error) => {
                tracing::warn!(notification_id = %part.id(), number, %error, "an audience chunk could not be opened yet");
                part.opening = OpenState::RetryAt(now.after(AGAIN));
            }
        }
    }
}
