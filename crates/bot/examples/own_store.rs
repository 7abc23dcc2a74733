//! A store of your own for conversation references: here in memory, yours perhaps a database.

use async_trait::async_trait;
use std::{
    collections::BTreeMap,
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};
use teams_notify::{
    App, Bot, Program,
    ids::{BotId, TenantId},
    ports::{
        Continuation, Expected, Listed, Page, ReferenceStore, Selection, StoreError, Stored, Version,
        WriteError,
    },
    references::{PersonKey, ReferenceRecord, TargetKey},
};

fn main() -> ExitCode {
    Program::new(app)
        .reference_store(|_settings| Ok(Arc::new(MyStore::default())))
        .run()
}

fn app(bot: Bot) -> App {
    App::new(bot).http("httpTrigger", teams_notify::api())
}

#[derive(Default)]
struct MyStore(Mutex<Records>);

#[derive(Default)]
struct Records {
    /// With the number of the write that made each: its version.
    records: BTreeMap<TargetKey, (ReferenceRecord, u64)>,
    writes: u64,
}

/// Records of a page.
const PAGE: usize = 1_000;

fn version(number: u64) -> Version {
    Version(number.to_string().into())
}

#[async_trait]
impl ReferenceStore for MyStore {
    async fn read(&self, key: &TargetKey) -> Result<Option<Stored>, StoreError> {
        let records = &self.0.lock().unwrap_or_else(PoisonError::into_inner).records;
        Ok(records.get(key).map(|(record, number)| Stored {
            record: record.clone(),
            version: version(*number),
        }))
    }

    /// Conditional, so that of two events that come at once neither is lost.
    async fn write(
        &self,
        key: &TargetKey,
        record: &ReferenceRecord,
        expected: &Expected,
    ) -> Result<Version, WriteError> {
        let Records { records, writes } = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = records.get(key).map(|(_, number)| version(*number));
        let holds = match expected {
            Expected::Absent => known.is_none(),
            Expected::Version(wanted) => known.as_ref() == Some(wanted),
        };
        if !holds {
            return Err(WriteError::Conflict);
        }
        *writes += 1;
        records.insert(key.clone(), (record.clone(), *writes));
        Ok(version(*writes))
    }

    async fn erase(&self, key: &TargetKey, expected: &Version) -> Result<(), WriteError> {
        let records = &mut self.0.lock().unwrap_or_else(PoisonError::into_inner).records;
        match records.get(key) {
            Some((_, number)) if version(*number) == *expected => {
                records.remove(key);
                Ok(())
            }
            _ => Err(WriteError::Conflict),
        }
    }

    async fn find_person(
        &self,
        bot: &BotId,
        tenant: &TenantId,
        person: &PersonKey,
    ) -> Result<Vec<Listed>, StoreError> {
        let records = &self.0.lock().unwrap_or_else(PoisonError::into_inner).records;
        let of_tenant = records
            .iter()
            .filter(|(key, _)| key.bot == *bot && key.tenant == *tenant);
        let listed = of_tenant.filter_map(|(_, (record, number))| {
            let stored = Stored {
                record: record.clone(),
                version: version(*number),
            };
            stored.listed()
        });
        Ok(listed
            .filter(|listed| listed.target.person_keys().any(|key| key == *person))
            .collect())
    }

    /// Page by page: an audience of hundreds of thousands is never in memory at once.
    async fn list(&self, selection: &Selection, from: Option<&Continuation>) -> Result<Page, StoreError> {
        let records = &self.0.lock().unwrap_or_else(PoisonError::into_inner).records;
        let start: usize = from.and_then(|from| from.0.parse().ok()).unwrap_or(0);
        let selected = records.iter().filter(|(key, _)| {
            key.bot == selection.bot
                && selection
                    .tenant
                    .as_ref()
                    .is_none_or(|tenant| *tenant == key.tenant)
        });
        let page: Vec<_> = selected.skip(start).take(PAGE).collect();
        let next = (page.len() == PAGE).then(|| Continuation((start + PAGE).to_string()));
        let targets = page.into_iter().filter_map(|(_, (record, number))| {
            let stored = Stored {
                record: record.clone(),
                version: version(*number),
            };
            stored.listed()
        });
        Ok(Page {
            targets: targets.collect(),
            next,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_does_what_the_library_relies_on() {
        teams_notify::conformance::references(&|| Arc::new(MyStore::default())).await;
    }
}
