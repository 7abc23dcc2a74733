//! References in memory, paged, conditional, with an index of people that only helps: it may not know somebody.

use async_trait::async_trait;
use notify::{
    ids::{BotId, ConversationId, EntraId, ServiceUrl, TenantId, UserId},
    person::PersonKey,
    ports::{
        Continuation, Expected, Listed, Page, ReferenceStore, Selection, StoreError, Stored, Version,
        WriteError,
    },
    reference::ConversationReference,
    target::{ChannelState, DeliveryStatus, Installation, ReferenceRecord, Scope, Target, TargetKey},
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

/// A reference store in memory.
pub struct MemoryReferences {
    state: Mutex<State>,
    page: AtomicUsize,
}

impl Default for MemoryReferences {
    fn default() -> Self {
        Self {
            state: Mutex::default(),
            page: AtomicUsize::new(PAGE),
        }
    }
}

#[derive(Default)]
struct State {
    records: BTreeMap<TargetKey, (ReferenceRecord, u64)>,
    writes: u64,
    /// Made when it is first asked: a run to everyone needs none.
    people: Option<People>,
    /// Who is not in the index.
    lost: HashSet<TargetKey>,
}

/// Targets by tenant and person.
type People = HashMap<(TenantId, PersonKey), TargetKey>;

fn enter(people: &mut People, record: &ReferenceRecord) {
    if let ReferenceRecord::Installed(installation) = record {
        let target = &installation.target;
        for person in target.person_keys() {
            people.insert((target.key.tenant.clone(), person), target.key.clone());
        }
    }
}

impl State {
    fn keep(&mut self, key: TargetKey, record: ReferenceRecord) -> u64 {
        self.writes += 1;
        if let Some(people) = &mut self.people {
            enter(people, &record);
        }
        self.records.insert(key, (record, self.writes));
        self.writes
    }

    fn find(&mut self, tenant: &TenantId, person: &PersonKey) -> Option<&(ReferenceRecord, u64)> {
        let records = &self.records;
        let people = self.people.get_or_insert_with(|| {
            let mut people = People::new();
            records
                .values()
                .for_each(|(record, _)| enter(&mut people, record));
            people
        });
        let key = people.get(&(tenant.clone(), person.clone()))?;
        records.get(key).filter(|_| !self.lost.contains(key))
    }
}

const PAGE: usize = 5_000;

fn version(number: u64) -> Version {
    Version(number.to_string().into())
}

impl MemoryReferences {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Installs the bot for a person: conversation `a:{n}`, user `29:{n}`, Entra id `e-{n}`.
    pub fn install_person(&self, bot: &BotId, tenant: &TenantId, n: usize) {
        let target = person(bot, tenant, n);
        let key = target.key.clone();
        let record = ReferenceRecord::Installed(Box::new(Installation {
            target,
            reference: ConversationReference::default(),
        }));
        self.state().keep(key, record);
    }

    /// From now on a page of a listing has at most so many records.
    pub fn page(&self, records: usize) {
        self.page.store(records.max(1), Ordering::Relaxed);
    }

    /// From now on the index doesn't know person `n`; listings do.
    pub fn lose_from_index(&self, bot: &BotId, tenant: &TenantId, n: usize) {
        let key = person(bot, tenant, n).key;
        self.state().lost.insert(key);
    }

    /// Who has a reference that stands, whatever chat it names.
    pub fn installed(&self) -> Vec<Target> {
        let state = self.state();
        let records = state.records.values();
        records
            .filter_map(|(record, _)| match record {
                ReferenceRecord::Installed(installation) => Some(installation.target.clone()),
                ReferenceRecord::Removed(_) => None,
            })
            .collect()
    }

    /// What is recorded of person `n`.
    pub fn person(&self, bot: &BotId, tenant: &TenantId, n: usize) -> Option<ReferenceRecord> {
        let key = person(bot, tenant, n).key;
        self.state().records.get(&key).map(|(record, _)| record.clone())
    }
}

fn person(bot: &BotId, tenant: &TenantId, n: usize) -> Target {
    Target {
        key: TargetKey {
            bot: bot.clone(),
            tenant: tenant.clone(),
            root: ConversationId::from(format!("a:{n}")),
        },
        scope: Scope::Personal,
        service_url: ServiceUrl::from("https://smba.trafficmanager.net/teams/"),
        user: Some(UserId::from(format!("29:{n}"))),
        entra: Some(EntraId::from(format!("e-{n}"))),
        name: None,
        team: None,
        preferred_channel: None,
        preferred_channel_state: ChannelState::Present,
        locale: None,
        time_zone: None,
        delivery_status: DeliveryStatus::Active,
        event_at: jiff::Timestamp::UNIX_EPOCH,
    }
}

#[async_trait]
impl ReferenceStore for MemoryReferences {
    async fn read(&self, key: &TargetKey) -> Result<Option<Stored>, StoreError> {
        let state = self.state();
        Ok(state.records.get(key).map(|(record, number)| Stored {
            record: record.clone(),
            version: version(*number),
        }))
    }

    async fn write(
        &self,
        key: &TargetKey,
        record: &ReferenceRecord,
        expected: &Expected,
    ) -> Result<Version, WriteError> {
        let mut state = self.state();
        let known = state.records.get(key).map(|(_, number)| version(*number));
        let holds = match expected {
            Expected::Absent => known.is_none(),
            Expected::Version(wanted) => known.as_ref() == Some(wanted),
        };
        if !holds {
            return Err(WriteError::Conflict);
        }
        let number = state.keep(key.clone(), record.clone());
        Ok(version(number))
    }

    async fn erase(&self, key: &TargetKey, _: &Version) -> Result<(), WriteError> {
        self.state().records.remove(key);
        Ok(())
    }

    async fn find_person(
        &self,
        bot: &BotId,
        tenant: &TenantId,
        person: &PersonKey,
    ) -> Result<Option<Listed>, StoreError> {
        let mut state = self.state();
        let found = state.find(tenant, person).map(|(record, number)| Stored {
            record: record.clone(),
            version: version(*number),
        });
        let found = found.and_then(Stored::listed);
        Ok(found.filter(|listed| listed.target.key.bot == *bot))
    }

    async fn list(&self, selection: &Selection, from: Option<&Continuation>) -> Result<Page, StoreError> {
        let state = self.state();
        let size = self.page.load(Ordering::Relaxed);
        let of_selection = state.records.iter().filter(|(key, _)| {
            key.bot == selection.bot
                && selection
                    .tenant
                    .as_ref()
                    .is_none_or(|tenant| *tenant == key.tenant)
        });
        let skip: usize = from.map_or(0, |from| from.0.parse().unwrap_or(0));
        let page: Vec<_> = of_selection.skip(skip).take(size).collect();
        let next = (page.len() == size).then(|| Continuation((skip + size).to_string()));
        let targets = page
            .into_iter()
            .filter_map(|(_, (record, number))| match record {
                ReferenceRecord::Installed(installation) => Some(Listed {
                    target: installation.target.clone(),
                    version: version(*number),
                }),
                ReferenceRecord::Removed(_) => None,
            })
            .collect();
        Ok(Page { targets, next })
    }
}
