//! Stored JSON records carry their version. One of a version that we don't know is quarantined: left as it is, and said.

use crate::ports::StoreError;
use bytes::Bytes;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Version that this code writes.
pub(crate) const VERSION: u32 = 1;

/// A record with its version in front.
#[derive(Serialize)]
pub(crate) struct Versioned<T> {
    v: u32,
    #[serde(flatten)]
    record: T,
}

impl<T> Versioned<T> {
    pub(crate) fn new(record: T) -> Self {
        Self { v: VERSION, record }
    }
}

/// Why a stored record can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// Written by a newer version: quarantined.
    #[error(
        "the record has version {0}, this program knows version {VERSION}: it was left as it is, run the newer version"
    )]
    UnknownVersion(u32),
    /// Not readable at all.
    #[error("the record is damaged: {0}")]
    Damaged(String),
}

impl From<RecordError> for StoreError {
    fn from(error: RecordError) -> Self {
        Self::Damaged(error.to_string())
    }
}

/// The bytes of a record.
pub(crate) fn encode<T: Serialize>(record: &T) -> Result<Bytes, StoreError> {
    serde_json::to_vec(record)
        .map(Bytes::from)
        .map_err(|error| StoreError::Refused(format!("a record can't be written: {error}")))
}

/// A record from its bytes; the version is looked at first.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, RecordError> {
    #[derive(Deserialize)]
    struct Head {
        v: u32,
    }
    let damaged = |error: serde_json::Error| RecordError::Damaged(error.to_string());
    let head: Head = serde_json::from_slice(bytes).map_err(damaged)?;
    if head.v != VERSION {
        return Err(RecordError::UnknownVersion(head.v));
    }
    serde_json::from_slice(bytes).map_err(damaged)
}
