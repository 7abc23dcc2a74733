//! When each timer last ran and was due next: what makes a run past due after a restart.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What is remembered of one timer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TimerRecord {
    /// The schedule's text; another text is another timer, which cannot be past due.
    pub(crate) schedule: String,
    /// The last run; absent before the first.
    pub(crate) last: Option<Timestamp>,
    /// The next occurrence.
    pub(crate) next: Timestamp,
    /// When this was written.
    pub(crate) updated: Timestamp,
}

/// Why a history file cannot be used.
#[derive(Debug, Error)]
#[error("the timer history {} cannot be read: {reason}; delete the file to begin anew", path.display())]
pub struct HistoryError {
    path: PathBuf,
    reason: String,
}

/// The timers' memory: in this process, or in a file that outlives it. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct TimerHistory {
    records: Arc<Mutex<BTreeMap<String, TimerRecord>>>,
    path: Option<Arc<Path>>,
}

impl TimerHistory {
    /// Forgotten when the last clone is dropped.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// Kept in a JSON file, written after every run of a monitored timer.
    ///
    /// # Errors
    /// [`HistoryError`] when the file exists and is not readable or not a history.
    pub fn file(path: impl Into<PathBuf>) -> Result<Self, HistoryError> {
        let path = path.into();
        let records = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| HistoryError {
                path: path.clone(),
                reason: error.to_string(),
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => {
                return Err(HistoryError {
                    path,
                    reason: error.to_string(),
                });
            }
        };
        Ok(Self {
            records: Arc::new(Mutex::new(records)),
            path: Some(Arc::from(path)),
        })
    }

    pub(crate) fn get(&self, function: &str) -> Option<TimerRecord> {
        self.records
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(function)
            .cloned()
    }

    pub(crate) fn put(&self, function: &str, record: TimerRecord) {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        records.insert(function.to_owned(), record);
        let Some(path) = &self.path else { return };
        if let Err(error) = write(path, &records) {
            tracing::warn!(%error, "the timer history could not be written; a missed run may not be caught up");
        }
    }
}

/// Writes beside the file and renames, so that a crash leaves the old or the new one.
fn write(path: &Path, records: &BTreeMap<String, TimerRecord>) -> std::io::Result<()> {
    let beside = path.with_extension("tmp");
    std::fs::write(&beside, serde_json::to_vec_pretty(records)?)?;
    std::fs::rename(beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_remembers_and_a_damaged_one_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("timers.json");
        let time: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let record = TimerRecord {
            schedule: "0 * * * * *".to_owned(),
            last: None,
            next: time,
            updated: time,
        };
        TimerHistory::file(&path).unwrap().put("tick", record.clone());
        assert_eq!(TimerHistory::file(&path).unwrap().get("tick"), Some(record));
        std::fs::write(&path, "{").unwrap();
        let error = TimerHistory::file(&path).unwrap_err().to_string();
        assert!(
            error.contains("timers.json") && error.contains("delete the file"),
            "{error}"
        );
    }
}
