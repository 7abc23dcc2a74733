//! What the object of a lane's lease says. Only the lane's owner writes it; anybody may read it.
//!
//! The body is for the next owner. What whoever lists lanes must know is in the metadata: until when a lane rests.

use crate::{
    evidence::Waiting,
    ports::{Etag, StoreError},
    rate_limiter::Snapshot,
    store::keys,
    store::record::{Version, Versioned, decode, encode},
};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// The lease's object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct LeaseNote {
    #[serde(rename = "holder")]
    pub(crate) owner: Arc<str>,
    pub(crate) state: OwnerState,
    #[serde(rename = "governor", skip_serializing_if = "Snapshot::is_empty")]
    pub(crate) rate_limiter: Snapshot,
    /// The lane was left without work at this version of its change signal. Earlier versions drop it, which only costs
    /// a listing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) empty_at: Option<SignalVersion>,
    /// All that goes to the tenant waits. Earlier versions drop it: they send, and learn it anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) waiting: Option<Waiting>,
    /// In the metadata.
    #[serde(skip)]
    pub(crate) rest: Option<Rest>,
}

/// Whether a waiting wake-up should wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum OwnerState {
    /// At work, or ended without noting it.
    #[default]
    Working,
    /// Releases within seconds.
    Ending,
}

/// A version of a lane's change signal: its entity tag, empty while there was none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct SignalVersion(String);

impl SignalVersion {
    /// Of a signal that was found.
    pub(crate) fn of(etag: &Etag) -> Self {
        Self(etag.0.to_string())
    }

    /// Nobody has signalled anything yet.
    pub(crate) const fn never() -> Self {
        Self(String::new())
    }

    /// For a read that is only answered when it has changed.
    pub(crate) fn etag(&self) -> Option<Etag> {
        (!self.0.is_empty()).then(|| Etag(self.0.as_str().into()))
    }
}

/// Names in the metadata.
const NOT_BEFORE: &str = "not_before";
const SIGNAL: &str = "signal";

/// Nobody takes the lane before a time, unless its change signal is no longer this version: work was added or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rest {
    pub(crate) not_before: Timestamp,
    pub(crate) signal: SignalVersion,
}

/// A wake-up that comes so little too early is in time: it was sent for this very moment, and clocks differ.
const EARLY: SignedDuration = SignedDuration::from_secs(2);

impl Rest {
    /// No lane rests longer at a time: what lies further ahead was written by a clock that has been set back since.
    pub(crate) const LONGEST: Duration = Duration::from_secs(3600);

    /// What the metadata of a lease's object say.
    pub(crate) fn read(metadata: &BTreeMap<String, String>) -> Option<Self> {
        let not_before = metadata.get(NOT_BEFORE)?.parse().ok()?;
        Some(Self {
            not_before: Timestamp::from_millisecond(not_before).ok()?,
            signal: SignalVersion(
                metadata
                    .get(SIGNAL)
                    .map(|text| keys::unescape(text))
                    .unwrap_or_default(),
            ),
        })
    }

    /// Whether the lane rests still, where its change signal is now this version; `None`, while there is none.
    pub(crate) fn holds(&self, signal: Option<&Etag>, wall: Timestamp) -> bool {
        let now = signal.map_or_else(SignalVersion::never, SignalVersion::of);
        self.is_ahead(wall) && self.signal == now
    }

    /// Whether the time lies ahead.
    pub(crate) fn is_ahead(&self, wall: Timestamp) -> bool {
        let ahead = self.not_before.duration_since(wall);
        ahead > EARLY && ahead.unsigned_abs() <= Self::LONGEST + EARLY.unsigned_abs()
    }
}

impl LeaseNote {
    /// Of a lane that nobody ever worked on.
    pub(crate) fn first() -> Self {
        Self {
            empty_at: Some(SignalVersion::never()),
            ..Self::default()
        }
    }

    pub(crate) fn bytes(&self) -> Result<Bytes, StoreError> {
        encode(&Versioned::new(Version::V1, self))
    }

    pub(crate) fn metadata(&self) -> BTreeMap<String, String> {
        let Some(rest) = &self.rest else {
            return BTreeMap::new();
        };
        let not_before = rest.not_before.as_millisecond().to_string();
        BTreeMap::from([
            (NOT_BEFORE.to_owned(), not_before),
            // A store's versions may hold what metadata can't.
            (SIGNAL.to_owned(), keys::escape(&rest.signal.0)),
        ])
    }

    /// A note of another version is no reason not to work: it only helps.
    pub(crate) fn read(body: &[u8], metadata: &BTreeMap<String, String>) -> Self {
        let note: Self = decode(body).map(|(_, note)| note).unwrap_or_default();
        Self {
            rest: Rest::read(metadata),
            ..note
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note() -> LeaseNote {
        LeaseNote {
            owner: "one".into(),
            empty_at: Some(SignalVersion::of(&Etag("\"7\"".into()))),
            rest: Some(Rest {
                not_before: Timestamp::from_second(100).unwrap(),
                signal: SignalVersion::never(),
            }),
            ..LeaseNote::default()
        }
    }

    #[test]
    fn a_note_is_read_as_it_was_written() {
        let read = LeaseNote::read(&note().bytes().unwrap(), &note().metadata());
        assert_eq!(read, note());
    }

    #[test]
    fn a_note_of_an_earlier_version_says_nothing_of_the_work() {
        let read = LeaseNote::read(br#"{"v":1,"holder":"one","state":"ending"}"#, &BTreeMap::new());
        assert_eq!(
            (read.state, read.empty_at, read.rest),
            (OwnerState::Ending, None, None)
        );
    }

    #[test]
    fn what_was_learnt_of_teams_limiter_is_left_out_of_notes_that_know_nothing_of_it_and_kept_in_others() {
        let before = br#"{"v":1,"holder":"one","state":"working","governor":{"pausedUntil":7}}"#;
        let read = LeaseNote::read(before, &BTreeMap::new());
        assert!(!String::from_utf8_lossy(&read.bytes().unwrap()).contains("learnt"));
        let after = br#"{"v":1,"holder":"one","governor":{"learnt":{"rate":50,"step":1,"refused":[0,2],"new":1}},"new":1}"#;
        let read = LeaseNote::read(after, &BTreeMap::new());
        let again = LeaseNote::read(&read.bytes().unwrap(), &BTreeMap::new());
        assert_eq!((&*read.owner, &again), ("one", &read));
        assert!(!read.rate_limiter.is_empty());
    }

    #[test]
    fn a_rest_ends_at_its_time_and_one_beyond_an_hour_is_not_believed() {
        let rest = note().rest.unwrap();
        let ahead = |second| rest.is_ahead(Timestamp::from_second(second).unwrap());
        assert_eq!(
            [ahead(90), ahead(98), ahead(100), ahead(200)],
            [true, false, false, false]
        );
        assert!(!ahead(100 - 2 * 3600));
    }
}
