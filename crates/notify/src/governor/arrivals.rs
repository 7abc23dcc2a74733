//! When requests arrive at Teams, as far as can be told from here: its limiter counts arrivals, not departures.
//!
//! With constant latency that is the same. When latency varies, slow requests arrive late, in a second that is full of
//! quicker ones. So a request counts from its departure until a second after its likely arrival: half of what it took
//! beyond the shortest latency after its departure.

use crate::ports::Moment;
use std::{cmp::Reverse, collections::BinaryHeap, time::Duration};

/// Answers after which the shortest latency is taken afresh.
const REFRESH: u32 = 500;

#[derive(Debug, Default)]
pub(super) struct Arrivals {
    in_flight: usize,
    /// Likely arrivals within the last second, the oldest on top.
    recent: BinaryHeap<Reverse<Moment>>,
    shortest: Option<Duration>,
    shortest_of_these: Option<Duration>,
    answers: u32,
}

impl Arrivals {
    /// A request departs.
    pub(super) fn departed(&mut self) {
        self.in_flight += 1;
    }

    /// Its answer is here.
    pub(super) fn answered(&mut self, departed: Moment, now: Moment) {
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
        let beyond = took.saturating_sub(self.shortest.unwrap_or(took));
        self.recent.push(Reverse(departed.after(beyond / 2)));
    }

    /// Requests that count for the second that ends now.
    pub(super) fn count(&mut self, now: Moment, second: Duration) -> usize {
        while let Some(Reverse(arrived)) = self.recent.peek()
            && now.since(*arrived) >= second
        {
            self.recent.pop();
        }
        self.in_flight + self.recent.len()
    }

    /// When the count is next smaller, if answers don't make it so.
    pub(super) fn next(&self, second: Duration) -> Option<Moment> {
        self.recent.peek().map(|Reverse(arrived)| arrived.after(second))
    }
}
