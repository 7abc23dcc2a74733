//! Permits per second: an exact sliding second under the ceiling, evenly spaced, lowered by throttling.

use super::{
    arrivals::Arrivals,
    caution::{Blame, Caution, Lessons},
};
use crate::ports::Moment;
use std::{collections::VecDeque, num::NonZeroU32, time::Duration};

/// The sliding second, and a little more so that rounding at the receiver's end can't make it one too many.
const SECOND: Duration = Duration::from_millis(1_002);
/// Permits that may be made up for after a late wake-up, and at least the permits of this time: timers are
/// milliseconds late, which at high rates is many permits.
const CATCH_UP: f64 = 4.0;
const LATE: f64 = 0.02;
/// What a throttle leaves of the rate, when it is one of several, and when it is a single one.
const LOWERED: f64 = 0.85;
const LOWERED_ONCE: f64 = 0.98;
/// The lowest rate, as a share of the ceiling.
const FLOOR: f64 = 0.1;
/// So much of the ceiling is in use when an answer shows what Teams bears, and in force when a 429 does.
const FULL: f64 = 0.9;
const UNLOWERED: f64 = 0.95;
/// Climbing below the rate that was throttled, share of the ceiling a second.
const CLIMB: f64 = 0.07;
/// Climbing beyond it, while the throttle is fresh.
const PROBE: f64 = 0.002;
/// A throttle is fresh for so long.
const FRESH: Duration = Duration::from_secs(12);
/// After a single throttle, climbing is fast up to this share of the rate that was throttled.
const KNEE: f64 = 0.97;

#[derive(Debug)]
pub(super) struct Pace {
    ceiling: f64,
    most: u32,
    rate: f64,
    /// Up to here climbing is fast while the throttle is fresh.
    knee: f64,
    throttled_at: Option<Moment>,
    climbed_at: Moment,
    /// When the next permit is due on an even schedule.
    next: Moment,
    granted: VecDeque<Moment>,
    arrivals: Arrivals,
    caution: Caution,
}

impl Pace {
    pub(super) fn new(rate: NonZeroU32, now: Moment) -> Self {
        let ceiling = f64::from(rate.get());
        Self {
            ceiling,
            most: rate.get(),
            rate: ceiling,
            knee: ceiling,
            throttled_at: None,
            climbed_at: now,
            next: now,
            granted: VecDeque::new(),
            arrivals: Arrivals::default(),
            caution: Caution::new(now),
        }
    }

    pub(super) fn rate(&self) -> f64 {
        self.rate
    }

    /// How often something was learnt of Teams' limiter.
    pub(super) fn lessons(&self) -> u32 {
        self.caution.changes()
    }

    /// Takes a permit, or returns when to ask again.
    pub(super) fn take(&mut self, now: Moment) -> Option<Moment> {
        self.climb(now);
        while let Some(first) = self.granted.front()
            && now.since(*first) >= SECOND
        {
            self.granted.pop_front();
        }
        if self.granted.len() >= self.most as usize
            && let Some(first) = self.granted.front()
        {
            return Some(first.after(SECOND));
        }
        if now < self.next {
            return Some(self.next);
        }
        if !self.counts_departures_alone() && self.arrivals.count(now, SECOND) >= self.most as usize {
            // Looked at again with the next answer, or when the oldest is a second old.
            let again = now.after(Duration::from_millis(20));
            return Some(self.arrivals.next(SECOND).map_or(again, |next| {
                next.clamp(now.after(Duration::from_millis(1)), again)
            }));
        }
        let spacing = 1.0 / self.rate;
        let latest = Duration::from_secs_f64((spacing * CATCH_UP).max(LATE));
        let earliest = Moment::at(now.since_origin().saturating_sub(latest));
        self.next = self.next.max(earliest).after(Duration::from_secs_f64(spacing));
        self.granted.push_back(now);
        self.arrivals.departed();
        None
    }

    /// Learns that a request was answered.
    pub(super) fn answered(&mut self, departed: Moment, now: Moment) {
        self.arrivals.answered(departed, now, self.caution.share());
    }

    /// Learns that Teams' limiter let a request pass. Where latency hardly varies there is nothing to try.
    pub(super) fn admitted(&mut self, now: Moment) {
        if self.arrivals.vary() && self.arrivals.count(now, SECOND) as f64 >= FULL * self.ceiling {
            self.caution.admitted(now);
        }
    }

    /// Learns that Teams throttles what departed then.
    pub(super) fn refused(&mut self, departed: Moment, now: Moment) {
        self.climb(now);
        let blame = match self.rate >= UNLOWERED * self.ceiling {
            true => self.caution.refused(departed, now),
            false => Blame::Rate,
        };
        if blame == Blame::Rate {
            self.lower(now);
        }
    }

    /// What the next owner must know; `None` where nothing was learnt.
    pub(super) fn remember(&self) -> Option<Lessons> {
        self.caution.remember(self.most)
    }

    /// Takes over what an earlier owner learnt.
    pub(super) fn recall(&mut self, lessons: &Lessons) {
        self.caution.recall(lessons, self.most);
    }

    fn counts_departures_alone(&self) -> bool {
        self.caution.share() == 0.0 && self.arrivals.vary()
    }

    fn lower(&mut self, now: Moment) {
        let again = self.throttled_at.is_some_and(|at| now.since(at) < FRESH);
        let left = if again { LOWERED } else { LOWERED_ONCE };
        let before = self.rate;
        self.rate = (self.rate * left)
            .max(self.ceiling * FLOOR)
            .max(1.0_f64.min(self.ceiling));
        // While Teams throttles again and again, the rate stays below what was just refused.
        self.knee = if again { self.rate } else { before * KNEE };
        self.throttled_at = Some(now);
    }

    fn climb(&mut self, now: Moment) {
        if self.rate >= self.ceiling {
            self.climbed_at = now;
            return;
        }
        let seconds = now.since(self.climbed_at).as_secs_f64();
        if seconds < 0.05 {
            return;
        }
        self.climbed_at = now;
        let fresh = self.throttled_at.is_some_and(|at| now.since(at) < FRESH);
        let limit = if fresh { self.knee } else { self.ceiling };
        let fast = (self.rate + CLIMB * self.ceiling * seconds).min(limit.max(self.rate));
        let slow = self.rate + PROBE * self.ceiling * seconds;
        self.rate = fast.max(slow).min(self.ceiling);
    }
}
