//! Parts that stand still: they are resumed, or left to a newer version. What is intended comes back, and what is open is
//! written; then they leave memory.

use super::{
    Now, State, Unlisted,
    chunk::AppendState,
    effect::Effect,
    event::PartKey,
    part::{Mode, OpenState, Part, Stage},
};
use jiff::Timestamp;
use std::collections::{BTreeSet, VecDeque};

impl State {
    /// Takes back what stopped parts intended and did not post: it is certain.
    pub(super) fn hold_back_stopped(&mut self, now: Now) {
        let parts = self.parts.iter();
        let stopped: BTreeSet<PartKey> = parts
            .filter(|(_, part)| part.mode(&self.lane, now.wall) == Mode::Stopped)
            .map(|(key, _)| *key)
            .collect();
        if stopped.is_empty() {
            return;
        }
        let mut ready = VecDeque::with_capacity(self.windows.ready.len());
        for slot in std::mem::take(&mut self.windows.ready) {
            match stopped.contains(&slot.part) {
                true => self.return_slot(&slot, now.at, now),
                false => ready.push_back(slot),
            }
        }
        self.windows.ready = ready;
    }

    /// Removes stopped parts from memory once nothing of them is open; their work items go, a resume writes new ones.
    pub(super) fn retire_stopped(&mut self, wall: Timestamp) {
        let lane = &self.lane;
        let quiet = |part: &Part| {
            let still = part.open.iter().all(|chunk| {
                chunk.active == 0 && !chunk.has_unwritten() && chunk.appending == AppendState::Idle
            });
            still
                && part.mode(lane, wall) == Mode::Stopped
                && part.opening != OpenState::UnderWay
                && part.stage == Stage::Working
        };
        let retired = self.parts.extract_if(.., |_, part| quiet(part));
        for (_, part) in retired {
            if part.is_unlisted() {
                self.unlisted = Unlisted::Left;
            }
            self.work_items.job_began();
            self.effects.push(Effect::Retire {
                id: part.notification.id,
                work_item: part.work_item,
            });
        }
    }
}
