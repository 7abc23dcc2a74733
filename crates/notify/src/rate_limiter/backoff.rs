//! Waits between attempts when Teams names none: exponential, bounded, with seeded jitter.

use std::time::Duration;

/// Shortest wait; the documentation's sample uses 2 s to 20 s with a fifth of jitter.
const SHORTEST: f64 = 2.0;
const LONGEST: f64 = 20.0;

/// A small seeded generator (xorshift64*); nothing here is secret.
#[derive(Clone, Debug)]
pub(crate) struct Jitter(u64);

impl Jitter {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn unit(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let bits = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 40;
        bits as f64 / f64::from(1_u32 << 24)
    }

    /// The wait before attempt number `attempts + 1`.
    pub(crate) fn wait(&mut self, attempts: u32) -> Duration {
        let base = (SHORTEST * f64::from(1_u32 << attempts.saturating_sub(1).min(5))).min(LONGEST);
        Duration::from_secs_f64(base * (0.8 + 0.4 * self.unit()))
    }
}
