//! Stored JSON records carry their version. One of a newer version is quarantined: left as it is, and reported.

use crate::ports::StoreError;
use bytes::Bytes;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::error::Category;

/// Version of a record. It rises for a kind of record when a program that doesn't know the change must not act on it.
///
/// A notification keeps the version that it was accepted with, and so do its ledgers: a program of the version before
/// can go on with what it accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub enum Version {
    /// As every kind was first written.
    V1,
    /// Counts by name instead of by position.
    V2,
}

impl Version {
    /// Of what is accepted now.
    pub const NEWEST: Self = Self::V2;
}

impl From<Version> for u32 {
    fn from(version: Version) -> Self {
        match version {
            Version::V1 => 1,
            Version::V2 => 2,
        }
    }
}

impl TryFrom<u32> for Version {
    type Error = RecordError;

    fn try_from(found: u32) -> Result<Self, Self::Error> {
        match found {
            1 => Ok(Self::V1),
            2 => Ok(Self::V2),
            _ => Err(RecordError::UnknownVersion(found)),
        }
    }
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
        "the record has version {0}, which this program doesn't know: it was left as it is, run the newer version"
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

/// What is wrong with stored JSON, for the log. Where a value has another type, serde's own text quotes it, and values are
/// names and texts.
pub fn unreadable(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match error.classify() {
        Category::Data if !text.starts_with("missing field") => format!(
            "a value has another type than expected at line {} column {}",
            error.line(),
            error.column()
        ),
        _ => text,
    }
}

/// The bytes of a record.
pub(crate) fn encode<T: Serialize>(record: &T) -> Result<Bytes, StoreError> {
    serde_json::to_vec(record)
        .map(Bytes::from)
        .map_err(|error| StoreError::Refused(format!("a record can't be written: {error}")))
}

/// A record from its bytes; its version is read first.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<(Version, T), RecordError> {
    #[derive(Deserialize)]
    struct Head {
        v: u32,
    }
    let damaged = |error: serde_json::Error| RecordError::Damaged(unreadable(&error));
    let head: Head = serde_json::from_slice(bytes).map_err(damaged)?;
    let version = Version::try_from(head.v)?;
    Ok((version, serde_json::from_slice(bytes).map_err(damaged)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_record_is_described_without_its_values() {
        #[derive(Debug, Deserialize)]
        struct Row {
            #[expect(dead_code, reason = "only its type matters")]
            number: u32,
        }
        let said = |text: &str| match decode::<Row>(text.as_bytes()).unwrap_err() {
            RecordError::Damaged(what) => what,
            other => panic!("{other}"),
        };
        for (text, expected) in [
            (
                r#"{"v":1,"number":"Ada Berg"}"#,
                "a value has another type than expected at line 1 column",
            ),
            (r#"{"v":1}"#, "missing field `number`"),
            (r#"{"v":1,"number":"Ada Berg"#, "EOF while parsing a string"),
            ("Ada Berg", "expected value"),
        ] {
            let said = said(text);
            assert!(said.starts_with(expected) && !said.contains("Ada"), "{said}");
        }
    }
}
