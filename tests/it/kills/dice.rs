//! Random moments from a printed seed: `KILL_SEED=… cargo test` repeats a run as far as the machine lets it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(super) struct Dice(u64);

impl Dice {
    #[allow(clippy::print_stderr, reason = "for the person who reads a failure")]
    pub(super) fn from_environment() -> Self {
        let chosen = std::env::var("KILL_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = chosen.unwrap_or_else(|| {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            u64::try_from(now.as_nanos() & 0xffff_ffff).unwrap()
        });
        eprintln!("KILL_SEED={seed}");
        Self(seed)
    }

    /// Within the first second of an owner's work.
    pub(super) fn moment(&mut self) -> Duration {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Duration::from_millis((z ^ (z >> 31)) % 1_000)
    }
}
