//! What a lane learns of its surroundings: moving averages that decide how large windows are.

use crate::ports::Moment;

/// Seconds, moving averages; and how many windows there were.
pub(super) struct Statistics {
    /// From a call to Teams' answer.
    pub(super) latency: f64,
    /// From a line to its place in the ledger.
    pub(super) append_latency: f64,
    /// Windows formed.
    pub(super) windows: u64,
}

impl Statistics {
    pub(super) const fn new() -> Self {
        Self {
            latency: 0.1,
            append_latency: 0.02,
            windows: 0,
        }
    }

    pub(super) fn answered(&mut self, started: Moment, now: Moment) {
        let took = now.since(started).as_secs_f64();
        self.latency += (took - self.latency) * 0.05;
    }

    pub(super) fn appended(&mut self, started: Moment, now: Moment) {
        let took = now.since(started).as_secs_f64();
        self.append_latency += (took - self.append_latency) * 0.2;
    }
}
