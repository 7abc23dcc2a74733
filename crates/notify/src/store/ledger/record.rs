//! One appended line. Its format is a contract between versions; a line of an unknown version quarantines the part.

use super::{StoredSums, Sums};
use crate::{
    ids::{ActivityId, ConversationId},
    outcome::Outcome,
    ports::StoreError,
    store::record::{RecordError, Version, decode},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A run of recipients, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Span(pub(crate) u32, pub(crate) u32);

impl Span {
    /// Recipients as runs.
    pub(crate) fn cover(numbers: &mut [u32]) -> Vec<Self> {
        numbers.sort_unstable();
        let mut spans: Vec<Self> = Vec::new();
        for &n in numbers.iter() {
            match spans.last_mut() {
                Some(last) if last.1 + 1 == n => last.1 = n,
                _ => spans.push(Self(n, n)),
            }
        }
        spans
    }
}

/// A recipient's end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Settled {
    pub(crate) n: u32,
    #[serde(rename = "o")]
    pub(crate) outcome: Outcome,
    /// Posts made, whatever the answer.
    #[serde(rename = "a", default)]
    pub(crate) attempts: u32,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<Arc<str>>,
    #[serde(rename = "id", default, skip_serializing_if = "Option::is_none")]
    pub(crate) activity: Option<ActivityId>,
    /// Conversation that was used, where it is not the row's.
    #[serde(rename = "to", default, skip_serializing_if = "Option::is_none")]
    pub(crate) conversation: Option<ConversationId>,
    /// Wall time, milliseconds.
    #[serde(rename = "t")]
    pub(crate) at: i64,
}

/// Many recipients that end alike without an attempt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct BulkCancelled {
    #[serde(rename = "n")]
    pub(crate) span: Span,
    #[serde(rename = "o")]
    pub(crate) outcome: Outcome,
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<Arc<str>>,
    #[serde(rename = "t")]
    pub(crate) at: i64,
}

/// Whether a post that brought no end may have arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Certainty {
    /// Certainly not delivered.
    Certain,
    /// It may have been.
    #[serde(rename = "doubtful")]
    Ambiguous,
}

/// An intended recipient that comes back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Returned {
    pub(crate) n: u32,
    #[serde(rename = "p")]
    pub(crate) certainty: Certainty,
    /// Posts made so far.
    #[serde(rename = "a", default)]
    pub(crate) attempts: u32,
    /// Not before this wall time, milliseconds.
    #[serde(rename = "d", default)]
    pub(crate) due: i64,
}

/// A line of a ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) v: Version,
    /// Who appended it.
    #[serde(rename = "h")]
    pub(crate) owner: Arc<str>,
    /// The owner's line number in this ledger.
    #[serde(rename = "q")]
    pub(crate) sequence: u64,
    #[serde(rename = "t")]
    pub(crate) at: i64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) settled: Vec<Settled>,
    #[serde(rename = "swept", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) cancelled_in_bulk: Vec<BulkCancelled>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) returned: Vec<Returned>,
    /// Recipients that are posted from now on; later than the above.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) intent: Vec<Span>,
    /// Sums of all chunks before the previous one.
    pub(crate) base: StoredSums,
    /// Sums of this chunk, this line included.
    pub(crate) sums: StoredSums,
}

impl Record {
    /// The line, with its end.
    pub(crate) fn line(&self) -> Result<Vec<u8>, StoreError> {
        let mut line = serde_json::to_vec(self)
            .map_err(|error| StoreError::Refused(format!("a ledger line can't be written: {error}")))?;
        line.push(b'\n');
        Ok(line)
    }

    /// An empty line.
    pub(crate) fn new(
        version: Version,
        owner: Arc<str>,
        sequence: u64,
        at: i64,
        base: Sums,
        sums: Sums,
    ) -> Self {
        Self {
            v: version,
            owner,
            sequence,
            at,
            settled: Vec::new(),
            cancelled_in_bulk: Vec::new(),
            returned: Vec::new(),
            intent: Vec::new(),
            base: StoredSums::new(base, version),
            sums: StoredSums::new(sums, version),
        }
    }

    /// Reads one line.
    pub(crate) fn parse(line: &[u8]) -> Result<Self, RecordError> {
        decode(line).map(|(_, record)| record)
    }
}
