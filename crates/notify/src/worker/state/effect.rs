//! What the state machine asks for. Each effect that has an end is answered by one [`Event`](super::event::Event).

use super::{
    event::{PartKey, Stored},
    line::Line,
    noting::{AfterNote, OwnersNote},
    part::{Marks, WorkItem},
};
use crate::{
    content::Composed,
    ids::{ConversationId, NotificationId},
    notification::Notification,
    recipient::Recipient,
    store::{lease_note::SignalVersion, ledger::Sums},
};
use std::sync::Arc;

/// Something to be done outside.
pub(in crate::worker) enum Effect {
    /// Answered by `Renewed`.
    RenewLease,
    /// Answered by `ChangeSignal`.
    ReadChangeSignal { known: Option<SignalVersion> },
    /// Answered by `OptOuts`.
    ReadOptOuts,
    /// Answered by `WorkItems`.
    ListWorkItems,
    /// Reads the part that a work item stands for, and fences its ledgers. Answered by `Claimed`.
    Claim { work_item: String },
    /// Reads a part's notification again. Answered by `Refreshed`.
    Refresh { part: PartKey, id: NotificationId },
    /// Composes a part's message. Answered by `Composed`.
    Compose {
        part: PartKey,
        notification: Box<Notification>,
    },
    /// Makes contents that differ by recipient. Answered by `Made`.
    Make {
        part: PartKey,
        chunk: u32,
        message: Arc<dyn Composed>,
        recipients: Vec<Arc<Recipient>>,
    },
    /// Opens a part's next chunk. Answered by `ChunkOpened`.
    OpenChunk {
        part: PartKey,
        notification: Box<Notification>,
        number: u32,
        base: Sums,
    },
    /// Appends a line to a ledger. Answered by `Appended`.
    Append { part: PartKey, chunk: u32, line: Line },
    /// Deletes the work item of a stopped part unless it was resumed. Answered by `Retired`.
    Retire { id: NotificationId, work_item: String },
    /// Writes a part's end. Answered by `PartEnded`.
    EndPart {
        part: PartKey,
        stored: Stored,
        work_item: WorkItem,
        marks: Marks,
        sums: Sums,
    },
    /// Stores what an answer says of a reference. Answered by `ReferenceUpdated`.
    UpdateReference {
        part: PartKey,
        recipient: Arc<Recipient>,
        update: ReferenceUpdate,
    },
    /// Reads the connector addresses of the tenant's newest references. Answered by `Addresses`.
    ReadAddresses,
    /// Writes the note of the lease's object. Answered by `Noted`.
    WriteNote { note: OwnersNote, then: AfterNote },
}

/// What an answer of Teams says of a stored reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::worker) enum ReferenceUpdate {
    /// The person blocked the bot.
    Blocked,
    /// The person was marked so, and got the message.
    Unblocked,
    /// The chat was gone, was opened again under this id, and took the message.
    Moved(ConversationId),
    /// The selected channel was not there, and General took its message.
    ChannelAbsent,
    /// The message was taken at another connector address, the recipient's.
    Readdressed,
}
