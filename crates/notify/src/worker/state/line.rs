//! What waits to be appended to a chunk's ledger, and the line that it becomes.

use super::{
    Now,
    chunk::{AppendState, OpenChunk},
    event::Slot,
};
use crate::{
    ports::{Moment, StoreError},
    store::ledger::{BulkCancelled, Record, Returned, Settled, Span},
};
use bytes::Bytes;
use std::sync::Arc;

/// A line and where it belongs.
pub(in crate::worker) struct Line {
    pub(in crate::worker) name: String,
    pub(in crate::worker) position: u64,
    pub(in crate::worker) sequence: u64,
    pub(in crate::worker) owner: Arc<str>,
    pub(in crate::worker) bytes: Bytes,
}

/// What no line holds yet, and what the line under way holds.
#[derive(Default)]
pub(super) struct Unwritten {
    pub(super) settled: Vec<Settled>,
    pub(super) cancelled_in_bulk: Vec<BulkCancelled>,
    pub(super) returned: Vec<Returned>,
    /// Since when the oldest of it waits.
    pub(super) since: Option<Moment>,
    /// Answered rows in it.
    pub(super) answers: usize,
    /// Answered rows in the line under way.
    pub(super) answers_under_way: usize,
    /// Slots that become ready when the line under way is written.
    intending: Vec<Slot>,
}

impl Unwritten {
    fn is_empty(&self) -> bool {
        self.settled.is_empty() && self.cancelled_in_bulk.is_empty() && self.returned.is_empty()
    }
}

impl OpenChunk {
    pub(super) fn has_unwritten(&self) -> bool {
        !self.unwritten.is_empty()
    }

    pub(super) fn buffered_since(&self) -> Option<Moment> {
        self.unwritten.since
    }

    /// The next line: everything that is not written, and the intent for these slots. The chunk counts it as under way.
    pub(in crate::worker) fn line(
        &mut self,
        owner: &Arc<str>,
        intending: Vec<Slot>,
        now: Now,
    ) -> Result<Line, StoreError> {
        self.intend(&intending);
        let mut record = Record::new(
            self.version,
            owner.clone(),
            self.sequence,
            now.wall.as_millisecond(),
            self.base,
            self.sums,
        );
        let unwritten = std::mem::take(&mut self.unwritten);
        record.settled = unwritten.settled;
        record.cancelled_in_bulk = unwritten.cancelled_in_bulk;
        record.returned = unwritten.returned;
        let mut numbers: Vec<u32> = intending.iter().map(|slot| slot.n).collect();
        record.intent = Span::cover(&mut numbers);
        let line = Line {
            name: self.name.clone(),
            position: self.position,
            sequence: self.sequence,
            owner: owner.clone(),
            bytes: Bytes::from(record.line()?),
        };
        self.sequence += 1;
        self.appending = AppendState::UnderWay;
        self.unwritten.answers_under_way = unwritten.answers;
        self.unwritten.intending = intending;
        Ok(line)
    }

    /// The line is written: the slots that may be posted now.
    pub(in crate::worker) fn written(&mut self, length: u64) -> Vec<Slot> {
        self.position = length;
        self.appending = AppendState::Idle;
        self.unwritten.answers_under_way = 0;
        std::mem::take(&mut self.unwritten.intending)
    }
}
