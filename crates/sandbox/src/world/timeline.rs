//! The history of a chat: a bounded list of messages and notices, each message with its JSON as received.

use std::collections::VecDeque;

use bytes::Bytes;
use serde::ser::{Error as _, SerializeStruct};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// Who wrote an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Author {
    /// The bot, through the connector.
    Bot,
    /// A person of the world.
    Person {
        /// Their `29:…` id.
        id: String,
        /// Their name.
        name: String,
    },
    /// The sandbox: something that a chat of Teams would not show.
    Notice {
        /// Its severity.
        tone: Tone,
    },
}

/// The severity of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Tone {
    /// Information.
    Info,
    /// Something was refused or failed.
    Problem,
}

/// The state of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum EntryState {
    /// Unchanged.
    Sent,
    /// Replaced by an update.
    Edited,
    /// Deleted, with its content.
    Deleted,
}

/// One message or notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Message id (epoch milliseconds), or `n…` for notices. Unique within the conversation.
    pub id: String,
    /// When, in epoch milliseconds.
    pub at: u64,
    /// Who.
    pub author: Author,
    /// Root message of the reply chain it belongs to, in channels.
    pub thread: Option<String>,
    /// Whether it was edited or deleted.
    pub state: EntryState,
    /// The activity's JSON as received (empty object when deleted), or `{"text":…}` of a notice.
    pub activity: Bytes,
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_slice(&self.activity).map_err(S::Error::custom)?;
        let mut out = serializer.serialize_struct("Entry", 6)?;
        out.serialize_field("id", &self.id)?;
        out.serialize_field("at", &self.at)?;
        out.serialize_field("author", &self.author)?;
        out.serialize_field("thread", &self.thread)?;
        out.serialize_field("state", &self.state)?;
        out.serialize_field("activity", raw)?;
        out.end()
    }
}

/// How much history is stored. Counts are always kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum History {
    /// No history: for load tests and simulators.
    Off,
    /// The newest entries of a limited number of conversations.
    Bounded {
        /// Entries per conversation.
        entries: usize,
        /// Conversations with a history.
        conversations: usize,
    },
}

impl Default for History {
    fn default() -> Self {
        Self::Bounded {
            entries: 200,
            conversations: 1000,
        }
    }
}

/// The stored entries of one conversation.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    entries: VecDeque<Entry>,
    /// Id of the newest message that was dropped to stay within the bound.
    dropped: Option<u64>,
}

impl Timeline {
    pub(crate) fn push(&mut self, entry: Entry, bound: usize) {
        self.entries.push_back(entry);
        while self.entries.len() > bound {
            let gone = self.entries.pop_front().and_then(|entry| entry.id.parse().ok());
            self.dropped = self.dropped.max(gone);
        }
    }

    pub(crate) fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> + ExactSizeIterator {
        self.entries.iter()
    }

    pub(crate) fn find_mut(&mut self, id: &str) -> Option<&mut Entry> {
        self.entries.iter_mut().rev().find(|entry| entry.id == id)
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Entry> {
        self.entries.iter().rev().find(|entry| entry.id == id)
    }

    /// True if a message with this id may have been dropped from the list.
    pub(crate) fn may_have_dropped(&self, id: u64) -> bool {
        self.dropped.is_some_and(|newest| id <= newest)
    }
}
