//! Permits per second: an exact sliding second under the ceiling, evenly spaced, lowered by throttling.

use super::arrivals::Arrivals;
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
    most: usize,
    rate: f64,
    /// Up to here climbing is fast while the throttle is fresh.
    knee: f64,
    throttled_at: Option<Moment>,
    climbed_at: Moment,
    /// When the next permit is due on an even schedule.
    next: Moment,
    granted: VecDeque<Moment>,
    arrivals: Arrivals,
}

impl Pace {
    pub(super) fn new(rate: NonZeroU32, now: Moment) -> Self {
        let ceiling = f64::from(rate.get());
        Self {
            ceiling,
            most: rate.get() as usize,
            rate: ceiling,
            knee: ceiling,
            throttled_at: None,
            climbed_at: now,
            next: now,
            granted: VecDeque::new(),
            arrivals: Arrivals::default(),
        }
    }

    pub(super) fn rate(&self) -> f64 {
        self.rate
    }

    /// Takes a permit, or returns when to ask again.
    pub(super) fn take(&mut self, now: Moment) -> Option<Moment> {
        self.climb(now);
        while let Some(first) = self.granted.front()
            && now.since(*first) >= SECOND
        {
            self.granted.pop_front();
        }
        if self.granted.len() >= self.most
            && let Some(first) = self.granted.front()
        {
            return Some(first.after(SECOND));
        }
        if now < self.next {
            return Some(self.next);
        }
        if self.arrivals.count(now, SECOND) >= self.most {
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
        self.arrivals.answered(departed, now);
    }

    /// Learns that Teams throttles below the rate in force.
    pub(super) fn lower(&mut self, now: Moment) {
        self.climb(now);
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
