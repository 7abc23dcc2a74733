//! The parts in memory: added, refreshed, their chunks opened, ended, and removed where they stand still.

use super::{
    AGAIN, Phase, State,
    changes::{self, ReadingEnd},
    chunk::OpenChunk,
    effect::Effect,
    event::{Contents, PartKey, Stored},
    part::{Known, Message, OpenState, Part, Stage},
};
use crate::{
    content::{Composed, ContentError},
    ports::{Moment, StoreError},
};
use std::sync::Arc;

/// When so few fresh recipients are left, the next chunk is read.
const READ_AHEAD: usize = 1_500;

impl State {
    pub(super) fn add_part(&mut self, part: Part) {
        if matches!(part.message, Message::Composing) {
            self.effects.push(Effect::Compose {
                part: self.next_part,
                notification: part.notification.clone(),
            });
        }
        self.parts.insert(self.next_part, part);
        self.next_part += 1;
    }

    /// A part was claimed. What its claim has read may be from before a change that the others know of.
    pub(super) fn add_claimed(&mut self, mut part: Part, read: changes::Claimed) {
        let key = self.next_part;
        if read == changes::Claimed::BeforeAChange {
            part.known = Known::BeforeAChange;
        }
        self.add_part(part);
        if read == changes::Claimed::BeforeAChange {
            self.refresh_part(key);
            self.changes.reading_began();
        }
    }

    pub(super) fn composed(&mut self, key: PartKey, result: Result<Arc<dyn Composed>, ContentError>) {
        let Some(part) = self.parts.get_mut(&key) else {
            return;
        };
        part.message = match result {
            Ok(message) => Message::Composed(message),
            Err(error) => {
                tracing::warn!(notification_id = %part.id(), code = error.code(), "the message can't be made");
                Message::Unsendable(error.code())
            }
        };
    }

    pub(super) fn contents_made(
        &mut self,
        key: PartKey,
        number: u32,
        contents: Contents,
        unmade: &[u32],
        now: super::Now,
    ) {
        if let Some(chunk) = self.parts.get_mut(&key).and_then(|part| part.chunk(number)) {
            chunk.take_made(contents, now);
            chunk.take_unmade(unmade, now.at);
        }
    }

    /// The change signal changed: a part may have been cancelled, or resumed.
    pub(super) fn refresh_parts(&mut self) {
        let working = self.parts.iter().filter(|(_, part)| part.stage == Stage::Working);
        let keys: Vec<PartKey> = working.map(|(key, _)| *key).collect();
        self.changes.readings_began(keys.len());
        keys.into_iter().for_each(|key| self.refresh_part(key));
    }

    fn refresh_part(&mut self, key: PartKey) {
        if let Some(part) = self.parts.get(&key) {
            let id = part.id().clone();
            self.work_items.job_began();
            self.effects.push(Effect::Refresh { part: key, id });
        }
    }

    pub(super) fn refreshed(&mut self, key: PartKey, result: Result<Option<Stored>, StoreError>) {
        self.work_items.job_ended();
        let end = match &result {
            Ok(_) | Err(StoreError::Damaged(_)) => ReadingEnd::Read,
            Err(_) => ReadingEnd::Failed,
        };
        self.changes.reading_ended(end);
        match result {
            Ok(Some(stored)) => {
                if let Some(part) = self.parts.get_mut(&key) {
                    part.update(stored);
                }
            }
            Ok(None) => {}
            Err(error @ StoreError::Damaged(_)) => {
                if let Some(part) = self.parts.get_mut(&key) {
                    tracing::error!(notification_id = %part.id(), %error, "a notification is quarantined: nothing more of it is sent by this version");
                    part.known = Known::Unreadable;
                }
            }
            Err(error) => {
                tracing::warn!(%error, "a notification could not be read again; the next change signal asks once more");
                self.work_items.forget_signal();
                self.work_items.forget_listing();
            }
        }
    }

    pub(super) fn open_chunks(&mut self, now: Moment) {
        if self.phase != Phase::Working {
            return;
        }
        for (key, part) in &mut self.parts {
            let soon = part.open.last().is_none_or(|last| last.fresh() < READ_AHEAD);
            if soon && part.stage == Stage::Working && part.may_open(now) {
                part.opening = OpenState::UnderWay;
                self.effects.push(Effect::OpenChunk {
                    part: *key,
                    notification: part.notification.clone(),
                    number: part.next_chunk,
                    base: part.next_base(),
                });
            }
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
            Ok(chunk) => part.opened(chunk),
            Err(error) => {
                tracing::warn!(notification_id = %part.id(), number, %error, "an audience chunk could not be opened yet");
                part.opening = OpenState::RetryAt(now.after(AGAIN));
            }
        }
    }

    /// Starts the ends of parts that are done.
    pub(super) fn end_parts(&mut self, now: Moment) {
        for (key, part) in &mut self.parts {
            part.close_chunks();
            let ready = match part.stage {
                Stage::Working => part.is_done(),
                Stage::Ending => false,
                Stage::EndAgain(at) => now >= at,
            };
            if ready {
                part.stage = Stage::Ending;
                part.ended_unlisted = part.is_unlisted();
                self.effects.push(Effect::EndPart {
                    part: *key,
                    stored: part.stored(),
                    work_item: part.stored_work_item(),
                    marks: part.marks,
                    sums: part.sums(),
                });
            }
        }
    }

    /// The end of a part was written, or is tried again.
    pub(super) fn part_ended(&mut self, key: PartKey, result: Result<(), StoreError>, now: Moment) {
        match result {
            Ok(()) => {
                if let Some(part) = self.parts.remove(&key) {
                    match part.ended_unlisted && !part.is_unlisted() {
                        true => self.work_items.wait_again(part.work_item),
                        false => self.work_items.remove(&part.work_item),
                    }
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
}
