//! Wrong addresses: a row that Teams answers was sent to a wrong connector address is tried once at another one. The answer
//! names it, or the tenant's newest references do; those are read once for each owner of the lane.

use super::{
    Now, State,
    chunk::{End, RowState},
    detour::OtherAddress,
    effect::Effect,
    event::{PartKey, Slot},
};
use crate::{
    evidence::{Cause, numbers::BETWEEN_TRIES},
    ids::ServiceUrl,
    outcome::Outcome,
    ports::StoreError,
    store::ledger::Certainty,
};
use jiff::Timestamp;
use std::cmp::Reverse;

/// Readings that may fail.
const FAILURES: u32 = 3;

/// The addresses of a tenant's newest references: two that differ, so that there is one beside any that is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::worker) struct NewestAddresses {
    newest: Option<(ServiceUrl, Timestamp)>,
    other: Option<(ServiceUrl, Timestamp)>,
}

impl NewestAddresses {
    /// Takes in a reference's address, and the time of the newest event that shaped the reference.
    pub(in crate::worker) fn add(&mut self, service_url: &ServiceUrl, event_at: Timestamp) {
        let is_at = |known: &Option<(ServiceUrl, Timestamp)>| {
            known
                .as_ref()
                .is_some_and(|(known, _)| is_same(known, service_url))
        };
        let is_newer = |known: &Option<(ServiceUrl, Timestamp)>| {
            known.as_ref().is_none_or(|(_, known)| event_at > *known)
        };
        let this = || Some((service_url.clone(), event_at));
        if is_at(&self.newest) {
            if is_newer(&self.newest) {
                self.newest = this();
            }
        } else if is_newer(&self.newest) {
            self.other = self.newest.take();
            self.newest = this();
        } else if is_newer(&self.other) {
            self.other = this();
        }
    }

    /// The newest address that is not this one.
    pub(in crate::worker) fn other_than(&self, wrong: &ServiceUrl) -> Option<&ServiceUrl> {
        [&self.newest, &self.other]
            .into_iter()
            .flatten()
            .map(|(address, _)| address)
            .find(|address| !is_same(address, wrong))
    }
}

/// An address that is named without a path has that of the wrong one: Teams' message names hosts, and its connectors have
/// paths.
fn with_path_of(named: ServiceUrl, wrong: &ServiceUrl) -> ServiceUrl {
    let path = |address: &ServiceUrl| {
        let (_, rest) = address.as_str().split_once("://")?;
        let at = rest.find('/')?;
        Some(rest[at..].to_owned())
    };
    match (path(&named), path(wrong)) {
        (None, Some(path)) => ServiceUrl::from(format!("{named}{path}")),
        (Some(root), Some(path)) if root == "/" => {
            ServiceUrl::from(format!("{}{path}", named.as_str().trim_end_matches('/')))
        }
        _ => named,
    }
}

/// Whether requests to both go to the same place.
fn is_same(one: &ServiceUrl, other: &ServiceUrl) -> bool {
    one.as_str().trim_end_matches('/') == other.as_str().trim_end_matches('/')
}

/// What this owner knows of the tenant's addresses.
#[derive(Default)]
pub(super) struct Addresses {
    known: Known,
    /// Readings that failed.
    failures: u32,
    /// Rows that wait for it.
    awaiting: Vec<Awaiting>,
}

#[derive(Default)]
enum Known {
    #[default]
    Unread,
    BeingRead,
    Read(NewestAddresses),
}

struct Awaiting {
    part: PartKey,
    chunk: u32,
    n: u32,
    wrong: ServiceUrl,
}

impl State {
    /// A recipient is reached at another address: it is tried there, if that is known and it was not tried elsewhere yet.
    /// Nothing was posted.
    pub(super) fn readdress(&mut self, slot: &Slot, named: Option<ServiceUrl>, end: End, now: Now) {
        let wrong = &slot.recipient.service_url;
        let Some(chunk) = self
            .parts
            .get_mut(&slot.part)
            .and_then(|part| part.chunk(slot.chunk))
        else {
            return;
        };
        let Some(row) = chunk.row(slot.n) else { return };
        if row.detour.has_other_address() {
            return chunk.settle(slot.n, end, now);
        }
        let named = named.map(|named| with_path_of(named, wrong));
        let named = named.filter(|named| !is_same(named, wrong));
        let found = match (&named, &self.addresses.known) {
            (Some(named), _) => Some(OtherAddress::Named(named.clone())),
            (None, Known::Read(newest)) => newest.other_than(wrong).cloned().map(OtherAddress::OfOthers),
            // It comes back at the wrong address, where the references could not be read before.
            (None, Known::Unread | Known::BeingRead) => {
                chunk.give_back(slot.n, Certainty::Certain, now.at.after(BETWEEN_TRIES), now);
                self.await_addresses(slot);
                return self.evidence.probe_soon(&slot.recipient.conversation, now);
            }
        };
        match found {
            Some(address) => {
                row.detour.go_by(address);
                chunk.give_back(slot.n, Certainty::Certain, now.at, now);
                self.evidence.probe_soon(&slot.recipient.conversation, now);
            }
            None if end.status == Some(400) => chunk.settle(slot.n, end, now),
            // All of the tenant may be refused so for a while.
            None => self.hold(slot, Some(Cause::Refused), end, now),
        }
    }

    fn await_addresses(&mut self, slot: &Slot) {
        if matches!(self.addresses.known, Known::Unread) {
            self.addresses.known = Known::BeingRead;
            self.effects.push(Effect::ReadAddresses);
        }
        self.addresses.awaiting.push(Awaiting {
            part: slot.part,
            chunk: slot.chunk,
            n: slot.n,
            wrong: slot.recipient.service_url.clone(),
        });
    }

    /// The tenant's references were read, or could not be: then their rows ask again when they come back.
    pub(super) fn addresses_read(&mut self, result: Result<NewestAddresses, StoreError>, now: Now) {
        let awaiting = std::mem::take(&mut self.addresses.awaiting);
        let newest = match result {
            Ok(newest) => newest,
            Err(error) => {
                self.addresses.failures += 1;
                tracing::warn!(%error, "the connector addresses of a tenant could not be read yet");
                // After some failures it goes on as if there were no other address.
                self.addresses.known = match self.addresses.failures < FAILURES {
                    true => Known::Unread,
                    false => Known::Read(NewestAddresses::default()),
                };
                return;
            }
        };
        for row in awaiting {
            self.go_on_at(&row, &newest, now);
        }
        self.addresses.known = Known::Read(newest);
    }

    /// Where there is no other address, the row comes back at the wrong one, and that answer counts.
    fn go_on_at(&mut self, awaiting: &Awaiting, newest: &NewestAddresses, now: Now) {
        let part = self.parts.get_mut(&awaiting.part);
        let Some(chunk) = part.and_then(|part| part.chunk(awaiting.chunk)) else {
            return;
        };
        let n = awaiting.n;
        let Some(row) = chunk.row(n).filter(|row| row.state == RowState::Waiting) else {
            return;
        };
        if let Some(address) = newest.other_than(&awaiting.wrong) {
            row.detour.go_by(OtherAddress::OfOthers(address.clone()));
            chunk.waiting.retain(|Reverse((_, waiting))| *waiting != n);
            chunk.postpone(n, now.at);
        }
    }
}

/// The outcome of a row that no other address is known for: what the same status means without that.
pub(super) fn unrepaired(status: Option<u16>) -> Outcome {
    match status {
        Some(400) => Outcome::Rejected,
        _ => Outcome::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn newest(references: &[(&str, i64)]) -> NewestAddresses {
        let mut newest = NewestAddresses::default();
        for (address, second) in references {
            newest.add(&(*address).into(), Timestamp::from_second(*second).unwrap());
        }
        newest
    }

    #[test]
    fn a_host_that_is_named_without_a_path_has_the_wrong_one_s() {
        let wrong = "https://smba.trafficmanager.net/teams/".into();
        for (named, used) in [
            (
                "https://smba.infra.gcc.teams.microsoft.com",
                "https://smba.infra.gcc.teams.microsoft.com/teams/",
            ),
            (
                "https://smba.infra.gcc.teams.microsoft.com/",
                "https://smba.infra.gcc.teams.microsoft.com/teams/",
            ),
            (
                "https://smba.trafficmanager.net/emea/",
                "https://smba.trafficmanager.net/emea/",
            ),
        ] {
            assert_eq!(with_path_of(named.into(), &wrong).as_str(), used);
        }
    }

    #[test]
    fn the_newest_address_that_differs_is_found_whichever_is_wrong() {
        let references = [
            ("https://a/", 5),
            ("https://b/", 9),
            ("https://a", 7),
            ("https://c/", 8),
        ];
        let other = |references: &[(&str, i64)], wrong: &str| {
            let newest = newest(references);
            let other = newest.other_than(&wrong.into());
            other.map(|address| address.as_str().to_owned())
        };
        let mut reversed = references;
        reversed.reverse();
        for references in [references, reversed] {
            assert_eq!(other(&references, "https://a/").as_deref(), Some("https://b/"));
            assert_eq!(other(&references, "https://b").as_deref(), Some("https://c/"));
            assert_eq!(other(&references, "https://d/").as_deref(), Some("https://b/"));
        }
        assert_eq!(other(&references[..1], "https://a"), None);
        assert_eq!(other(&[], "https://a"), None);
        // One that becomes the newest again.
        let again = [("https://a/", 5), ("https://b/", 6), ("https://a/", 7)];
        assert_eq!(other(&again, "https://c").as_deref(), Some("https://a/"));
        assert_eq!(other(&again, "https://a").as_deref(), Some("https://b/"));
    }
}
