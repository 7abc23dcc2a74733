//! The times of recent requests, to count those in a sliding window.

use std::collections::VecDeque;

use super::RateLimit;

/// Microseconds, ascending.
#[derive(Debug, Default)]
pub(crate) struct SlidingWindow(VecDeque<u64>);

impl SlidingWindow {
    /// Adds a time and drops those more than `keep` before it.
    pub(crate) fn record(&mut self, now: u64, keep: u64) {
        while self.0.front().is_some_and(|at| at + keep <= now) {
            self.0.pop_front();
        }
        if self.0.capacity() == 0 {
            // Most conversations see one request an hour.
            self.0.reserve_exact(1);
        }
        self.0.push_back(now);
    }

    /// Number of requests less than `span` before `now`.
    pub(crate) fn within(&self, now: u64, span: u64) -> usize {
        if self.0.front().is_none_or(|at| at + span > now) {
            return self.0.len();
        }
        self.0.len() - self.0.partition_point(|at| at + span <= now)
    }

    /// Microseconds until one more request is within all limits; 0 = now.
    pub(crate) fn wait(&self, now: u64, spans: &[RateLimit]) -> u64 {
        let wait_for = |span: &RateLimit| {
            let micros = span.millis * 1000;
            let limit = span.requests as usize;
            if self.within(now, micros) < limit {
                return 0;
            }
            match self.0.len().checked_sub(limit).and_then(|at| self.0.get(at)) {
                Some(at) => (at + micros).saturating_sub(now),
                // A limit of zero never admits anything: the wait is one window.
                None => micros,
            }
        };
        spans.iter().map(wait_for).max().unwrap_or(0)
    }

    /// True if no request counts any more.
    pub(crate) fn is_over(&self, now: u64, keep: u64) -> bool {
        self.0.back().is_none_or(|at| at + keep <= now)
    }
}
