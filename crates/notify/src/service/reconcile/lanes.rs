//! Which lanes have work and which of them rest, from one listing of all lanes. No port is used here.

use crate::{
    ports::{Entry, Etag},
    status::at_of,
    store::lease_note::Rest,
};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What a listing shows of a lane.
#[derive(Debug, Default)]
pub(super) struct ListedLane<'e> {
    /// When each work item was written.
    pub(super) work: Vec<Option<Timestamp>>,
    rest: Option<Rest>,
    signal: Option<&'e Etag>,
}

impl ListedLane<'_> {
    /// Whether nobody has to look at it now.
    pub(super) fn rests(&self, now: Timestamp) -> bool {
        self.rest
            .as_ref()
            .is_some_and(|rest| rest.holds(self.signal, now))
    }
}

/// The lanes that have work, by their segment of the name.
pub(super) fn with_work<'e>(prefix: &str, entries: &'e [Entry]) -> BTreeMap<&'e str, ListedLane<'e>> {
    let mut lanes: BTreeMap<&str, ListedLane<'_>> = BTreeMap::new();
    for entry in entries {
        let Some((tenant, file)) = entry
            .name
            .strip_prefix(prefix)
            .and_then(|rest| rest.split_once('/'))
        else {
            continue;
        };
        let lane = lanes.entry(tenant).or_default();
        match file {
            "lease" => lane.rest = Rest::read(&entry.metadata),
            "bell" => lane.signal = Some(&entry.etag),
            _ if file.starts_with("work/") => lane.work.push(at_of(entry)),
            _ => {}
        }
    }
    lanes.retain(|_, lane| !lane.work.is_empty());
    lanes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::lease_note::{LeaseNote, SignalVersion};

    fn entry(name: &str, etag: &str, metadata: BTreeMap<String, String>) -> Entry {
        Entry {
            name: format!("lanes/b/{name}"),
            etag: Etag(etag.into()),
            metadata,
            length: 0,
        }
    }

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).unwrap()
    }

    #[test]
    fn a_lane_with_work_rests_until_its_time_while_its_signal_is_the_same() {
        let rest = Rest {
            not_before: at(50_000),
            signal: SignalVersion::of(&Etag("s1".into())),
        };
        let note = LeaseNote {
            rest: Some(rest),
            ..LeaseNote::first()
        };
        let written = BTreeMap::from([("at".to_owned(), "7".to_owned())]);
        let listing = |signal: &str| {
            vec![
                entry("resting/bell", signal, BTreeMap::new()),
                entry("resting/lease", "l", note.metadata()),
                entry("resting/work/1-000000000000007-n", "w", written.clone()),
                entry("idle/bell", "s1", BTreeMap::new()),
                entry("idle/lease", "l", note.metadata()),
                entry("busy/lease", "l", BTreeMap::new()),
                entry("busy/work/1-000000000000007-n", "w", BTreeMap::new()),
            ]
        };
        let same = listing("s1");
        let lanes = with_work("lanes/b/", &same);
        assert_eq!(lanes.keys().copied().collect::<Vec<_>>(), ["busy", "resting"]);
        assert_eq!(lanes["resting"].work, [Some(at(7))]);
        assert!(lanes["resting"].rests(at(40_000)));
        assert!(!lanes["resting"].rests(at(50_000)));
        assert!(!lanes["busy"].rests(at(0)));
        let changed = listing("s2");
        assert!(!with_work("lanes/b/", &changed)["resting"].rests(at(0)));
    }
}
