//! The note in the lease's object while its owner works: written when something is to outlive a kill, one at a time,
//! each with all that is known then.

use super::{Now, Phase, State, effect::Effect};
use crate::{evidence::Waiting, rate_limiter::Snapshot, store::lease_note::OwnerState};

/// What an owner notes of itself while it works.
pub(in crate::worker) struct OwnersNote {
    pub(in crate::worker) state: OwnerState,
    /// What the lane waits for.
    pub(in crate::worker) waiting: Option<Waiting>,
    /// What the next owner's rate limiter must know.
    pub(in crate::worker) rate_limiter: Snapshot,
}

/// What follows a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::worker) enum AfterNote {
    Nothing,
    /// The successor is woken; it waits for this owner's end.
    WakeSuccessor,
}

/// What the lease's object says at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::worker) enum Noted {
    /// What it said when the lane was taken.
    AsFound,
    /// Something else, which this owner wrote.
    Anew,
}

/// The notes of one owner.
pub(super) struct Noting {
    pub(super) noted: Noted,
    write: NoteWrite,
    /// What the rate limiter had learnt at the last note.
    lessons: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum NoteWrite {
    Idle,
    UnderWay,
    /// Another one is due once this one is written.
    UnderWayAndDue(AfterNote),
}

impl Noting {
    pub(super) const fn new() -> Self {
        Self {
            noted: Noted::AsFound,
            write: NoteWrite::Idle,
            lessons: 0,
        }
    }
}

impl State {
    /// Has the note written as things are now.
    pub(super) fn write_note(&mut self, then: AfterNote, now: Now) {
        self.noting.noted = Noted::Anew;
        self.noting.lessons = self.rate_limiter.lessons();
        self.noting.write = match self.noting.write {
            NoteWrite::Idle => {
                let note = OwnersNote {
                    state: self.lease.state,
                    waiting: self.evidence.waiting().cloned(),
                    rate_limiter: self.rate_limiter.remember(now.at, now.wall),
                };
                self.effects.push(Effect::WriteNote { note, then });
                NoteWrite::UnderWay
            }
            NoteWrite::UnderWay => NoteWrite::UnderWayAndDue(then),
            NoteWrite::UnderWayAndDue(known) => NoteWrite::UnderWayAndDue(known.max(then)),
        };
    }

    pub(super) fn note_written(&mut self, now: Now) {
        let write = std::mem::replace(&mut self.noting.write, NoteWrite::Idle);
        if let NoteWrite::UnderWayAndDue(then) = write {
            self.write_note(then, now);
        }
    }

    /// What the rate limiter learnt outlives a kill: a try that was refused is not made again by the next owner.
    pub(super) fn note_lessons(&mut self, now: Now) {
        if self.phase == Phase::Working && self.noting.lessons != self.rate_limiter.lessons() {
            self.write_note(AfterNote::Nothing, now);
        }
    }
}
