//! Ending recipients without an attempt (cancelled, expired, no message to send), and stopping a part.

use super::{
    Now, State,
    chunk::{AppendState, End, RowState},
    effect::Effect,
    event::{PartKey, Stored},
    part::{Mode, Stage, StopState},
    windows::pre_resolved,
};
use crate::{notification::StopReason, outcome::Outcome, ports::Moment};

impl State {
    /// Ends what is left of parts that are no longer sent.
    pub(super) fn cancel_in_bulk(&mut self, now: Now) {
        let lane = self.lane.clone();
        let cancelled_in_bulk: Vec<(PartKey, Outcome, &'static str)> = self
            .parts
            .iter()
            .filter(|(_, part)| part.stage == Stage::Working)
            .filter_map(|(key, part)| match part.mode(&lane, now.wall) {
                Mode::Cancelled => Some((*key, Outcome::Cancelled, "cancelled")),
                Mode::Expired => Some((*key, Outcome::Skipped, "expired")),
                Mode::Unsendable(code) => Some((*key, Outcome::Rejected, code)),
                Mode::Sending | Mode::Stopped | Mode::Composing => None,
            })
            .collect();
        for (key, outcome, code) in cancelled_in_bulk {
            self.cancel_part(key, outcome, code, now);
        }
    }

    fn cancel_part(&mut self, key: PartKey, outcome: Outcome, code: &'static str, now: Now) {
        // Intended but not posted, and now never: certain.
        self.windows.ready.retain(|slot| slot.part != key);
        let Some(part) = self.parts.get_mut(&key) else {
            return;
        };
        part.held.clear();
        for chunk in part
            .open
            .iter_mut()
            .filter(|chunk| chunk.appending == AppendState::Idle)
        {
            let mut plain = Vec::new();
            for index in 0..chunk.rows.len() {
                let row = &chunk.rows[index];
                let n = row.recipient.n;
                match (row.state, row.recipient.settled) {
                    (RowState::Settled | RowState::Posting, _) => {}
                    (_, Some(reason)) => chunk.settle(n, pre_resolved(reason), now),
                    // A message that may have arrived is not "not attempted".
                    (_, None) if row.ambiguous_attempts > 0 => {
                        chunk.settle(n, End::plain(Outcome::Uncertain, code), now);
                    }
                    (_, None) => plain.push(n),
                }
            }
            chunk.cursor = chunk.rows.len();
            chunk.made.clear();
            if !plain.is_empty() {
                chunk.cancel_in_bulk(&mut plain, outcome, code, now);
            }
        }
    }

    /// Stops a part: nothing more is posted for it, nothing is lost, it can be resumed.
    pub(super) fn stop_part(&mut self, key: PartKey, reason: StopReason, now: Now) {
        let slots: Vec<_> = std::mem::take(&mut self.windows.ready).into();
        for slot in slots {
            if slot.part == key {
                self.return_slot(&slot, now.at, now);
            } else {
                self.windows.ready.push_back(slot);
            }
        }
        let Some(part) = self.parts.get_mut(&key) else {
            return;
        };
        if part.stopping != StopState::NotRequested {
            return;
        }
        part.stopping = StopState::Requested;
        part.held.clear();
        tracing::error!(notification_id = %part.id(), reason = reason.public_message(), "a notification is stopped");
        let id = part.id().clone();
        self.effects.push(Effect::Stop {
            part: key,
            id,
            reason,
        });
    }

    /// The store knows of a stop. A resume may have come right after it, and its change signal may have been read before.
    pub(super) fn stopped(&mut self, key: PartKey, stored: Stored, now: Moment) {
        if let Some(part) = self.parts.get_mut(&key) {
            part.update(stored);
            part.stopping = StopState::Stored(now);
            self.refresh_part(key);
        }
    }
}
