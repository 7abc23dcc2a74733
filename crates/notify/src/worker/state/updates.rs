//! Reference updates that wait to be stored, a few at a time.

use super::{
    Phase, State,
    effect::{Effect, ReferenceUpdate},
    event::{PartKey, Slot},
};
use crate::recipient::Recipient;
use std::{collections::VecDeque, sync::Arc};

/// With more of them waiting, windows wait.
const MANY: usize = 2_000;
/// Stored at a time.
const AT_ONCE: usize = 16;

#[derive(Default)]
pub(super) struct Updates {
    waiting: VecDeque<(PartKey, Arc<Recipient>, ReferenceUpdate)>,
    under_way: usize,
}

impl Updates {
    pub(super) fn are_many(&self) -> bool {
        self.waiting.len() > MANY
    }

    /// Whether none is being stored.
    pub(super) fn is_quiet(&self) -> bool {
        self.under_way == 0
    }
}

impl State {
    pub(super) fn update_reference(&mut self, slot: &Slot, update: ReferenceUpdate) {
        if let Some(part) = self.parts.get_mut(&slot.part) {
            part.reference_updates += 1;
        }
        let waiting = &mut self.updates.waiting;
        waiting.push_back((slot.part, slot.recipient.clone(), update));
    }

    pub(super) fn apply_reference_updates(&mut self) {
        while self.updates.under_way < AT_ONCE && self.phase != Phase::Lost {
            let Some((part, recipient, update)) = self.updates.waiting.pop_front() else {
                return;
            };
            self.updates.under_way += 1;
            self.effects.push(Effect::UpdateReference {
                part,
                recipient,
                update,
            });
        }
    }

    pub(super) fn reference_updated(&mut self, part: PartKey) {
        self.updates.under_way = self.updates.under_way.saturating_sub(1);
        if let Some(part) = self.parts.get_mut(&part) {
            part.reference_updates = part.reference_updates.saturating_sub(1);
        }
    }
}
