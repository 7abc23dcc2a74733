//! What a whole ledger says of every recipient of its chunk: for claims, reports and verification.

use super::{Certainty, Record, Settled, Sums};
use crate::{outcome::Outcome, store::record::RecordError};
use std::sync::Arc;

/// Where a recipient stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum RowState {
    /// Nothing happened yet.
    #[default]
    Fresh,
    /// About to be posted, no outcome since: the message may have arrived.
    Intended,
    /// Comes back, not before this wall time in milliseconds.
    Waiting(i64),
    /// Has its outcome.
    Settled(Box<Settled>),
}

/// A recipient's history.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct RowLog {
    pub(crate) state: RowState,
    pub(crate) attempts: u32,
    /// Posts that may have arrived.
    pub(crate) ambiguous_attempts: u32,
}

/// A ledger, read to its end.
#[derive(Debug)]
pub(crate) struct Replay {
    first: u32,
    /// By number from the chunk's first.
    pub(crate) rows: Vec<RowLog>,
    /// The last line.
    pub(crate) last: Option<Record>,
    /// Sums counted from the lines, not copied from them.
    pub(crate) counted: Sums,
    /// Bytes read, up to the end of the last whole line.
    pub(crate) length: u64,
}

impl Replay {
    /// Reads a ledger of the chunk that begins with recipient `first` and has `rows` recipients.
    ///
    /// # Errors
    /// A line of an unknown version, or a damaged one.
    pub(crate) fn read(body: &[u8], first: u32, rows: usize) -> Result<Self, RecordError> {
        let mut replay = Self {
            first,
            rows: vec![RowLog::default(); rows],
            last: None,
            counted: Sums::default(),
            length: 0,
        };
        for line in body.split_inclusive(|byte| *byte == b'\n') {
            // Appends are atomic: a line without an end can only be a foreign writer's.
            let Some(text) = line.strip_suffix(b"\n") else {
                return Err(RecordError::Damaged("the last ledger line has no end".to_owned()));
            };
            replay.apply(Record::parse(text)?);
            replay.length += line.len() as u64;
        }
        Ok(replay)
    }

    fn row(&mut self, n: u32) -> Option<&mut RowLog> {
        let index = n.checked_sub(self.first)?;
        self.rows.get_mut(index as usize)
    }

    fn apply(&mut self, record: Record) {
        for settled in &record.settled {
            self.settle(settled.clone());
        }
        for cancelled_in_bulk in &record.cancelled_in_bulk {
            for n in cancelled_in_bulk.span.0..=cancelled_in_bulk.span.1 {
                let attempts = self.row(n).map_or(0, |row| row.attempts);
                self.settle(Settled {
                    n,
                    outcome: cancelled_in_bulk.outcome,
                    attempts,
                    status: None,
                    code: cancelled_in_bulk.code.clone(),
                    activity: None,
                    conversation: None,
                    at: cancelled_in_bulk.at,
                });
            }
        }
        for returned in &record.returned {
            // Within a line an end is final: what came back before it, came before it.
            if let Some(row) = self.row(returned.n)
                && !matches!(row.state, RowState::Settled(_))
            {
                row.attempts = returned.attempts;
                row.ambiguous_attempts += u32::from(returned.certainty == Certainty::Ambiguous);
                row.state = RowState::Waiting(returned.due);
            }
        }
        for span in &record.intent {
            for n in span.0..=span.1 {
                if let Some(row) = self.row(n) {
                    row.state = RowState::Intended;
                    let again = u64::from(row.ambiguous_attempts > 0);
                    self.counted.resent += again;
                }
            }
        }
        self.last = Some(record);
    }

    fn settle(&mut self, settled: Settled) {
        let outcome: Outcome = settled.outcome;
        if let Some(row) = self.row(settled.n)
            && !matches!(row.state, RowState::Settled(_))
        {
            row.attempts = settled.attempts;
            row.state = RowState::Settled(Box::new(settled));
            self.counted.counts.add(outcome);
        }
    }

    /// Whether the last line is this owner's this line.
    pub(crate) fn ends_with(&self, owner: &Arc<str>, sequence: u64) -> bool {
        self.last
            .as_ref()
            .is_some_and(|last| last.owner == *owner && last.sequence == sequence)
    }
}
