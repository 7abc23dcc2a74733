//! A chunk as an earlier owner left it: its audience, and what its ledger says of each recipient.

use super::{
    Now,
    chunk::{AppendState, End, OpenChunk, Row, RowState, SecondAttempt, Tries},
    detour::Detour,
    line::Unwritten,
    outcomes::MAX_AMBIGUOUS_ATTEMPTS,
};
use crate::{
    outcome::Outcome,
    ports::Moment,
    recipient::Recipient,
    request::OnUncertain,
    store::ledger::{self, Certainty, Replay, Sums},
    store::record::{RecordError, Version},
};
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
    sync::Arc,
    time::Duration,
};

/// Milliseconds ahead that a due time of an earlier owner is believed.
const LONGEST_WAIT: u64 = 3_600_000;

/// What a chunk is rebuilt from.
pub(in crate::worker) struct Rebuild {
    pub(in crate::worker) number: u32,
    pub(in crate::worker) first: u32,
    pub(in crate::worker) rows: Vec<Recipient>,
    /// Name of its ledger.
    pub(in crate::worker) ledger: String,
    pub(in crate::worker) version: Version,
    pub(in crate::worker) on_uncertain: OnUncertain,
    /// Sums of the chunks before the previous one, where the ledger doesn't say.
    pub(in crate::worker) base: Sums,
}

/// Rebuilds a chunk from its ledger's lines: none, if nobody worked on it yet.
///
/// # Errors
/// When a line can't be read.
pub(in crate::worker) fn rebuild(from: Rebuild, ledger: &[u8], now: Now) -> Result<OpenChunk, RecordError> {
    let replay = Replay::read(ledger, from.first, from.rows.len())?;
    let (base, sums) = replay.last.as_ref().map_or((from.base, Sums::default()), |last| {
        (last.base.sums, last.sums.sums)
    });
    let mut open = OpenChunk {
        number: from.number,
        first: from.first,
        unsettled: from.rows.len(),
        rows: Vec::with_capacity(from.rows.len()),
        cursor: 0,
        waiting: BinaryHeap::new(),
        making: 0,
        made: VecDeque::new(),
        version: from.version,
        name: from.ledger,
        position: replay.length,
        sequence: 0,
        base,
        sums,
        unwritten: Unwritten::default(),
        appending: AppendState::Idle,
        active: 0,
    };
    let mut ambiguous = Vec::new();
    for (recipient, log) in from.rows.into_iter().zip(replay.rows) {
        let n = recipient.n;
        let mut row = Row {
            recipient: Arc::new(recipient),
            state: RowState::Fresh,
            attempts: log.attempts,
            ambiguous_attempts: log.ambiguous_attempts,
            detour: Detour::default(),
            second_attempt: SecondAttempt::Available,
            tries: Tries::default(),
        };
        match log.state {
            ledger::RowState::Fresh => {}
            ledger::RowState::Settled(_) => {
                row.state = RowState::Settled;
                open.unsettled -= 1;
            }
            ledger::RowState::Waiting(due) => {
                row.state = RowState::Waiting;
                let due = on_this_clock(due, now);
                open.waiting.push(Reverse((due, n)));
            }
            ledger::RowState::Intended => {
                row.state = RowState::Intended;
                row.attempts += 1;
                open.active += 1;
                ambiguous.push((n, log.ambiguous_attempts + 1));
            }
        }
        open.rows.push(row);
    }
    for (n, ambiguous_attempts) in ambiguous {
        if from.on_uncertain == OnUncertain::Report || ambiguous_attempts >= MAX_AMBIGUOUS_ATTEMPTS {
            open.settle(n, End::plain(Outcome::Uncertain, "interrupted"), now);
        } else {
            open.give_back(n, Certainty::Ambiguous, now.at, now);
        }
    }
    Ok(open)
}

/// A wall time of an earlier owner on this process's clock. What lies too far ahead is due now: a clock was set back in
/// between, and a wait that every owner counts anew would not end before it is as late again.
fn on_this_clock(due: i64, now: Now) -> Moment {
    let wait = u64::try_from(due.saturating_sub(now.wall.as_millisecond())).unwrap_or(0);
    now.at
        .after(Duration::from_millis(if wait > LONGEST_WAIT { 0 } else { wait }))
}
