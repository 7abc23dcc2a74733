//! What was reported in the last minutes, a bounded number of it: Teams reports things twice, and in any order.
//!
//! It is a memory of this process. After a restart, or on another instance, nothing is known.

use notify::ports::Moment;
use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How long something is remembered. A guess: the reports are of seconds to minutes. A removal that Teams doesn't report
/// must not silence a welcome for good.
const REMEMBERED: Duration = Duration::from_secs(600);

/// Most things that are remembered; the oldest go first. Some bytes each.
pub(super) const MOST: usize = 16_384;

/// Keys of the last minutes.
pub(super) struct Recent<K>(Mutex<Entries<K>>);

struct Entries<K> {
    at: HashMap<K, Moment>,
    /// Oldest first; what is no longer in `at` under the same moment was forgotten before.
    order: VecDeque<(K, Moment)>,
}

impl<K> Default for Recent<K> {
    fn default() -> Self {
        Self(Mutex::new(Entries {
            at: HashMap::new(),
            order: VecDeque::new(),
        }))
    }
}

impl<K: Copy + Eq + Hash> Recent<K> {
    /// Whether it is new; it is remembered from now on.
    pub(super) fn add(&self, key: K, now: Moment) -> bool {
        let mut entries = self.entries();
        entries.forget_old(now);
        if entries.at.contains_key(&key) {
            return false;
        }
        entries.at.insert(key, now);
        entries.order.push_back((key, now));
        true
    }

    /// Whether it was remembered; it no longer is.
    pub(super) fn take(&self, key: &K, now: Moment) -> bool {
        let mut entries = self.entries();
        entries.forget_old(now);
        entries.at.remove(key).is_some()
    }

    /// Forgets all that the condition holds for.
    pub(super) fn forget(&self, is_over: impl Fn(&K) -> bool) {
        self.entries().at.retain(|key, _| !is_over(key));
    }

    fn entries(&self) -> MutexGuard<'_, Entries<K>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn sizes(&self) -> (usize, usize) {
        let entries = self.entries();
        (entries.at.len(), entries.order.len())
    }
}

impl<K: Copy + Eq + Hash> Entries<K> {
    fn forget_old(&mut self, now: Moment) {
        while let Some((key, at)) = self.order.front() {
            if self.order.len() < MOST && now.since(*at) < REMEMBERED {
                return;
            }
            if self.at.get(key) == Some(at) {
                self.at.remove(key);
            }
            self.order.pop_front();
        }
    }
}
