//! How a record is written: JSON with a version in the body, a summary in the metadata.
//! A version that is not ours is never read as ours; the caller quarantines it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use jiff::Timestamp;
use notify::{
    ports::StoreError,
    store::record::unreadable,
    target::{ReferenceRecord, Target},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Version of what this build writes.
pub(crate) const VERSION: u64 = 1;
/// Longest summary in metadata, bytes of base64; the service's cap is 8 KiB for all of it.
const LONGEST_SUMMARY: usize = 6 * 1024;

const FORMAT: &str = "v";
const TARGET: &str = "target";
const LARGE: &str = "large";
const REMOVED: &str = "removed";
/// Names one write, so that a writer whose reply was lost can tell its own success from a conflict.
const WRITE: &str = "w";

#[derive(Serialize)]
struct Versioned<'a> {
    v: u64,
    #[serde(flatten)]
    record: &'a ReferenceRecord,
}

#[derive(Deserialize)]
struct Marked {
    v: Option<u64>,
}

/// A record as one line of JSON.
pub(crate) fn line(record: &ReferenceRecord) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(&Versioned { v: VERSION, record })
        .map_err(|e| StoreError::Refused(format!("no JSON: {e}")))
}

/// The record in `text`; `place` names where it is from.
pub(crate) fn record(place: &str, text: &[u8]) -> Result<ReferenceRecord, StoreError> {
    let damaged = |what: String| StoreError::Damaged(format!("{place}: {what}"));
    let marked: Marked = serde_json::from_slice(text).map_err(|e| damaged(unreadable(&e)))?;
    match marked.v {
        Some(VERSION) => serde_json::from_slice(text).map_err(|e| damaged(unreadable(&e))),
        Some(other) => Err(damaged(format!(
            "record version {other}, this build knows {VERSION}; it is left as it is"
        ))),
        None => Err(damaged("it has no record version `v`".to_owned())),
    }
}

/// Body and metadata of a record.
pub(super) fn encode(record: &ReferenceRecord) -> Result<(Bytes, BTreeMap<String, String>), StoreError> {
    let write = Uuid::new_v4().simple().to_string();
    let mut metadata = BTreeMap::from([
        (FORMAT.to_owned(), VERSION.to_string()),
        (WRITE.to_owned(), write),
    ]);
    match record {
        ReferenceRecord::Installed(installation) => {
            let json = serde_json::to_vec(&installation.target)
                .map_err(|e| StoreError::Refused(format!("no JSON: {e}")))?;
            let summary = URL_SAFE_NO_PAD.encode(json);
            if summary.len() <= LONGEST_SUMMARY {
                metadata.insert(TARGET.to_owned(), summary);
            } else {
                metadata.insert(LARGE.to_owned(), "1".to_owned());
            }
        }
        ReferenceRecord::Removed(tombstone) => {
            metadata.insert(REMOVED.to_owned(), tombstone.recorded_at.to_string());
        }
    }
    Ok((line(record)?.into(), metadata))
}

/// Whether what is stored with one metadata is the write with the other.
pub(super) fn same_write(stored: &BTreeMap<String, String>, ours: &BTreeMap<String, String>) -> bool {
    stored
        .get(WRITE)
        .is_some_and(|write| ours.get(WRITE) == Some(write))
}

/// What metadata tells.
pub(super) enum Summary {
    /// Installed, and this is what sending needs.
    Target(Box<Target>),
    /// A tombstone, recorded then.
    Removed(Timestamp),
    /// The body has to be read.
    InBody,
    /// Written by a version that this build does not know.
    Unknown,
}

pub(super) fn summary(metadata: &BTreeMap<String, String>) -> Summary {
    match metadata.get(FORMAT).map(|v| v.parse::<u64>()) {
        Some(Ok(VERSION)) => {}
        Some(_) => return Summary::Unknown,
        None => return Summary::InBody,
    }
    if let Some(recorded_at) = metadata.get(REMOVED) {
        return recorded_at.parse().map_or(Summary::InBody, Summary::Removed);
    }
    let target = metadata
        .get(TARGET)
        .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
        .and_then(|json| serde_json::from_slice(&json).ok());
    target.map_or(Summary::InBody, |target| Summary::Target(Box::new(target)))
}
