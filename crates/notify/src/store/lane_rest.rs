//! What the lease object of a lane that rests says in its metadata: until when nobody has to look at the lane, as long as
//! its change signal stays what it was. A listing of the lanes shows it at no extra request.

use crate::{ports::Etag, store::keys};
use jiff::Timestamp;
use std::collections::BTreeMap;

const NOT_BEFORE: &str = "not_before";
const SIGNAL: &str = "signal";

/// A lane's rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LaneRest {
    /// When the lane has something to do again, by the wall clock.
    pub(crate) not_before: Timestamp,
    /// Its change signal when the rest began; `None` if there was none.
    pub(crate) signal: Option<Etag>,
}

impl LaneRest {
    /// As metadata of the lease object.
    #[allow(dead_code, reason = "for the worker that lets a lane rest")]
    pub(crate) fn metadata(&self) -> BTreeMap<String, String> {
        let mut metadata = BTreeMap::from([(
            NOT_BEFORE.to_owned(),
            self.not_before.as_millisecond().to_string(),
        )]);
        if let Some(signal) = &self.signal {
            // A store's versions may hold what metadata can't.
            metadata.insert(SIGNAL.to_owned(), keys::escape(&signal.0));
        }
        metadata
    }

    /// From metadata; `None` of a lane that doesn't rest.
    pub(crate) fn read(metadata: &BTreeMap<String, String>) -> Option<Self> {
        let ms = metadata.get(NOT_BEFORE)?.parse().ok()?;
        let signal = metadata.get(SIGNAL).map(|text| keys::unescape(text));
        Some(Self {
            not_before: Timestamp::from_millisecond(ms).ok()?,
            signal: signal.map(|text| Etag(text.into())),
        })
    }

    /// Whether the lane still rests at `now`, with its change signal as it is now.
    pub(crate) fn holds(&self, now: Timestamp, signal: Option<&Etag>) -> bool {
        now < self.not_before && self.signal.as_ref() == signal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rest_is_read_as_it_is_written() {
        for signal in [None, Some(Etag("\"0x8D\" ü".into()))] {
            let rest = LaneRest {
                not_before: Timestamp::from_millisecond(1_764_486_000_123).unwrap(),
                signal,
            };
            let metadata = rest.metadata();
            assert!(metadata.values().all(|value| value.is_ascii()));
            assert_eq!(LaneRest::read(&metadata), Some(rest));
        }
        assert_eq!(LaneRest::read(&BTreeMap::new()), None);
    }

    #[test]
    fn a_rest_ends_with_its_time_or_with_another_signal() {
        let at = |ms| Timestamp::from_millisecond(ms).unwrap();
        let (known, other) = (Etag("1".into()), Etag("2".into()));
        let rest = LaneRest {
            not_before: at(1_000),
            signal: Some(known.clone()),
        };
        assert!(rest.holds(at(999), Some(&known)));
        assert!(!rest.holds(at(1_000), Some(&known)));
        assert!(!rest.holds(at(0), Some(&other)));
        assert!(!rest.holds(at(0), None));
    }
}
