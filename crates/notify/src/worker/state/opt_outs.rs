//! Who wants no notifications any more, as far as this owner knows. Whoever opts out changes the lane's signal, so what was
//! read holds as long as the signal is the same; where the signal can't be read, nothing is posted until it can.

use super::{
    AGAIN, State,
    chunk::End,
    effect::Effect,
    event::{Call, Slot},
};
use crate::{
    outcome::Outcome,
    persons::OptOuts,
    ports::{Moment, StoreError},
};
use std::time::Duration;

/// What is known is believed for so long: an opt-out holds for every post that begins more than five seconds after it was
/// confirmed.
/// A call may wait for a token before it is made.
const BELIEVED: Duration = Duration::from_secs(3);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// What is known belongs to the signal that was read last. Before the first reading nothing is known.
    Current,
    /// To be read from then on.
    Due(Moment),
    Running,
    /// The signal changed while it was read.
    RunningAndDue,
}

/// What is known of opt-outs.
pub(super) struct KnownOptOuts {
    known: OptOuts,
    /// Whoever opted out before this is in `known`.
    as_of: Option<Moment>,
    reading: Reading,
    /// When the reading of the signal that is under way began.
    signal_asked: Moment,
}

impl KnownOptOuts {
    /// Nothing is known yet.
    pub(super) fn new(now: Moment) -> Self {
        Self {
            known: OptOuts::default(),
            as_of: None,
            reading: Reading::Current,
            signal_asked: now,
        }
    }

    /// The only part was planned a moment ago, and the rows of who had opted out by then say so.
    pub(super) fn of_fresh_part(planned: Moment) -> Self {
        Self {
            as_of: Some(planned),
            // Believed as it is, and not longer: what the signal stands for was not read here.
            reading: Reading::Due(planned.after(BELIEVED)),
            ..Self::new(planned)
        }
    }

    /// Whether what is known can be relied on now.
    pub(super) fn are_current(&self, now: Moment) -> bool {
        self.as_of.is_some_and(|as_of| now.since(as_of) <= BELIEVED)
    }

    /// The signal is being read.
    pub(super) fn signal_asked(&mut self, now: Moment) {
        self.signal_asked = now;
    }

    /// The signal is as it was: so is what it stands for.
    pub(super) fn signal_unchanged(&mut self) {
        if self.reading == Reading::Current && self.as_of.is_some() {
            self.as_of = self.as_of.max(Some(self.signal_asked));
        }
    }

    /// Something changed: they are read again.
    pub(super) fn are_outdated(&mut self) {
        self.reading = match self.reading {
            Reading::Running | Reading::RunningAndDue => Reading::RunningAndDue,
            Reading::Current | Reading::Due(_) => Reading::Due(self.signal_asked),
        };
    }
}

impl State {
    /// Whether what is known of opt-outs and of the notifications can be relied on now: nothing is posted otherwise.
    pub(super) fn knows_enough(&self, now: Moment) -> bool {
        self.opt_outs.are_current(now) && self.changes.are_current(now)
    }

    pub(super) fn read_opt_outs(&mut self, now: Moment) {
        if let Reading::Due(due) = self.opt_outs.reading
            && due <= now
        {
            self.opt_outs.reading = Reading::Running;
            self.effects.push(Effect::ReadOptOuts);
        }
    }

    pub(super) fn opt_outs_read(
        &mut self,
        started: Moment,
        result: Result<OptOuts, StoreError>,
        now: Moment,
    ) {
        let opt_outs = &mut self.opt_outs;
        let again = opt_outs.reading == Reading::RunningAndDue;
        match result {
            Ok(known) => {
                opt_outs.known = known;
                opt_outs.as_of = Some(started);
                opt_outs.reading = match again {
                    true => Reading::Due(now),
                    false => Reading::Current,
                };
            }
            Err(error) => {
                tracing::warn!(%error, "who opted out could not be read yet");
                opt_outs.reading = Reading::Due(now.after(AGAIN));
            }
        }
    }

    /// The end of a slot whose person opted out since they were planned; `None` for anybody else.
    pub(super) fn opted_out(&mut self, slot: &Slot) -> Option<End> {
        let new_message = matches!(slot.call, Call::Post | Call::Open);
        if !new_message || !self.opt_outs.known.include(&slot.recipient) {
            return None;
        }
        let part = self.parts.get_mut(&slot.part);
        let row = part.and_then(|part| part.chunk(slot.chunk)?.row(slot.n));
        // An earlier post may have arrived.
        let outcome = match row.is_some_and(|row| row.ambiguous_attempts > 0) {
            true => Outcome::Uncertain,
            false => Outcome::Skipped,
        };
        Some(End::plain(outcome, "opted-out"))
    }
}
