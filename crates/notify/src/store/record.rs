//! Stored JSON records carry their version. One of a newer version is quarantined: left as it is, and reported.

use crate::ports::StoreError;
use bytes::Bytes;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Version of a kind of record: it is written with this one; this one and all before it are read.
///
/// A kind's version rises when a program that doesn't know the change must not act on the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Version(pub(crate) u32);

impl Version {
    /// As the kind was first written.
    pub(crate) const FIRST: Self = Self(1);
    /// Counts by name instead of by position.
    pub(crate) const COUNTS_BY_NAME: Self = Self(2);
}

/// A record with its version in front.
#[derive(Serialize)]
pub(crate) struct Versioned<T> {
    v: Version,
    #[serde(flatten)]
    record: T,
}

impl<T> Versioned<T> {
    pub(crate) fn new(version: Version, record: T) -> Self {
        Self { v: version, record }
    }
}

/// Why a stored record can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// Written by a newer version: quarantined.
    #[error(
        "the record has version {found}, this program knows version {known}: it was left as it is, run the newer version"
    )]
    UnknownVersion {
        /// The record's.
        found: u32,
        /// The newest that is known.
        known: u32,
    },
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

/// A record from its bytes; its version is read first.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8], newest: Version) -> Result<T, RecordError> {
    #[derive(Deserialize)]
    struct Head {
        v: u32,
    }
    let damaged = |error: serde_json::Error| RecordError::Damaged(error.to_string());
    let head: Head = serde_json::from_slice(bytes).map_err(damaged)?;
    if !(Version::FIRST.0..=newest.0).contains(&head.v) {
        return Err(RecordError::UnknownVersion {
            found: head.v,
            known: newest.0,
        });
    }
    serde_json::from_slice(bytes).map_err(damaged)
}
