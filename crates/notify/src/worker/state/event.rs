//! What the state machine is told: the ends of what its effects began, and what came from outside.

use super::{addresses::NewestAddresses, chunk::OpenChunk, part::Part};
use crate::{
    content::{Composed, Content, ContentError},
    ids::ConversationId,
    notification::Notification,
    persons::OptOuts,
    ports::{Answer, Etag, LeaseError, Moment, StoreError},
    recipient::Recipient,
    store::lease_note::SignalVersion,
};
use std::sync::Arc;

/// A part in this lane, by number.
pub(in crate::worker) type PartKey = u32;

/// An intended recipient.
pub(in crate::worker) struct Slot {
    pub(in crate::worker) part: PartKey,
    pub(in crate::worker) chunk: u32,
    pub(in crate::worker) n: u32,
    pub(in crate::worker) recipient: Arc<Recipient>,
    pub(in crate::worker) content: Arc<Content>,
    pub(in crate::worker) call: Call,
}

/// What is called for a recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::worker) enum Call {
    Post,
    Update,
    Delete,
    /// Opening a personal conversation again, after which it is posted to.
    Open,
}

/// Contents that were made or can't be, by the numbers of their rows.
pub(in crate::worker) type Contents = Vec<(u32, Result<Arc<Content>, ContentError>)>;

/// Something that happened.
pub(in crate::worker) enum Event {
    /// The process is about to end: nothing new is started.
    ProcessEnding,
    /// Work was added or changed within this process: no need to read the stored change signal first.
    Signalled,
    /// Teams answered a call.
    Answered {
        slot: Slot,
        started: Moment,
        answer: Answer,
    },
    /// A personal chat was opened again, or could not be.
    Opened {
        slot: Slot,
        started: Moment,
        result: Result<Reopened, Answer>,
    },
    /// A line was appended, or will never be.
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
    /// The change signal was read; `None` when it is the version known before.
    ChangeSignal(Result<Option<SignalVersion>, StoreError>),
    /// Who wants no notifications.
    OptOuts {
        started: Moment,
        result: Result<OptOuts, StoreError>,
    },
    WorkItems(Result<Vec<String>, StoreError>),
    Claimed {
        work_item: String,
        result: Result<Claimed, StoreError>,
    },
    /// What the store says of a part's notification.
    Refreshed {
        part: PartKey,
        result: Result<Option<Stored>, StoreError>,
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
    ReferenceUpdated {
        part: PartKey,
    },
    /// The connector addresses of the lane's tenant were read.
    Addresses(Result<NewestAddresses, StoreError>),
    /// A job ended that the state machine learns nothing from.
    Noted,
}

/// A notification as it is stored.
#[derive(Clone)]
pub(in crate::worker) struct Stored {
    pub(in crate::worker) notification: Box<Notification>,
    pub(in crate::worker) version: Etag,
}

/// How an append ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::worker) enum AppendEnd {
    /// The line is there; the ledger is now so long.
    Written(u64),
    /// Someone else's line is there: a newer owner's.
    Fenced,
    /// The store refuses it for good.
    Refused,
}

/// What a work item led to.
pub(in crate::worker) enum Claimed {
    /// Work.
    Part(Box<Part>),
    /// Nothing is left to do: finished, stopped, unknown or not this lane's. The work item is deleted.
    Nothing,
    /// A record of an unknown version: left alone, with its work item.
    Quarantined,
}

/// What is left of a stopped part in its lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::worker) enum Left {
    Nothing,
    /// Its work item: it goes on.
    WorkItem,
}

/// Where the message of a chat that was opened again goes.
pub(in crate::worker) enum Reopened {
    /// To this chat.
    Chat(ConversationId),
    /// Nowhere: the chat has a row of its own.
    Taken,
}
