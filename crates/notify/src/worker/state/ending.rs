//! The end of a slice: the note that this owner is ending, a second without posts, and what is handed over.

use super::{
    Now, Phase, State,
    chunk::{AppendState, OpenChunk},
    noting::{AfterNote, Noted},
    part::{Mode, OpenState, Part, Stage},
};
use crate::{
    evidence::Waiting,
    ports::Moment,
    rate_limiter::Snapshot,
    store::lease_note::{OwnerState, SignalVersion},
};
use std::time::Duration;

/// No clocks are compared between owners: each leaves a second without posts at its end.
const SILENCE: Duration = Duration::from_millis(1_005);
/// What must wait longer than this is not worth holding the lane for.
const LONG_WAIT: Duration = Duration::from_secs(20);
/// The successor is woken so long before the end.
const NOTICE: Duration = Duration::from_secs(10);
/// Slices shorter than this end without the note.
const NOTICED: Duration = Duration::from_secs(25);
/// Answers are waited for at most so long at the end.
const LAST_ANSWERS: Duration = Duration::from_secs(12);

/// What an owner leaves.
pub(in crate::worker) struct Release {
    pub(in crate::worker) ownership: Ownership,
    /// How long all that is left must wait, when that is long.
    pub(in crate::worker) wait: Option<Duration>,
    /// What the next owner's rate limiter must know.
    pub(in crate::worker) rate_limiter: Snapshot,
    /// Work items that this owner can't read.
    pub(in crate::worker) quarantined: Vec<String>,
    /// What the lane waits for.
    pub(in crate::worker) waiting: Option<Waiting>,
    /// What is known to be left, if the change signal is still this version.
    pub(in crate::worker) left: LeftAt,
    pub(in crate::worker) unlisted: Unlisted,
    pub(in crate::worker) noted: Noted,
}

/// Whether parts are left that no work item stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::worker) enum Unlisted {
    None,
    Left,
}

/// What an owner leaves in its lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::worker) enum LeftAt {
    /// It doesn't know.
    Unknown,
    /// Nothing at this version of the change signal.
    Nothing(SignalVersion),
    /// Work, at this version.
    Work(SignalVersion),
}

/// Whether the lane was this owner's to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::worker) enum Ownership {
    Held,
    Lost,
}

impl State {
    /// Moves on to the end when it is time for it.
    pub(super) fn consider_the_end(&mut self, now: Now) {
        match self.phase {
            Phase::Working => {
                if now.at >= self.slice.end {
                    self.begin_closing(now);
                } else if self.is_time_for_notice(now.at) {
                    self.give_notice(now);
                } else if self.long_wait(now).is_some() {
                    self.begin_closing(now);
                } else if self.is_idle() && self.is_silent(now.at) {
                    self.phase = Phase::Over;
                }
            }
            Phase::Closing { since } => {
                let quiet = self.is_quiet() && self.is_silent(now.at);
                if quiet || now.at.since(since) > LAST_ANSWERS {
                    self.phase = Phase::Over;
                }
            }
            Phase::Lost | Phase::Over => {}
        }
    }

    /// Nothing new is started from now on.
    pub(super) fn begin_closing(&mut self, now: Now) {
        if self.phase == Phase::Working {
            self.phase = Phase::Closing { since: now.at };
            self.take_back(now.at, now);
        }
    }

    /// A second has passed since the last permit.
    fn is_silent(&self, now: Moment) -> bool {
        self.windows
            .last_permit
            .is_none_or(|last| now.since(last) >= SILENCE)
    }

    /// The end of the second without posts, while it lasts.
    pub(super) fn silent_at(&self) -> Option<Moment> {
        self.windows.last_permit.map(|last| last.after(SILENCE))
    }

    /// When the worker stops waiting for answers, if it is closing.
    pub(super) fn closing_until(&self) -> Option<Moment> {
        match self.phase {
            Phase::Closing { since } => Some(since.after(LAST_ANSWERS)),
            _ => None,
        }
    }

    fn is_idle(&self) -> bool {
        self.parts.is_empty()
            && !self.work_items.have_open()
            && self.work_items.is_quiet()
            && self.updates.is_quiet()
            && self.windows.in_flight == 0
    }

    /// Whether everything that was begun is written.
    fn is_quiet(&self) -> bool {
        self.windows.in_flight == 0
            && self.updates.is_quiet()
            && self.parts.values().all(|part| {
                part.stage != Stage::Ending
                    && !part.will_end()
                    && part
                        .open
                        .iter()
                        .all(|chunk| chunk.appending == AppendState::Idle && !chunk.has_unwritten())
            })
    }

    /// How long all that is left must wait, when that is long and nothing is open.
    fn long_wait(&self, now: Now) -> Option<Duration> {
        // What was listed and is not taken up yet may be an alert.
        let open = !self.work_items.is_quiet() || self.work_items.have_unclaimed();
        if self.windows.is_busy() || open || self.parts.is_empty() {
            return None;
        }
        if self.evidence.waiting().is_some() {
            return self.wait_of_lane(now);
        }
        let mut earliest: Option<Moment> = None;
        for part in self.parts.values() {
            let due = self.waits_until(part, now)?;
            earliest = Some(earliest.map_or(due, |known| known.min(due)));
        }
        // What expires sooner ends then, also while Teams throttles.
        let expires = self
            .parts
            .values()
            .map(|part| part.notification.expires_at)
            .min()?;
        let lives = Duration::try_from(expires.duration_since(now.wall)).unwrap_or_default();
        let wait = earliest?.since(now.at).min(lives);
        (wait > LONG_WAIT).then_some(wait)
    }

    /// When a part can go on, if it can't now and nothing of it is open.
    fn waits_until(&self, part: &Part, now: Now) -> Option<Moment> {
        let sends = part.stage == Stage::Working && part.mode(&self.lane, now.wall) == Mode::Sending;
        let written = part.open.iter().all(OpenChunk::is_written);
        if !sends || !written {
            return None;
        }
        let paused = self.rate_limiter.paused_until();
        let none_fresh = part.opening == OpenState::Idle
            && !part.may_open(now.at)
            && part
                .open
                .iter()
                .all(|chunk| chunk.fresh() == 0 && !chunk.has_contents());
        if none_fresh {
            let due = part.open.iter().filter_map(|chunk| chunk.next_due()).min()?;
            return Some(due.max(paused));
        }
        // With the whole tenant paused, fresh rows wait as well.
        let long = paused.since(now.at) >= LONG_WAIT && !part.open.is_empty();
        long.then_some(paused)
    }

    fn is_time_for_notice(&self, now: Moment) -> bool {
        self.slice.length > NOTICED
            && now.after(NOTICE) >= self.slice.end
            && self.lease.state != OwnerState::Ending
    }

    /// Notes that this owner is ending, and wakes the successor, which will wait.
    fn give_notice(&mut self, now: Now) {
        self.lease.state = OwnerState::Ending;
        self.noting.noted = Noted::Anew;
        if !self.parts.is_empty() || !self.work_items.is_empty() {
            self.write_note(AfterNote::WakeSuccessor, now);
        }
    }

    fn left_at(&self) -> LeftAt {
        let items = &self.work_items;
        match items
            .listed_at()
            .filter(|_| items.is_quiet() && !items.have_unclaimed())
        {
            None => LeftAt::Unknown,
            Some(signal) if self.parts.is_empty() && items.is_empty() => LeftAt::Nothing(signal.clone()),
            Some(signal) => LeftAt::Work(signal.clone()),
        }
    }

    /// Ends this owner's work.
    pub(in crate::worker) fn release(self, now: Now) -> Release {
        Release {
            ownership: match self.phase {
                Phase::Lost => Ownership::Lost,
                Phase::Working | Phase::Closing { .. } | Phase::Over => Ownership::Held,
            },
            wait: self.long_wait(now),
            rate_limiter: self.rate_limiter.remember(now.at, now.wall),
            waiting: self.evidence.waiting().cloned(),
            left: self.left_at(),
            unlisted: match self.parts.values().any(Part::is_unlisted) {
                true => Unlisted::Left,
                false => self.unlisted,
            },
            noted: self.noting.noted,
            quarantined: self.work_items.quarantined(),
        }
    }
}
