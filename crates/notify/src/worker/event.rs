//! What a lane waits for: the ends of its own futures.

use super::{append::AppendEnd, finalize::Left, open_chunk::OpenChunk, recovery::Loaded, reopen::Reopened};
use crate::{
    content::{Composed, Content, ContentError},
    ports::{Answer, Etag, LeaseError, Moment, StoreError},
    recipient::Recipient,
};
use futures::future::BoxFuture;
use std::sync::Arc;

/// A part in this lane, by number.
pub(super) type PartKey = u32;

/// An intended recipient.
pub(super) struct Slot {
    pub(super) part: PartKey,
    pub(super) chunk: u32,
    pub(super) n: u32,
    pub(super) recipient: Arc<Recipient>,
    pub(super) content: Arc<Content>,
    pub(super) call: Call,
}

/// What is called for a recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Post,
    Update,
    Delete,
    /// Opening a personal conversation again, after which it is posted to.
    Open,
}

/// Contents that were made or can't be, by the numbers of their rows.
pub(super) type Contents = Vec<(u32, Result<Arc<Content>, ContentError>)>;

pub(super) enum Event {
    Answered {
        slot: Slot,
        started: Moment,
        answer: Answer,
    },
    Opened {
        slot: Slot,
        started: Moment,
        result: Result<Reopened, Answer>,
    },
    Appended {
        part: PartKey,
        chunk: u32,
        started: Moment,
        end: AppendEnd,
    },
    Renewed {
        started: Moment,
        result: Result<(), LeaseError>,
    },
    ChangeSignal(Result<Option<Etag>, StoreError>),
    WorkItems(Result<Vec<String>, StoreError>),
    Loaded {
        work_item: String,
        result: Result<Loaded, StoreError>,
    },
    /// What the store says of a part's notification, asked for then.
    Refreshed {
        part: PartKey,
        asked: Moment,
        result: Result<Option<Box<crate::notification::Notification>>, StoreError>,
    },
    /// A stop is stored.
    Stopped {
        part: PartKey,
        notification: Box<crate::notification::Notification>,
    },
    /// A stopped part was removed from memory.
    Retired {
        work_item: String,
        left: Left,
    },
    ChunkOpened {
        part: PartKey,
        number: u32,
        result: Box<Result<OpenChunk, StoreError>>,
    },
    PartEnded {
        part: PartKey,
        result: Result<(), StoreError>,
    },
    /// A part's message is composed, or can't be.
    Composed {
        part: PartKey,
        result: Result<Arc<dyn Composed>, ContentError>,
    },
    /// Contents are made, each for its recipient.
    Made {
        part: PartKey,
        chunk: u32,
        contents: Contents,
        /// Those whose time did not come.
        unmade: Vec<u32>,
    },
    /// A reference update is stored, or that failed and was logged.
    Kept {
        part: PartKey,
    },
    /// A side job ended; it reported for itself.
    Noted,
}

pub(super) type Job = BoxFuture<'static, Event>;
