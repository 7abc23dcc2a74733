//! Ending recipients without an attempt (cancelled, expired, superseded, no message to send).

use super::{
    Now, State,
    chunk::{AppendState, End, RowState},
    event::PartKey,
    part::{Mode, Stage},
    windows::pre_resolved,
};
use crate::outcome::Outcome;

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
                Mode::Superseded => Some((*key, Outcome::Skipped, "superseded")),
                Mode::Expired => Some((*key, Outcome::Skipped, "expired")),
                Mode::Unsendable(code) => Some((*key, Outcome::Rejected, code)),
                Mode::Sending | Mode::Stopped | Mode::NotReady => None,
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
}
