//! Takes records one by one: whose they are, whether they are newer, and what became of each.

use super::{AT_ONCE, Cause, Imported, NAMED, Reason, Run, Skip, TransferError};
use crate::{owner::Owner, references};
use futures::{Stream, StreamExt};
use notify::{
    ports::{Expected, ReferenceStore, StoreError, WriteError},
    reference::ConversationReference,
    target::{Installation, ReferenceRecord},
};

/// Attempts at a record that someone else writes at the same time.
const ATTEMPTS: u32 = 20;

/// Records between two words about how far it is.
const PROGRESS_EVERY: u64 = 5_000;

/// Something to import.
pub(super) struct Item {
    /// Line, key or file name, for the report.
    pub(super) place: String,
    /// Its key in TeamsFx's store, where it has one.
    pub(super) key: Option<String>,
    /// JSON of a record or of a conversation reference.
    pub(super) text: String,
}

enum Done {
    Imported,
    Unchanged,
    Skipped(Skip),
}

/// Imports all items; an error among them ends it after those before.
pub(super) async fn import(
    store: &dyn ReferenceStore,
    items: impl Stream<Item = Result<Item, Cause>> + Send,
    owner: &Owner,
    run: Run,
) -> Result<Imported, TransferError> {
    let mut report = Imported::default();
    let mut outcomes = std::pin::pin!(
        items
            .map(|item| async move {
                match item {
                    Ok(item) => Ok(one(store, item, owner, run).await?),
                    Err(cause) => Err(cause),
                }
            })
            .buffered(AT_ONCE)
    );
    while let Some(outcome) = outcomes.next().await {
        let done = report.imported + report.unchanged + report.skipped;
        if done > 0 && done.is_multiple_of(PROGRESS_EVERY) {
            tracing::info!(records = done, "references are being imported");
        }
        match outcome {
            Ok(Done::Imported) => report.imported += 1,
            Ok(Done::Unchanged) => report.unchanged += 1,
            Ok(Done::Skipped(skip)) => {
                report.skipped += 1;
                if report.reasons.len() < NAMED {
                    report.reasons.push(skip);
                }
            }
            Err(cause) => {
                return Err(TransferError {
                    so_far: report,
                    cause,
                });
            }
        }
    }
    Ok(report)
}

async fn one(store: &dyn ReferenceStore, item: Item, owner: &Owner, run: Run) -> Result<Done, StoreError> {
    let place = item.place.clone();
    let skipped = |reason| Ok(Done::Skipped(Skip { place, reason }));
    let record = match record(&item, owner) {
        Ok(record) => record,
        Err(reason) => return skipped(reason),
    };
    let key = match &record {
        ReferenceRecord::Installed(whole) => whole.target.key.clone(),
        ReferenceRecord::Removed(tombstone) => tombstone.key.clone(),
    };
    for _ in 0..ATTEMPTS {
        let known = match store.read(&key).await {
            Ok(known) => known,
            Err(StoreError::Damaged(problem)) => return skipped(Reason::Damaged(problem)),
            Err(error) => return Err(error),
        };
        let expected = match &known {
            None => Expected::Absent,
            Some(known) if record.event_at() > known.record.event_at() => {
                Expected::Version(known.version.clone())
            }
            Some(known) => {
                return match known.record {
                    ReferenceRecord::Removed(_) if matches!(record, ReferenceRecord::Installed(_)) => {
                        skipped(Reason::RemovedSince)
                    }
                    _ => Ok(Done::Unchanged),
                };
            }
        };
        if run == Run::Dry {
            return Ok(Done::Imported);
        }
        match store.write(&key, &record, &expected).await {
            Ok(_) => return Ok(Done::Imported),
            Err(WriteError::Store(error)) => return Err(error),
            Err(_) => {}
        }
    }
    Err(StoreError::unavailable("a record stayed contended"))
}

/// The record that an item is, as one of the owner's.
fn record(item: &Item, owner: &Owner) -> Result<ReferenceRecord, Reason> {
    let reference: ConversationReference = serde_json::from_str(&item.text)
        .map_err(|e| Reason::NotARecord(format!("it is no JSON object: {e}")))?;
    let mut record = if reference.properties().contains_key("v") {
        references::record(&item.place, item.text.as_bytes())
            .map_err(|e| Reason::NotARecord(e.to_string()))?
    } else {
        let target = owner.target(item.key.as_deref(), &reference)?;
        ReferenceRecord::Installed(Box::new(Installation { target, reference }))
    };
    let named = match &record {
        ReferenceRecord::Installed(whole) => whole.reference.bot(),
        ReferenceRecord::Removed(_) => None,
    };
    let key = match &mut record {
        ReferenceRecord::Installed(whole) => &mut whole.target.key,
        ReferenceRecord::Removed(tombstone) => &mut tombstone.key,
    };
    if owner.bot.as_str().is_empty() {
        key.bot = owner.bot.clone();
    } else if key.bot.as_str().is_empty() {
        key.bot = named.unwrap_or_else(|| owner.bot.clone());
    }
    if !key.bot.as_str().eq_ignore_ascii_case(owner.bot.as_str()) {
        return Err(Reason::OtherBot(key.bot.clone()));
    }
    key.bot = owner.bot.clone();
    owner.settle_tenant(key);
    Ok(record)
}
