//! The state machine of a lane: what happened goes in ([`event::Event`]), what is to be done comes out
//! ([`effect::Effect`]). No port, no clock, no task: the time is passed in, so every rule is tested beside its code.
//!
//! One step: [`State::plan_work`], then [`State::next_call`] until no call may start now, then [`State::finish_step`],
//! which says when to look again at the latest.

mod addresses;
mod calls;
mod cancel;
mod changes;
mod chunk;
mod detour;
pub(super) mod effect;
mod ending;
pub(super) mod event;
mod evidence;
mod lease_clock;
mod line;
mod noting;
mod opt_outs;
mod outcomes;
mod part;
mod parts;
mod rebuild;
mod statistics;
mod stopped;
#[cfg(test)]
mod tests;
mod updates;
mod waiting;
mod window_size;
mod windows;
mod work_items;

pub(super) use addresses::NewestAddresses;
pub(super) use calls::{AudienceOf, NextCall, StartedCall};
pub(super) use chunk::OpenChunk;
pub(super) use ending::{LeftAt, Ownership, Release, Unlisted};
pub(super) use line::Line;
pub(super) use noting::{AfterNote, Noted, OwnersNote};
pub(super) use part::{Marks, Part, WorkItem};
pub(super) use rebuild::{Rebuild, rebuild};

use crate::{
    evidence::Waiting,
    lane::Lane,
    ports::Moment,
    rate_limiter::{Jitter, RateLimiter, Snapshot},
    store::lease_note::SignalVersion,
};
use addresses::Addresses;
use changes::KnownChanges;
use effect::Effect;
use event::{AppendEnd, Event, PartKey};
use evidence::Evidence;
use jiff::Timestamp;
use lease_clock::LeaseClock;
use noting::Noting;
use opt_outs::KnownOptOuts;
use statistics::Statistics;
use std::{collections::BTreeMap, num::NonZeroU32, sync::Arc, time::Duration};
use updates::Updates;
use windows::{FLUSH, Windows};
use work_items::{SIGNAL_INTERVAL, WorkItems};

/// What failed is tried again after this.
const AGAIN: Duration = Duration::from_secs(1);

/// A point in time on this process's clock and on the wall's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Now {
    /// For everything that must be safe.
    pub(super) at: Moment,
    /// For people and schedules.
    pub(super) wall: Timestamp,
}

/// Where a lane is in its slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Working,
    /// Nothing new is started; what is open is written.
    Closing {
        since: Moment,
    },
    /// Someone else is the owner now.
    Lost,
    Over,
}

/// How long this owner works.
struct SliceTime {
    length: Duration,
    end: Moment,
}

/// What a lane's state begins with.
pub(super) struct Start {
    pub(super) lane: Lane,
    pub(super) owner: Arc<str>,
    /// Permits a second.
    pub(super) rate: NonZeroU32,
    /// Length of the lease.
    pub(super) lease: Duration,
    /// When the lease was asked for.
    pub(super) leased_at: Moment,
    /// Length of the slice.
    pub(super) slice: Duration,
    /// Seed of the jitter of retries.
    pub(super) seed: u64,
    /// What earlier owners' rate limiters knew.
    pub(super) known: Snapshot,
    /// What the lane waits for.
    pub(super) waiting: Option<Waiting>,
    pub(super) work: Work,
}

/// What is known of a lane's work at its start.
pub(super) enum Work {
    /// Nothing: it is listed.
    Unknown,
    /// The lane was empty at this version of its change signal, and its owner brings a part, which no work item stands
    /// for. `planned` is from before it was read what its people want.
    Only {
        part: Box<Part>,
        signal: SignalVersion,
        planned: Moment,
    },
}

/// The state of a lane in memory.
pub(super) struct State {
    lane: Lane,
    phase: Phase,
    slice: SliceTime,
    lease: LeaseClock,
    rate_limiter: RateLimiter,
    evidence: Evidence,
    opt_outs: KnownOptOuts,
    changes: KnownChanges,
    jitter: Jitter,
    work_items: WorkItems,
    parts: BTreeMap<PartKey, Part>,
    next_part: PartKey,
    windows: Windows,
    updates: Updates,
    addresses: Addresses,
    statistics: Statistics,
    /// Whether a part left memory that no work item stands for.
    unlisted: Unlisted,
    noting: Noting,
    effects: Vec<Effect>,
}

impl State {
    pub(super) fn new(start: Start, now: Now) -> Self {
        let mut rate_limiter = RateLimiter::new(start.rate, now.at);
        rate_limiter.recall(&start.known, now.at, now.wall);
        let (work_items, opt_outs, changes, part) = match start.work {
            Work::Unknown => (
                WorkItems::new(now.at),
                KnownOptOuts::new(now.at),
                KnownChanges::new(now.at),
                None,
            ),
            Work::Only {
                part,
                signal,
                planned,
            } => {
                let work_items = WorkItems::only(part.work_item.clone(), signal, now.at);
                (
                    work_items,
                    KnownOptOuts::of_fresh_part(planned),
                    KnownChanges::of_fresh_part(planned),
                    Some(part),
                )
            }
        };
        let mut state = Self {
            lane: start.lane,
            phase: Phase::Working,
            slice: SliceTime {
                length: start.slice,
                end: now.at.after(start.slice),
            },
            lease: LeaseClock::new(start.owner, start.lease, start.leased_at),
            rate_limiter,
            evidence: Evidence::new(start.waiting),
            opt_outs,
            changes,
            jitter: Jitter::new(start.seed),
            work_items,
            parts: BTreeMap::new(),
            next_part: 0,
            windows: Windows::default(),
            updates: Updates::default(),
            addresses: Addresses::default(),
            statistics: Statistics::new(),
            unlisted: Unlisted::None,
            noting: Noting::new(),
            effects: Vec::new(),
        };
        if let Some(part) = part {
            state.add_part(*part);
        }
        state
    }

    /// What is to be done, in this order.
    pub(super) fn effects(&mut self) -> std::vec::Drain<'_, Effect> {
        self.effects.drain(..)
    }

    /// Whether this owner has nothing more to do.
    pub(super) fn has_ended(&self) -> bool {
        matches!(self.phase, Phase::Over | Phase::Lost)
    }

    /// Starts everything that comes before calls to Teams.
    pub(super) fn plan_work(&mut self, now: Now) {
        self.consider_the_end(now);
        self.renew(now.at);
        if self.phase == Phase::Working {
            self.read_change_signal(now.at);
            self.read_opt_outs(now.at);
            self.claim_parts(now.at);
            self.cancel_in_bulk(now);
            self.hold_back_stopped(now);
            self.consider_waiting(now);
            self.form_windows(now);
        }
        self.take_back_in_long_pause(now);
    }

    /// Starts everything that comes after them; returns when to look again at the latest. `next_call` is when the next
    /// call may start.
    pub(super) fn finish_step(&mut self, now: Now, next_call: Option<Moment>) -> Moment {
        self.flush(now);
        self.end_parts(now.at);
        self.open_chunks(now.at);
        self.retire_stopped(now.wall);
        self.apply_reference_updates();
        self.note_lessons(now);
        self.consider_the_end(now);
        self.next_wake(now.at, next_call)
    }

    fn next_wake(&self, now: Moment, next_call: Option<Moment>) -> Moment {
        let mut wake = now
            .after(SIGNAL_INTERVAL)
            .min(self.lease.renew_at.max(now.after(Duration::from_millis(50))));
        let mut consider = |moment: Moment| {
            if moment > now {
                wake = wake.min(moment);
            }
        };
        next_call.into_iter().for_each(&mut consider);
        self.silent_at().into_iter().for_each(&mut consider);
        self.closing_until().into_iter().for_each(&mut consider);
        consider(self.slice.end);
        consider(self.work_items.signal_due());
        consider(self.rate_limiter.paused_until());
        for chunk in self.parts.values().flat_map(|part| &part.open) {
            chunk.next_due().into_iter().for_each(&mut consider);
            if let Some(since) = chunk.buffered_since() {
                consider(since.after(FLUSH));
            }
        }
        wake
    }

    /// Takes in what happened.
    pub(super) fn take(&mut self, event: Event, now: Now) {
        match event {
            Event::ProcessEnding => self.begin_closing(now),
            Event::Signalled => self.list_work_items(),
            Event::Answered {
                slot,
                started,
                answer,
            } => self.answered(slot, started, answer, now),
            Event::Opened {
                slot,
                started,
                result,
            } => self.opened(slot, started, result, now),
            Event::Appended {
                part,
                chunk,
                started,
                end,
            } => self.appended(part, chunk, started, end, now),
            Event::Renewed { started, result } => self.renewed(started, result, now.at),
            Event::ChangeSignal(result) => self.change_signal_read(result),
            Event::OptOuts { started, result } => self.opt_outs_read(started, result, now.at),
            Event::WorkItems(result) => self.work_items_listed(result, now.at),
            Event::Claimed { work_item, result } => self.claimed(work_item, result, now.at),
            Event::Refreshed { part, result } => self.refreshed(part, result),
            Event::Retired { work_item, left } => self.retired(work_item, left),
            Event::ChunkOpened { part, number, result } => self.chunk_opened(part, number, *result, now.at),
            Event::PartEnded { part, result } => self.part_ended(part, result, now.at),
            Event::Composed { part, result } => self.composed(part, result),
            Event::Made {
                part,
                chunk,
                contents,
                unmade,
            } => self.contents_made(part, chunk, contents, &unmade, now),
            Event::ReferenceUpdated { part } => self.reference_updated(part),
            Event::Addresses(result) => self.addresses_read(result, now),
            Event::Noted => self.note_written(now),
        }
    }

    fn appended(&mut self, key: PartKey, number: u32, started: Moment, end: AppendEnd, now: Now) {
        self.statistics.appended(started, now.at);
        let Some(chunk) = self.parts.get_mut(&key).and_then(|part| part.chunk(number)) else {
            return;
        };
        match end {
            AppendEnd::Written(length) => {
                let slots = chunk.written(length);
                self.windows.intended(slots);
                if self.phase != Phase::Working {
                    self.take_back(now.at, now);
                }
            }
            AppendEnd::Fenced => {
                tracing::warn!("another owner appended: the lane is left to it");
                self.phase = Phase::Lost;
            }
            AppendEnd::Refused => {
                tracing::error!("the ledger refuses appends: the lane is left");
                self.phase = Phase::Lost;
            }
        }
    }
}
