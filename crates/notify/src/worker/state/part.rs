//! One notification's work in this lane.

use super::{chunk::OpenChunk, event::Stored};
use crate::{
    content::Composed,
    ids::NotificationId,
    lane::Lane,
    notification::Notification,
    ports::{Etag, Moment},
    request::NotificationKind,
    store::ledger::Sums,
};
use jiff::Timestamp;
use std::{collections::BTreeMap, sync::Arc};

/// What is to be done with recipients that have no outcome yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Sending,
    /// Cancelled: they end so.
    Cancelled,
    /// A newer run of the timer took its place: they are skipped.
    Superseded,
    /// Expired: they are skipped.
    Expired,
    /// The message can't be made: they are rejected with this code.
    Unsendable(&'static str),
    /// They wait until the message is composed, or the notification is read again.
    NotReady,
    /// Left as they are until it is resumed.
    Stopped,
}

/// What is known of a part's notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// What the lane's signal stands for.
    Current,
    /// It was read before a change that the others know of, and is read again.
    BeforeAChange,
    /// A newer version wrote it.
    Unreadable,
}

/// The stage of the part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Working,
    /// A job writes its end.
    Ending,
    /// The job failed and is tried again then.
    EndAgain(Moment),
}

/// What is sent to each recipient.
#[derive(Clone)]
pub(in crate::worker) enum Message {
    /// Nothing is sent: messages are deleted.
    NotNeeded,
    /// A job composes it.
    Composing,
    Composed(Arc<dyn Composed>),
    /// It can't be made; the code says why.
    Unsendable(&'static str),
}

pub(in crate::worker) struct Part {
    /// Name of the work item that stands for it, or would.
    pub(super) work_item: String,
    listing: Listing,
    pub(super) notification: Box<Notification>,
    pub(super) known: Known,
    version: Etag,
    pub(super) message: Message,
    pub(super) chunks: u32,
    /// At most two.
    pub(super) open: Vec<OpenChunk>,
    pub(super) next_chunk: u32,
    /// Base of the newest ledger.
    pub(super) base: Sums,
    /// Final sums of the newest closed chunks.
    pub(super) finals: BTreeMap<u32, Sums>,
    /// A job opens the next chunk; or it failed, and is tried again then.
    pub(super) opening: OpenState,
    pub(super) stage: Stage,
    /// Whether no work item stood for it when its end was begun.
    pub(super) ended_unlisted: bool,
    /// The number of the lane's window that it had last.
    pub(super) served: u64,
    pub(super) marks: Marks,
    /// Reference updates that are not stored yet.
    pub(super) reference_updates: usize,
}

/// Whether there may be something to write of a part's references at its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::worker) enum Marks {
    /// Nobody that was looked at was doubtful.
    #[default]
    None,
    /// Somebody was, or earlier owners looked.
    Perhaps,
}

/// Whether others find a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listing {
    /// By its work item.
    WorkItem,
    /// Only by the planning item of its notification, which its planner keeps until the part ends.
    PlanningItem,
}

/// What to delete when a part has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::worker) enum WorkItem {
    /// This work item.
    Stored(String),
    /// Nothing: there is none, and no entry in the list of notifications either.
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OpenState {
    Idle,
    UnderWay,
    RetryAt(Moment),
}

impl Part {
    /// A part of a planned notification, with nothing of it open, which a work item stands for.
    pub(in crate::worker) fn new(work_item: String, stored: Stored, chunks: u32) -> Self {
        let Stored {
            notification,
            version,
        } = stored;
        let message = match notification.kind {
            NotificationKind::Delete(_) => Message::NotNeeded,
            NotificationKind::Send | NotificationKind::Update(_) => Message::Composing,
        };
        Self {
            work_item,
            listing: Listing::WorkItem,
            notification,
            known: Known::Current,
            version,
            message,
            chunks,
            open: Vec::new(),
            next_chunk: 0,
            base: Sums::default(),
            finals: BTreeMap::new(),
            opening: OpenState::Idle,
            stage: Stage::Working,
            ended_unlisted: false,
            served: 0,
            marks: Marks::None,
            reference_updates: 0,
        }
    }

    /// The same part, while no work item was written for it.
    #[must_use]
    pub(in crate::worker) fn without_work_item(self) -> Self {
        Self {
            listing: Listing::PlanningItem,
            ..self
        }
    }

    /// These work items were listed.
    pub(super) fn note_work_item(&mut self, names: &[String]) {
        if names.contains(&self.work_item) {
            self.listing = Listing::WorkItem;
        }
    }

    /// Whether no work item stands for it.
    pub(super) fn is_unlisted(&self) -> bool {
        self.listing == Listing::PlanningItem
    }

    /// What is to be deleted at its end.
    pub(super) fn stored_work_item(&self) -> WorkItem {
        match self.listing {
            Listing::WorkItem => WorkItem::Stored(self.work_item.clone()),
            Listing::PlanningItem => WorkItem::None,
        }
    }

    /// The notification as it is known to be stored.
    pub(super) fn stored(&self) -> Stored {
        Stored {
            notification: self.notification.clone(),
            version: self.version.clone(),
        }
    }

    /// The notification was read again.
    pub(super) fn update(&mut self, stored: Stored) {
        self.notification = stored.notification;
        self.version = stored.version;
        self.known = Known::Current;
    }

    pub(in crate::worker) fn notification(&self) -> &Notification {
        &self.notification
    }

    /// Earlier owners worked on it: whom they met is not known.
    #[must_use]
    pub(in crate::worker) fn begun_by_others(self) -> Self {
        Self {
            marks: Marks::Perhaps,
            ..self
        }
    }

    /// The next chunk is open.
    pub(in crate::worker) fn opened(&mut self, chunk: OpenChunk) {
        if chunk.has_doubtful() {
            self.marks = Marks::Perhaps;
        }
        self.opening = OpenState::Idle;
        self.base = chunk.base();
        self.next_chunk = chunk.number + 1;
        self.open.push(chunk);
    }

    pub(super) fn id(&self) -> &NotificationId {
        &self.notification.id
    }

    pub(super) fn mode(&self, lane: &Lane, wall: Timestamp) -> Mode {
        match self.known {
            Known::Current => {}
            Known::BeforeAChange => return Mode::NotReady,
            Known::Unreadable => return Mode::Stopped,
        }
        if self.notification.cancelled_at.is_some() {
            Mode::Cancelled
        } else if wall >= self.notification.expires_at {
            Mode::Expired
        } else if self.notification.superseded_at.is_some() {
            Mode::Superseded
        } else if self.notification.is_stopped_for(lane).is_some() {
            Mode::Stopped
        } else {
            match self.message {
                Message::NotNeeded | Message::Composed(_) => Mode::Sending,
                Message::Composing => Mode::NotReady,
                Message::Unsendable(code) => Mode::Unsendable(code),
            }
        }
    }

    /// Whether contents are being made for one of its chunks.
    pub(super) fn is_making(&self) -> bool {
        self.open.iter().any(|chunk| chunk.making > 0)
    }

    pub(super) fn chunk(&mut self, number: u32) -> Option<&mut OpenChunk> {
        self.open.iter_mut().find(|chunk| chunk.number == number)
    }

    /// Removes chunks that have closed.
    pub(in crate::worker) fn close_chunks(&mut self) {
        let finals = &mut self.finals;
        self.open.retain(|chunk| {
            let closed = chunk.is_closed();
            if closed {
                finals.insert(chunk.number, chunk.sums);
            }
            !closed
        });
        while self.finals.len() > 4 {
            self.finals.pop_first();
        }
    }

    /// Whether the next chunk can be opened.
    pub(super) fn may_open(&self, now: Moment) -> bool {
        let idle = match self.opening {
            OpenState::Idle => true,
            OpenState::UnderWay => false,
            OpenState::RetryAt(at) => now >= at,
        };
        idle && self.next_chunk < self.chunks
            && self.open.len() < 2
            && (self.next_chunk < 2 || self.finals.contains_key(&(self.next_chunk - 2)))
    }

    /// Base of the ledger that is opened next.
    pub(super) fn next_base(&self) -> Sums {
        let mut base = self.base;
        if let Some(before) = self.next_chunk.checked_sub(2)
            && let Some(sums) = self.finals.get(&before)
        {
            base.merge(sums);
        }
        base
    }

    /// Whether every chunk has closed, and the references say what was found.
    pub(super) fn is_done(&self) -> bool {
        self.reference_updates == 0
            && self.open.is_empty()
            && self.next_chunk >= self.chunks
            && self.opening != OpenState::UnderWay
    }

    /// Whether its end is written next.
    pub(super) fn will_end(&self) -> bool {
        self.stage == Stage::Working
            && self.reference_updates == 0
            && self.open.iter().all(OpenChunk::is_closed)
            && self.next_chunk >= self.chunks
            && self.opening != OpenState::UnderWay
    }

    /// Sums of the whole part, once it is done.
    pub(super) fn sums(&self) -> Sums {
        let mut sums = self.base;
        for number in [self.chunks.checked_sub(2), self.chunks.checked_sub(1)] {
            if let Some(last) = number.and_then(|number| self.finals.get(&number)) {
                sums.merge(last);
            }
        }
        sums
    }
}
