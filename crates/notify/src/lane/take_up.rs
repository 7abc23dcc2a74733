//! Taking up work: parts from markers, and the next chunks of parts.

use super::{
    chunk::OpenChunk,
    event::{Event, PartKey},
    finish::{self, Left},
    load::{Loaded, Taker, load_part, open_chunk},
    part::{Opening, Stage, Stopping},
    run::{Lane, Marker, Phase},
    upkeep::AGAIN,
};
use crate::{
    names,
    notification::Notification,
    ports::{Moment, StoreError},
    request::Priority,
    stored::{self, LoadError},
};
use std::collections::BTreeMap;

/// Parts of one priority in memory at a time; the rest waits as markers.
const MOST_PARTS: usize = 32;
/// So few fresh recipients left, and the next chunk is read.
const READ_AHEAD: usize = 1_500;

impl Lane {
    /// Loads parts from markers, the first by name first.
    pub(super) fn load_parts(&mut self, now: Moment) {
        // Every priority has its own room: an alert is not kept out by broadcasts.
        let mut taken: BTreeMap<Priority, usize> = BTreeMap::new();
        for part in self.parts.values() {
            *taken.entry(part.notification.priority).or_default() += 1;
        }
        let mut due_names = Vec::new();
        for (name, known) in &mut self.markers {
            let segment = name.rsplit('/').next().unwrap_or(name);
            let priority = names::parse_marker(segment).map_or(Priority::Low, |(priority, _)| priority);
            let taken = taken.entry(priority).or_default();
            if *taken >= MOST_PARTS {
                continue;
            }
            let due = match known {
                Marker::Waiting => true,
                Marker::Again(at) => now >= *at,
                Marker::Taken | Marker::Parked => false,
            };
            if due {
                *known = Marker::Taken;
                due_names.push(name.clone());
                *taken += 1;
            }
        }
        for marker in due_names {
            self.side_jobs += 1;
            let taker = self.taker();
            self.work.push(Box::pin(async move {
                let result = load_part(&taker, &marker).await;
                let result = match result {
                    Ok(Loaded::Ended(id)) => finish::conclude(&taker.env, &id, &marker)
                        .await
                        .map(|()| Loaded::Nothing(id)),
                    Ok(Loaded::Nothing(id)) => finish::forget_marker(&taker.env.ports, &marker)
                        .await
                        .map(|()| Loaded::Nothing(id)),
                    Ok(Loaded::Stopped(id)) => {
                        finish::forget_stopped(&taker.env, &taker.tenant, &id, &marker)
                            .await
                            .and_then(|left| match left {
                                Left::Nothing => Ok(Loaded::Nothing(id)),
                                Left::Marker => Err(StoreError::unavailable("it is being resumed")),
                            })
                    }
                    other => other,
                };
                Event::Loaded { marker, result }
            }));
        }
    }

    pub(super) fn taker(&self) -> Taker {
        Taker {
            env: self.env.clone(),
            tenant: self.tenant.clone(),
            holder: self.hold.holder.clone(),
        }
    }

    pub(super) fn loaded(&mut self, marker: String, result: Result<Loaded, StoreError>, now: Moment) {
        self.side_jobs -= 1;
        self.loading = self.loading.saturating_sub(1);
        match result {
            Ok(Loaded::Part(part)) => {
                self.compose(self.next_part, &part);
                self.parts.insert(self.next_part, *part);
                self.next_part += 1;
            }
            Ok(Loaded::Ended(_) | Loaded::Nothing(_) | Loaded::Stopped(_)) => {
                self.markers.remove(&marker);
            }
            Ok(Loaded::Parked) => {
                self.markers.insert(marker, Marker::Parked);
            }
            Err(error) => {
                tracing::warn!(marker, %error, "a part could not be taken up yet");
                let known = match error {
                    StoreError::Damaged(_) => Marker::Parked,
                    _ => Marker::Again(now.after(AGAIN)),
                };
                self.markers.insert(marker, known);
            }
        }
    }

    /// The bell rang: a loaded part may have been cancelled, or resumed.
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
            let result = match stored::load(&*env.ports.objects, &id).await {
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
                    Stopping::Stored(at) if asked < at => return,
                    Stopping::Stored(_) if notification.is_stopped_for(&self.tenant).is_none() => {
                        part.stopping = Stopping::No;
                        part.refusals = 0;
                    }
                    _ => {}
                }
                part.notification = notification;
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "a notification could not be read again");
                // Ask again with the next bell.
                self.bell = None;
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
            let stopped = part.stopping != Stopping::No;
            if soon && !stopped && part.stage == Stage::Working && part.may_open(now) {
                part.opening = Opening::Yes;
                opened.push((*key, part.notification.clone(), part.next_chunk, part.next_base()));
            }
        }
        for (key, notification, number, base) in opened {
            let taker = self.taker();
            self.work.push(Box::pin(async move {
                let result = open_chunk(&taker, &notification, number, base).await;
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
                part.opening = Opening::No;
                part.base = chunk.base;
                part.next_chunk = number + 1;
                part.open.push(chunk);
            }
            Err(error) => {
                tracing::warn!(notification = %part.id(), number, %error, "an audience chunk could not be opened yet");
                part.opening = Opening::Again(now.after(AGAIN));
            }
        }
    }
}
