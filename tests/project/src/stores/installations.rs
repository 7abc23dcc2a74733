//! Conversation references in one JSON file.

use async_trait::async_trait;
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};
use teams_notify::{
    ports::{
        Continuation, Expected, Page, ReferenceStore, Selection, StoreError, Stored, Version, WriteError,
    },
    references::{ReferenceRecord, TargetKey},
};

/// Records, each with the number of the write that made it: its version.
pub(crate) struct InstallationsFile {
    path: PathBuf,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    records: BTreeMap<TargetKey, (u64, ReferenceRecord)>,
    writes: u64,
}

fn version(number: u64) -> Version {
    Version(number.to_string().into())
}

impl InstallationsFile {
    pub(crate) fn open(path: PathBuf) -> Result<Self, io::Error> {
        let known = Mutex::new(if path.exists() {
            read(&path)?
        } else {
            Known::default()
        });
        Ok(Self { path, known })
    }

    fn change<T>(&self, change: impl FnOnce(&mut Known) -> Result<T, WriteError>) -> Result<T, WriteError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = change(&mut known)?;
        let records: Vec<_> = known.records.values().collect();
        let text =
            serde_json::to_vec(&records).map_err(|error| StoreError::unavailable(error.to_string()))?;
        // Whole or not at all, whenever the process ends.
        let next = self.path.with_extension("next");
        fs::write(&next, text)
            .and_then(|()| fs::rename(&next, &self.path))
            .map_err(|error| StoreError::unavailable(error.to_string()))?;
        Ok(changed)
    }

    fn stored(&self) -> Vec<Stored> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let records = known.records.values();
        records
            .map(|(number, record)| Stored {
                record: record.clone(),
                version: version(*number),
            })
            .collect()
    }
}

fn read(path: &Path) -> Result<Known, io::Error> {
    let records: Vec<(u64, ReferenceRecord)> = serde_json::from_slice(&fs::read(path)?)?;
    let writes = records.iter().map(|(number, _)| *number).max().unwrap_or(0);
    let records = records
        .into_iter()
        .map(|(number, record)| (record.key().clone(), (number, record)));
    Ok(Known {
        records: records.collect(),
        writes,
    })
}

#[async_trait]
impl ReferenceStore for InstallationsFile {
    async fn read(&self, key: &TargetKey) -> Result<Option<Stored>, StoreError> {
        Ok(self
            .stored()
            .into_iter()
            .find(|stored| stored.record.key() == key))
    }

    async fn write(
        &self,
        key: &TargetKey,
        record: &ReferenceRecord,
        expected: &Expected,
    ) -> Result<Version, WriteError> {
        self.change(|known| {
            let there = known.records.get(key).map(|(number, _)| version(*number));
            let holds = match expected {
                Expected::Absent => there.is_none(),
                Expected::Version(wanted) => there.as_ref() == Some(wanted),
            };
            if !holds {
                return Err(WriteError::Conflict);
            }
            known.writes += 1;
            known.records.insert(key.clone(), (known.writes, record.clone()));
            Ok(version(known.writes))
        })
    }

    async fn erase(&self, key: &TargetKey, expected: &Version) -> Result<(), WriteError> {
        self.change(|known| match known.records.get(key) {
            Some((number, _)) if version(*number) == *expected => {
                known.records.remove(key);
                Ok(())
            }
            _ => Err(WriteError::Conflict),
        })
    }

    async fn list(&self, selection: &Selection, _from: Option<&Continuation>) -> Result<Page, StoreError> {
        let selected = self.stored().into_iter().filter(|stored| {
            let key = stored.record.key();
            key.bot == selection.bot
                && selection
                    .tenant
                    .as_ref()
                    .is_none_or(|tenant| *tenant == key.tenant)
        });
        Ok(Page {
            targets: selected.filter_map(Stored::listed).collect(),
            next: None,
        })
    }
}
