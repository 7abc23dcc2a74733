//! The requests of one tenant, counted as the table says.

use super::RateLimit;
use super::sliding_window::SlidingWindow;
use super::table::Counting;

/// Times are microseconds.
#[derive(Debug, Default)]
pub(super) struct Tenant {
    /// What was admitted, also for the peaks.
    pub(super) window: SlidingWindow,
    /// When the bucket is full again.
    full_at: u64,
}

impl Tenant {
    /// Time until one more request is admitted; 0 = now.
    pub(super) fn wait(&self, now: u64, spans: &[RateLimit], counting: Counting) -> u64 {
        match counting {
            Counting::SlidingWindow => self.window.wait(now, spans),
            Counting::FixedWindow => {
                let waits = spans.iter().map(|span| {
                    let micros = (span.millis * 1000).max(1);
                    let begin = now - now % micros;
                    match self.window.within(now, now - begin + 1) < span.requests as usize {
                        true => 0,
                        false => begin + micros - now,
                    }
                });
                waits.max().unwrap_or(0)
            }
            Counting::TokenBucket { tokens } => {
                let Some(span) = spans.first() else { return 0 };
                let Some(interval) = interval(*span).filter(|_| tokens > 0) else {
                    return span.millis * 1000;
                };
                (self.full_at.max(now) + interval).saturating_sub(now + u64::from(tokens) * interval)
            }
        }
    }

    /// Counts an admitted request.
    pub(super) fn record(&mut self, now: u64, keep: u64, spans: &[RateLimit]) {
        self.window.record(now, keep);
        if let Some(interval) = spans.first().and_then(|span| interval(*span)) {
            self.full_at = self.full_at.max(now) + interval;
        }
    }
}

/// Time in which one token comes.
fn interval(span: RateLimit) -> Option<u64> {
    (span.millis * 1000).checked_div(u64::from(span.requests))
}
