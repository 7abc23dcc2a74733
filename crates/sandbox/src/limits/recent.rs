//! The instants of recent requests, and how many fall into a sliding window.

use std::collections::VecDeque;

use super::Span;

/// Microseconds, ascending.
#[derive(Debug, Default)]
pub(crate) struct Recent(VecDeque<u64>);

impl Recent {
    /// Adds an instant and forgets those older than `keep` before it.
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

    /// How many instants lie less than `span` before `now`.
    pub(crate) fn within(&self, now: u64, span: u64) -> usize {
        if self.0.front().is_none_or(|at| at + span > now) {
            return self.0.len();
        }
        self.0.len() - self.0.partition_point(|at| at + span <= now)
    }

    /// Microseconds until one more request fits into every span; 0 = now.
    pub(crate) fn wait(&self, now: u64, spans: &[Span]) -> u64 {
        let wait_for = |span: &Span| {
            let micros = span.millis * 1000;
            let limit = span.requests as usize;
            if self.within(now, micros) < limit {
                return 0;
            }
            match self.0.len().checked_sub(limit).and_then(|at| self.0.get(at)) {
                Some(at) => (at + micros).saturating_sub(now),
                // A limit of zero admits nothing, ever: ask again after one span.
                None => micros,
            }
        };
        spans.iter().map(wait_for).max().unwrap_or(0)
    }

    /// True if nothing in here counts any more.
    pub(crate) fn is_over(&self, now: u64, keep: u64) -> bool {
        self.0.back().is_none_or(|at| at + keep <= now)
    }
}
