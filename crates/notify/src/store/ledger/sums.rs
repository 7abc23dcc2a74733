//! Sums of outcomes with the number of posts repeated after an ambiguous attempt, stored as one short array.

use crate::outcome::{Counts, Outcome};
use serde::{Deserialize, Serialize};

/// Outcomes added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "[u64; 10]", into = "[u64; 10]")]
pub struct Sums {
    /// Recipients by outcome.
    pub counts: Counts,
    /// Messages posted again although an earlier post may have arrived.
    pub resent: u64,
}

impl Sums {
    /// Adds another part's sums.
    pub fn merge(&mut self, other: &Self) {
        self.counts.merge(&other.counts);
        self.resent += other.resent;
    }
}

impl From<[u64; 10]> for Sums {
    fn from(stored: [u64; 10]) -> Self {
        let [
            delivered,
            blocked,
            uninstalled,
            gone,
            rejected,
            failed,
            uncertain,
            cancelled,
            skipped,
            resent,
        ] = stored;
        Self {
            counts: Counts {
                delivered,
                blocked,
                uninstalled,
                gone,
                rejected,
                failed,
                uncertain,
                cancelled,
                skipped,
            },
            resent,
        }
    }
}

impl From<Sums> for [u64; 10] {
    fn from(sums: Sums) -> Self {
        let mut stored = [0; 10];
        for (slot, outcome) in stored.iter_mut().zip(Outcome::ALL) {
            *slot = sums.counts.of(outcome);
        }
        stored[9] = sums.resent;
        stored
    }
}
