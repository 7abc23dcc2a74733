//! Sums of outcomes, and of posts repeated after an ambiguous attempt. Stored by name, so that a new outcome changes no
//! record; in records of version 1 they are an array of ten positions.

use crate::{
    outcome::{Counts, Outcome},
    store::record::Version,
};
use serde::{Deserialize, Serialize, de::Error};
use std::collections::BTreeMap;

/// Outcomes added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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

/// Sums in a record, in the form of the record's version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Form", into = "Form")]
pub(crate) struct StoredSums {
    pub(crate) sums: Sums,
    version: Version,
}

impl StoredSums {
    pub(crate) fn new(sums: Sums, version: Version) -> Self {
        Self { sums, version }
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
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Form {
    /// Version 1.
    Positions([u64; 10]),
    /// Version 2; zeros are left out.
    Named(BTreeMap<String, u64>),
}

impl TryFrom<Form> for StoredSums {
    type Error = serde_json::Error;

    fn try_from(form: Form) -> Result<Self, Self::Error> {
        let mut sums = Sums::default();
        let version = match form {
            Form::Positions(counts) => {
                for (outcome, count) in POSITIONS.into_iter().zip(counts) {
                    *sums.counts.slot(outcome) = count;
                }
                sums.resent = counts[POSITIONS.len()];
                Version::V1
            }
            Form::Named(counts) => {
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
                Version::V2
            }
        };
        Ok(Self { sums, version })
    }
}

impl From<StoredSums> for Form {
    fn from(stored: StoredSums) -> Self {
        let StoredSums { sums, version } = stored;
        match version {
            Version::V1 => {
                let mut counts = [0; 10];
                for (count, outcome) in counts.iter_mut().zip(POSITIONS) {
                    *count = sums.counts.of(outcome);
                }
                counts[POSITIONS.len()] = sums.resent;
                Self::Positions(counts)
            }
            Version::V2 => {
                let counts = Outcome::ALL.map(|outcome| (outcome.as_str(), sums.counts.of(outcome)));
                let all = counts.into_iter().chain([(RESENT, sums.resent)]);
                let some = all.filter(|(_, count)| *count > 0);
                Self::Named(some.map(|(name, count)| (name.to_owned(), count)).collect())
            }
        }
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

    fn text(version: Version) -> String {
        serde_json::to_string(&StoredSums::new(sums(), version)).unwrap()
    }

    #[test]
    fn version_1_has_positions_and_version_2_names_without_zeros() {
        assert_eq!(text(Version::V1), "[1,0,0,0,0,0,7,0,9,10]");
        assert_eq!(
            text(Version::V2),
            r#"{"delivered":1,"resent":10,"skipped":9,"uncertain":7}"#
        );
    }

    #[test]
    fn both_are_read() {
        for version in [Version::V1, Version::V2] {
            let read: StoredSums = serde_json::from_str(&text(version)).unwrap();
            assert_eq!(read, StoredSums::new(sums(), version));
        }
        let none: StoredSums = serde_json::from_str("{}").unwrap();
        assert_eq!(none.sums, Sums::default());
    }

    #[test]
    fn an_outcome_of_a_newer_version_is_not_dropped() {
        let error = serde_json::from_str::<StoredSums>(r#"{"delivered":1,"postponed":2}"#).unwrap_err();
        assert!(error.to_string().contains("postponed"), "{error}");
    }
}
