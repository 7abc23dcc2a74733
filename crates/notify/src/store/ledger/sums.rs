//! Sums of outcomes, and of posts repeated after an ambiguous attempt. Stored by name, so that a new outcome changes no
//! record; those of version 1 were an array of ten positions, and are read.

use crate::outcome::{Counts, Outcome};
use serde::{Deserialize, Serialize, de::Error};
use std::collections::BTreeMap;

/// Outcomes added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "BTreeMap<&'static str, u64>")]
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

/// Name of [`Sums::resent`] in a record; the others are the outcomes'.
const RESENT: &str = "resent";

/// The order of version 1, whose tenth place is [`Sums::resent`]. It never changes again.
const POSITIONS: [Outcome; 9] = [
    Outcome::Delivered,
    Outcome::Blocked,
    Outcome::Uninstalled,
    Outcome::Gone,
    Outcome::Rejected,
    Outcome::Failed,
    Outcome::Uncertain,
    Outcome::Cancelled,
    Outcome::Skipped,
];

/// What a record holds.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    /// Version 2.
    Named(BTreeMap<String, u64>),
    /// Version 1.
    Positions([u64; 10]),
}

impl TryFrom<Stored> for Sums {
    type Error = serde_json::Error;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let mut sums = Self::default();
        match stored {
            Stored::Positions(counts) => {
                for (outcome, count) in POSITIONS.into_iter().zip(counts) {
                    *sums.counts.slot(outcome) = count;
                }
                sums.resent = counts[POSITIONS.len()];
            }
            Stored::Named(counts) => {
                for (name, count) in counts {
                    match Outcome::ALL.into_iter().find(|outcome| outcome.as_str() == name) {
                        Some(outcome) => *sums.counts.slot(outcome) = count,
                        None if name == RESENT => sums.resent = count,
                        // Left out, the counts would no longer add up.
                        None => {
                            return Err(Self::Error::custom(format!(
                                "this program knows no outcome {name:?}; a newer version does"
                            )));
                        }
                    }
                }
            }
        }
        Ok(sums)
    }
}

impl From<Sums> for BTreeMap<&'static str, u64> {
    fn from(sums: Sums) -> Self {
        let counts = Outcome::ALL
            .into_iter()
            .map(|outcome| (outcome.as_str(), sums.counts.of(outcome)));
        counts
            .chain([(RESENT, sums.resent)])
            .filter(|(_, count)| *count > 0)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums() -> Sums {
        Sums {
            counts: Counts {
                delivered: 1,
                uncertain: 7,
                skipped: 9,
                ..Counts::default()
            },
            resent: 10,
        }
    }

    #[test]
    fn version_1_is_read_by_position() {
        let read: Sums = serde_json::from_str("[1,0,0,0,0,0,7,0,9,10]").unwrap();
        assert_eq!(read, sums());
    }

    #[test]
    fn counts_are_written_by_name_without_zeros() {
        let text = serde_json::to_string(&sums()).unwrap();
        assert_eq!(text, r#"{"delivered":1,"resent":10,"skipped":9,"uncertain":7}"#);
        assert_eq!(serde_json::from_str::<Sums>(&text).unwrap(), sums());
        assert_eq!(serde_json::from_str::<Sums>("{}").unwrap(), Sums::default());
    }

    #[test]
    fn an_outcome_of_a_newer_version_is_not_dropped() {
        let error = serde_json::from_str::<Sums>(r#"{"delivered":1,"postponed":2}"#).unwrap_err();
        assert!(error.to_string().contains("postponed"), "{error}");
    }
}
