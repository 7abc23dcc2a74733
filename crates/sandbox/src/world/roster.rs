//! Members of a chat or team: a range of people, with additions and removals. Memory does not depend on the size.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Members by number within one tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Roster {
    base: Range<u32>,
    added: BTreeSet<u32>,
    removed: BTreeSet<u32>,
}

impl Roster {
    pub(crate) fn of(base: Range<u32>) -> Self {
        Self {
            base,
            added: BTreeSet::new(),
            removed: BTreeSet::new(),
        }
    }

    pub(crate) fn contains(&self, number: u32) -> bool {
        (self.base.contains(&number) && !self.removed.contains(&number)) || self.added.contains(&number)
    }

    pub(crate) fn len(&self) -> usize {
        self.base.len() - self.removed.len() + self.added.len()
    }

    /// True if the person was not yet in it.
    pub(crate) fn add(&mut self, number: u32) -> bool {
        if self.base.contains(&number) {
            self.removed.remove(&number)
        } else {
            self.added.insert(number)
        }
    }

    /// True if the person was in it.
    pub(crate) fn remove(&mut self, number: u32) -> bool {
        if self.base.contains(&number) {
            self.removed.insert(number)
        } else {
            self.added.remove(&number)
        }
    }

    /// Members in a stable order, starting with the first whose position is at least `from`:
    /// the position (for a continuation token) and the number.
    pub(crate) fn from(&self, from: u64) -> impl Iterator<Item = (u64, u32)> + '_ {
        let base_len = self.base.len() as u64;
        let start = u32::try_from(from.min(base_len)).unwrap_or(u32::MAX);
        let base = (self.base.start.saturating_add(start)..self.base.end)
            .filter(|number| !self.removed.contains(number))
            .map(|number| (u64::from(number - self.base.start), number));
        // Added members follow the base, at positions derived from their number, so that pages stay stable.
        let first = from.saturating_sub(base_len);
        let added = self
            .added
            .iter()
            .filter(move |number| u64::from(**number) >= first)
            .map(move |number| (base_len + u64::from(*number), *number));
        base.chain(added)
    }

    pub(crate) fn first(&self) -> Option<u32> {
        self.from(0).next().map(|(_, number)| number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_come_once_each_from_any_place() {
        let mut roster = Roster::of(0..5);
        assert!(roster.remove(2) && !roster.remove(2));
        assert!(roster.add(9) && !roster.add(9));
        assert!(!roster.add(3));
        assert_eq!(roster.len(), 5);
        let all: Vec<_> = roster.from(0).collect();
        assert_eq!(all.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [0, 1, 3, 4, 9]);
        for (at, (place, _)) in all.iter().enumerate() {
            assert_eq!(roster.from(*place).collect::<Vec<_>>(), all[at..]);
        }
        assert!(roster.contains(9) && !roster.contains(2));
        assert!(roster.add(2) && roster.contains(2));
    }
}
