//! Moving references between stores: JSON lines of whole records, TeamsFx's JSON object, and one JSON document a
//! reference as the Blob sample of TeamsFx keeps them. Streams: memory does not grow with the number of references.
//! An import never replaces what is newer, so it can be repeated.

mod export;
mod import;
mod sources;

use notify::{ids::BotId, ports::StoreError, reference::Unusable};

pub use export::export;
pub use sources::{import_objects, import_path};

/// Records worked on at once.
const AT_ONCE: usize = 32;
/// Skipped records that are named; beyond it they are counted.
const NAMED: usize = 100;

/// Whether an import writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// Tells what it would do.
    Dry,
    /// Does it.
    Apply,
}

/// How references are written in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// One whole record a line; nothing is lost.
    JsonLines,
    /// TeamsFx's JSON object; event times, delivery status and preferred channels have no place in it.
    TeamsFx,
}

/// What an import did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Imported {
    /// Written.
    pub imported: u64,
    /// Already known, as new or newer.
    pub unchanged: u64,
    /// Not taken.
    pub skipped: u64,
    /// The first hundred that were not taken.
    pub reasons: Vec<Skip>,
}

/// A record that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct Skip {
    /// Line, key or file name.
    pub place: String,
    /// Why.
    pub reason: Reason,
}

/// Why a record was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// It is no JSON object, or not one of a record or reference.
    #[error("{0}")]
    NotARecord(String),
    /// It lacks what sending needs.
    #[error(transparent)]
    Unusable(#[from] Unusable),
    /// It belongs to another bot, whose references this one can't use.
    #[error("it belongs to bot {0}")]
    OtherBot(BotId),
    /// The bot was removed there after the reference was written.
    #[error("the bot has been removed there since")]
    RemovedSince,
    /// What the store holds under that key can't be read and is left alone.
    #[error("{0}")]
    Damaged(String),
}

/// A transfer that could not go on.
#[derive(Debug, thiserror::Error)]
#[error("{cause} (until then: {} imported, {} unchanged, {} skipped)", so_far.imported, so_far.unchanged, so_far.skipped)]
pub struct TransferError {
    /// What was done before.
    pub so_far: Imported,
    /// Why it stopped.
    pub cause: Cause,
}

/// Why a transfer stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// The file system refuses.
    #[error("{0}")]
    Io(String),
    /// The document is not JSON from here on.
    #[error("{file}:{line}:{column}: {problem}")]
    Damaged {
        /// The file.
        file: String,
        /// Line of the problem, from 1.
        line: usize,
        /// Column of the problem, from 1.
        column: usize,
        /// What is wrong.
        problem: String,
    },
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Cause> for TransferError {
    fn from(cause: Cause) -> Self {
        Self {
            so_far: Imported::default(),
            cause,
        }
    }
}

impl From<StoreError> for TransferError {
    fn from(error: StoreError) -> Self {
        Cause::Store(error).into()
    }
}

#[cfg(test)]
mod tests;
