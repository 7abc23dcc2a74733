//! When requests arrive at Teams, as far as can be estimated from here: its limiter counts arrivals, not departures.
//!
//! With constant latency that is the same. When latency varies, slow requests arrive late, in a second that is full of
//! quicker ones. So a request counts from its departure until a second after its likely arrival. What it took beyond the
//! shortest latency is put down to the way there: all of it where latency hardly varies, because it is then the odd
//! request that a busy machine held up before it left, and being wrong costs next to nothing; half of it where latency
//! varies, because all of it would cost a tenth of the rate. Of that half, as much counts as caution asks for.

use crate::ports::Moment;
use std::{cmp::Reverse, collections::BinaryHeap, time::Duration};

/// Answers after which the shortest latency is taken afresh.
const REFRESH: u32 = 500;
/// Latency varies when requests take so much longer than the shortest on average, in seconds.
const VARYING: f64 = 0.03;
/// What one answer adds to the average, and the longest delay that it learns of: one slow answer is no trend.
const LEARNED: f64 = 1.0 / 64.0;
const LONGEST: f64 = 0.3;

#[derive(Debug, Default)]
pub(super) struct Arrivals {
    in_flight: usize,
    /// Likely arrivals within the last second, the oldest on top; the shortest latency is still to be taken off them,
    /// because the first requests of all, which open connections, are slow before it is known how slow.
    recent: BinaryHeap<Reverse<Moment>>,
    shortest: Option<Duration>,
    shortest_of_these: Option<Duration>,
    answers: u32,
    /// Seconds beyond the shortest latency, moving average.
    beyond: f64,
}

impl Arrivals {
    /// A request departs.
    pub(super) fn departed(&mut self) {
        self.in_flight += 1;
    }

    /// Whether latency varies.
    pub(super) fn vary(&self) -> bool {
        self.beyond >= VARYING
    }

    /// Its answer is here; of the delay on a way whose latency varies this share counts.
    pub(super) fn answered(&mut self, departed: Moment, now: Moment, share: f64) {
        self.in_flight = self.in_flight.saturating_sub(1);
        let took = now.since(departed);
        let least = |known: Option<Duration>| Some(known.map_or(took, |known| known.min(took)));
        self.shortest = least(self.shortest);
        self.shortest_of_these = least(self.shortest_of_these);
        self.answers += 1;
        if self.answers >= REFRESH {
            self.answers = 0;
            self.shortest = self.shortest_of_these.take();
        }
        let shortest = self.shortest.unwrap_or(took);
        let beyond = took.saturating_sub(shortest);
        self.beyond += (beyond.as_secs_f64().min(LONGEST) - self.beyond) * LEARNED;
        let there = match self.vary() {
            true => (beyond / 2).mul_f64(share),
            false => beyond,
        };
        self.recent.push(Reverse(departed.after(shortest + there)));
    }

    /// Requests that count for the second that ends now.
    pub(super) fn count(&mut self, now: Moment, second: Duration) -> usize {
        while self.next(second).is_some_and(|next| next <= now) {
            self.recent.pop();
        }
        self.in_flight + self.recent.len()
    }

    /// When the count is next smaller, if answers don't make it so.
    pub(super) fn next(&self, second: Duration) -> Option<Moment> {
        let shortest = self.shortest.unwrap_or_default();
        let Reverse(answered) = self.recent.peek()?;
        Some(Moment::at(
            (answered.since_origin() + second).saturating_sub(shortest),
        ))
    }
}
