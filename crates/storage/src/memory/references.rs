//! Conversation references in memory, as records and not as objects. [`crate::references::ObjectReferences`] over
//! [`super::MemoryObjects`] does the same, but its JSON, base64 and hashes take the simulator, which installs thousands
//! of people for each of thousands of runs, two to four times as long. Both pass the suite of reference stores. Of
//! Azure's limits only that of a page can be met: names of references are hashes and their metadata is bounded.

use crate::{limits, references::expired};
use async_trait::async_trait;
use jiff::Timestamp;
use notify::{
    ids::{BotId, ConversationId, TenantId},
    person::PersonKey,
    ports::{
        Continuation, Expected, Listed, Page, ReferenceStore, Selection, StoreError, Stored, Version,
        WriteError,
    },
    target::{ReferenceRecord, TargetKey},
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    ops::Bound,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

/// A reference store in memory.
pub struct MemoryReferences {
    state: Mutex<State>,
    page: AtomicU32,
}

impl Default for MemoryReferences {
    fn default() -> Self {
        Self {
            state: Mutex::default(),
            page: AtomicU32::new(limits::MAX_PAGE),
        }
    }
}

#[derive(Default)]
struct State {
    records: BTreeMap<TargetKey, Entry>,
    writes: u64,
    /// Made when it is first asked: a run to everyone needs none.
    people: Option<People>,
    /// Targets whose people the index doesn't know.
    lost: HashSet<TargetKey>,
}

struct Entry {
    record: ReferenceRecord,
    /// Number of the write that made it.
    write: u64,
}

impl Entry {
    fn version(&self) -> Version {
        Version(self.write.to_string().into())
    }

    fn stored(&self) -> Stored {
        Stored {
            record: self.record.clone(),
            version: self.version(),
        }
    }
}

/// Targets by person.
type People = HashMap<(BotId, TenantId, PersonKey), BTreeSet<TargetKey>>;

fn enter(people: &mut People, record: &ReferenceRecord) {
    if let ReferenceRecord::Installed(installation) = record {
        let target = &installation.target;
        for person in target.person_keys() {
            let key = (target.key.bot.clone(), target.key.tenant.clone(), person);
            people.entry(key).or_default().insert(target.key.clone());
        }
    }
}

impl State {
    /// The entry if it has this version.
    fn at(&self, key: &TargetKey, version: &Version) -> Option<&Entry> {
        self.records.get(key).filter(|entry| entry.version() == *version)
    }

    fn people(&mut self) -> &People {
        let records = &self.records;
        self.people.get_or_insert_with(|| {
            let mut people = People::new();
            records
                .values()
                .for_each(|entry| enter(&mut people, &entry.record));
            people
        })
    }
}

impl MemoryReferences {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on a page of a listing has at most so many records. For tests of callers.
    pub fn shorten_pages(&self, records: u32) {
        self.page
            .store(records.clamp(1, limits::MAX_PAGE), Ordering::Relaxed);
    }

    /// From now on the index of people doesn't know who is behind a target; listings do. For tests of callers.
    pub fn lose_from_index(&self, key: &TargetKey) {
        self.state().lost.insert(key.clone());
    }
}

#[async_trait]
impl ReferenceStore for MemoryReferences {
    async fn read(&self, key: &TargetKey) -> Result<Option<Stored>, StoreError> {
        Ok(self.state().records.get(key).map(Entry::stored))
    }

    async fn write(
        &self,
        key: &TargetKey,
        record: &ReferenceRecord,
        expected: &Expected,
    ) -> Result<Version, WriteError> {
        let mut state = self.state();
        let holds = match expected {
            Expected::Absent => !state.records.contains_key(key),
            Expected::Version(version) => state.at(key, version).is_some(),
        };
        if !holds {
            return Err(WriteError::Conflict);
        }
        if let Some(people) = &mut state.people {
            enter(people, record);
        }
        state.writes += 1;
        let entry = Entry {
            record: record.clone(),
            write: state.writes,
        };
        let version = entry.version();
        state.records.insert(key.clone(), entry);
        Ok(version)
    }

    async fn erase(&self, key: &TargetKey, version: &Version) -> Result<(), WriteError> {
        let mut state = self.state();
        if state.at(key, version).is_none() {
            return Err(WriteError::Conflict);
        }
        state.records.remove(key);
        Ok(())
    }

    async fn find_person(
        &self,
        bot: &BotId,
        tenant: &TenantId,
        person: &PersonKey,
    ) -> Result<Vec<Listed>, StoreError> {
        let mut state = self.state();
        let wanted = (bot.clone(), tenant.clone(), person.clone());
        let keys = state.people().get(&wanted).cloned().unwrap_or_default();
        let known = keys.iter().filter(|key| !state.lost.contains(*key));
        let listed = known.filter_map(|key| state.records.get(key)?.stored().listed());
        let is_theirs = |listed: &Listed| listed.target.person_keys().any(|known| known == *person);
        Ok(listed.filter(is_theirs).collect())
    }

    async fn list(&self, selection: &Selection, from: Option<&Continuation>) -> Result<Page, StoreError> {
        let last: Option<TargetKey> = from
            .map(|from| serde_json::from_str(&from.0))
            .transpose()
            .map_err(|error| StoreError::Refused(format!("no place in a listing: {error}")))?;
        let start = match last {
            Some(last) => Bound::Excluded(last),
            None => Bound::Included(TargetKey {
                bot: selection.bot.clone(),
                tenant: selection.tenant.clone().unwrap_or_else(|| TenantId::from("")),
                root: ConversationId::from(""),
            }),
        };
        let selected = |key: &TargetKey| {
            key.bot == selection.bot && selection.tenant.as_ref().is_none_or(|t| *t == key.tenant)
        };
        let size = self.page.load(Ordering::Relaxed) as usize;
        let state = self.state();
        let page: Vec<(&TargetKey, &Entry)> = state
            .records
            .range((start, Bound::Unbounded))
            .take_while(|(key, _)| selected(key))
            .take(size)
            .collect();
        // A full page may be the last one: an empty one follows then, as a busy service may send it.
        let next = page.last().filter(|_| page.len() == size);
        let next = next.map(|(key, _)| serde_json::to_string(key));
        let next = next
            .transpose()
            .map_err(|error| StoreError::Refused(format!("no JSON: {error}")))?;
        let targets = page.iter().filter_map(|(_, entry)| match &entry.record {
            ReferenceRecord::Installed(installation) => Some(Listed {
                target: installation.target.clone(),
                version: entry.version(),
            }),
            ReferenceRecord::Removed(_) => None,
        });
        Ok(Page {
            targets: targets.collect(),
            next: next.map(Continuation),
        })
    }

    async fn purge_tombstones(&self, bot: &BotId, now: Timestamp, most: usize) -> Result<usize, StoreError> {
        let mut state = self.state();
        let old: Vec<TargetKey> = state
            .records
            .iter()
            .filter(|(key, entry)| match &entry.record {
                ReferenceRecord::Removed(tombstone) => key.bot == *bot && expired(tombstone.recorded_at, now),
                ReferenceRecord::Installed(_) => false,
            })
            .take(most)
            .map(|(key, _)| key.clone())
            .collect();
        for key in &old {
            state.records.remove(key);
        }
        Ok(old.len())
    }

    async fn tenants(&self, bot: &BotId) -> Result<Vec<TenantId>, StoreError> {
        let state = self.state();
        let tenants: BTreeSet<&TenantId> = state
            .records
            .keys()
            .filter(|key| key.bot == *bot)
            .map(|key| &key.tenant)
            .collect();
        Ok(tenants.into_iter().cloned().collect())
    }
}
