//! Whether what is known of the notifications is what is stored. Whoever pauses, cancels or edits one changes the lane's
//! signal after that is stored; where the signal, or what it stands for, can't be read, nothing is posted until it can.

use crate::ports::Moment;
use std::{collections::BTreeMap, time::Duration};

/// What is known is believed for so long, as with opt-outs: a pause holds for every post that begins more than five
/// seconds after it was confirmed.
const BELIEVED: Duration = Duration::from_secs(3);

/// What is known of changes to the notifications in memory.
pub(super) struct KnownChanges {
    /// What was changed before this is known.
    as_of: Option<Moment>,
    /// When the reading of the signal began that was asked for last.
    signal_asked: Moment,
    /// What was changed before this is known when the round under way is over.
    round: Round,
    /// Rounds of readings that have begun.
    rounds: u64,
    /// Readings under way.
    readings: usize,
    /// Parts that are being claimed, with the rounds that had begun before.
    claims: BTreeMap<String, u64>,
}

/// One round: the work items are listed, then every notification in memory is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Round {
    Over,
    /// The work items are being listed.
    Listing(Moment),
    /// The notifications are being read.
    Reading(Moment),
    /// A reading failed: it has to begin again.
    Failed,
}

impl KnownChanges {
    /// Nothing is known yet.
    pub(super) fn new(now: Moment) -> Self {
        Self {
            as_of: None,
            signal_asked: now,
            round: Round::Over,
            rounds: 0,
            readings: 0,
            claims: BTreeMap::new(),
        }
    }

    /// The only part was planned a moment ago.
    pub(super) fn of_fresh_part(planned: Moment) -> Self {
        Self {
            as_of: Some(planned),
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
        if self.round == Round::Over && self.readings == 0 {
            self.as_of = self.as_of.max(Some(self.signal_asked));
        }
    }

    /// Something changed: a round begins.
    pub(super) fn round_began(&mut self) {
        self.round = Round::Listing(self.signal_asked);
    }

    /// The work items are listed, and so many notifications are read again.
    pub(super) fn readings_began(&mut self, readings: usize) {
        self.rounds += 1;
        self.readings += readings;
        if let Round::Listing(began) = self.round {
            self.round = Round::Reading(began);
        }
        self.consider_the_end();
    }

    /// One more notification is read.
    pub(super) fn reading_began(&mut self) {
        self.readings += 1;
    }

    /// A notification was read, or that failed.
    pub(super) fn reading_ended(&mut self, end: ReadingEnd) {
        self.readings = self.readings.saturating_sub(1);
        if end == ReadingEnd::Failed {
            self.round = Round::Failed;
        }
        self.consider_the_end();
    }

    /// The round can't be finished: the signal is read anew.
    pub(super) fn round_failed(&mut self) {
        self.round = Round::Failed;
    }

    fn consider_the_end(&mut self) {
        if let Round::Reading(began) = self.round
            && self.readings == 0
        {
            self.as_of = self.as_of.max(Some(began));
            self.round = Round::Over;
        }
    }

    /// A part is being claimed: its notification is read from now on.
    pub(super) fn claim_began(&mut self, work_item: &str) {
        self.claims.insert(work_item.to_owned(), self.rounds);
    }

    /// The claim has ended; whether what it read is still what is known of the others.
    pub(super) fn claim_ended(&mut self, work_item: &str) -> Claimed {
        match self.claims.remove(work_item) {
            Some(before) if before != self.rounds => Claimed::BeforeAChange,
            _ => Claimed::Current,
        }
    }
}

/// How a reading of a notification ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReadingEnd {
    Read,
    Failed,
}

/// What a claim has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claimed {
    /// The others in memory were not read again since.
    Current,
    /// They were: it has to be read again, too.
    BeforeAChange,
}
