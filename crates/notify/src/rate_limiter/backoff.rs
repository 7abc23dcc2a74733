//! Waits between attempts when Teams names none: exponential, bounded, with seeded jitter.

use std::time::Duration;

/// Shortest wait; the documentation's sample uses 2 s to 20 s with a fifth of jitter.
const SHORTEST: f64 = 2.0;
const LONGEST: f64 = 20.0;

/// Seeded, so that a run can be repeated; nothing here is secret.
#[derive(Clone, Debug)]
pub(crate) struct Jitter(fastrand::Rng);

impl Jitter {
    pub(crate) fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// The wait before attempt number `attempts + 1`.
    pub(crate) fn wait(&mut self, attempts: u32) -> Duration {
        let base = (SHORTEST * f64::from(1_u32 << attempts.saturating_sub(1).min(5))).min(LONGEST);
        Duration::from_secs_f64(base * (0.8 + 0.4 * self.0.f64()))
    }
}
