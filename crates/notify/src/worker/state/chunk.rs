//! An open chunk: where its recipients stand. What waits to be appended to its ledger is in [`super::line`].

use super::{
    Now,
    detour::{Detour, OtherConversation},
    event::{Contents, Slot},
    line::Unwritten,
};
use crate::{
    content::Content,
    evidence::Cause,
    ids::{ActivityId, ConversationId},
    outcome::Outcome,
    ports::Moment,
    recipient::{self, Recipient},
    store::ledger::{BulkCancelled, Certainty, Returned, Settled, Span, Sums},
    store::record::Version,
};
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
    sync::Arc,
    time::Duration,
};

/// Where a recipient stands in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowState {
    Fresh,
    Waiting,
    /// Its content is being made, or is there and waits for a window. Nothing of it is durable.
    Making,
    /// The intent is being written or is written; the post has not begun.
    Intended,
    Posting,
    Settled,
}

impl RowState {
    /// Whether its message may arrive or have arrived without a record of the answer.
    fn is_active(self) -> bool {
        matches!(self, Self::Intended | Self::Posting)
    }
}

pub(super) struct Row {
    pub(super) recipient: Arc<Recipient>,
    pub(super) state: RowState,
    /// Posts made.
    pub(super) attempts: u32,
    /// Posts that may have arrived.
    pub(super) ambiguous_attempts: u32,
    /// Where it is tried, if not where it was planned.
    pub(super) detour: Detour,
    /// Whether a refusal that may be passing was tried again.
    pub(super) second_attempt: SecondAttempt,
    /// Answers that may speak of more than this recipient.
    pub(super) tries: Tries,
}

/// Tries of a single case, as far as they count. The ledger doesn't say: a new owner counts anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tries {
    /// Those of an earlier epoch of the evidence don't count.
    pub(super) epoch: u32,
    pub(super) count: u32,
    /// What the first was about, and when it was answered.
    pub(super) first: Option<(Cause, Moment)>,
}

/// One more attempt. The ledger doesn't say whether it was made: after a hand-over it is there again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SecondAttempt {
    Available,
    Used,
}

/// Whom a probe is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Probe {
    /// A conversation that was not probed lately, and to which something was delivered before.
    Reached,
    /// One that was not probed lately.
    Another,
    /// One that was: there is no other.
    Same,
}

/// An end, before it is a line.
pub(super) struct End {
    pub(super) outcome: Outcome,
    pub(super) status: Option<u16>,
    pub(super) code: Option<Arc<str>>,
    pub(super) activity: Option<ActivityId>,
}

impl End {
    /// An end without an answer of Teams.
    pub(super) fn plain(outcome: Outcome, code: &'static str) -> Self {
        Self {
            outcome,
            status: None,
            code: Some(code.into()),
            activity: None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AppendState {
    Idle,
    UnderWay,
}

/// A chunk whose ledger this owner writes.
pub(in crate::worker) struct OpenChunk {
    pub(in crate::worker) number: u32,
    pub(super) first: u32,
    pub(super) rows: Vec<Row>,
    /// The first row that may be fresh.
    pub(super) cursor: usize,
    /// Rows that come back, by time.
    pub(super) waiting: BinaryHeap<Reverse<(Moment, u32)>>,
    /// Rows whose contents a job is making.
    pub(super) making: usize,
    /// Contents that were made and wait for a window.
    pub(super) made: VecDeque<(u32, Arc<Content>)>,
    /// Version of the ledger's lines.
    pub(super) version: Version,
    pub(super) name: String,
    pub(super) position: u64,
    pub(super) sequence: u64,
    pub(super) base: Sums,
    /// With what is not written yet.
    pub(super) sums: Sums,
    pub(super) unwritten: Unwritten,
    pub(super) appending: AppendState,
    /// Rows that are intended or posting.
    pub(super) active: usize,
    pub(super) unsettled: usize,
}

impl OpenChunk {
    pub(super) fn row(&mut self, n: u32) -> Option<&mut Row> {
        let index = n.checked_sub(self.first)?;
        self.rows.get_mut(index as usize)
    }

    /// Whether somebody was doubtful when it was planned.
    pub(super) fn has_doubtful(&self) -> bool {
        let mut rows = self.rows.iter();
        rows.any(|row| row.recipient.certainty == recipient::Certainty::Doubtful)
    }

    /// Sums of the chunks before the previous one.
    pub(super) fn base(&self) -> Sums {
        self.base
    }

    /// Gives a row its outcome. Rows that have one keep it.
    pub(super) fn settle(&mut self, n: u32, end: End, now: Now) {
        let Some(row) = self.row(n) else { return };
        if row.state == RowState::Settled {
            return;
        }
        let was_active = row.state.is_active();
        row.state = RowState::Settled;
        let settled = Settled {
            n,
            outcome: end.outcome,
            attempts: row.attempts,
            status: end.status,
            code: end.code,
            activity: end.activity,
            conversation: row.detour.conversation().cloned(),
            at: now.wall.as_millisecond(),
        };
        self.sums.counts.add(end.outcome);
        self.unsettled -= 1;
        self.unwritten.settled.push(settled);
        self.answered(was_active, now.at);
    }

    fn answered(&mut self, was_active: bool, now: Moment) {
        if was_active {
            self.active -= 1;
            self.unwritten.answers += 1;
        }
        self.unwritten.since.get_or_insert(now);
    }

    /// An intended row comes back at `due`.
    pub(super) fn give_back(&mut self, n: u32, certainty: Certainty, due: Moment, now: Now) {
        let Some(row) = self.row(n) else { return };
        if row.state == RowState::Settled {
            return;
        }
        let was_active = row.state.is_active();
        row.state = RowState::Waiting;
        row.ambiguous_attempts += u32::from(certainty == Certainty::Ambiguous);
        let attempts = row.attempts;
        let wait = i64::try_from(due.since(now.at).as_millis()).unwrap_or(i64::MAX / 2);
        self.waiting.push(Reverse((due, n)));
        self.unwritten.returned.push(Returned {
            n,
            certainty,
            attempts,
            due: now.wall.as_millisecond().saturating_add(wait),
        });
        self.answered(was_active, now.at);
    }

    /// What may be passing is tried once more.
    pub(super) fn try_once_more(&mut self, n: u32, wait: Duration, now: Now) {
        if let Some(row) = self.row(n) {
            row.second_attempt = SecondAttempt::Used;
        }
        self.give_back(n, Certainty::Certain, now.at.after(wait), now);
    }

    /// A team's selected channel is not there: General takes its message, once.
    pub(super) fn fall_back(&mut self, n: u32, now: Now) {
        if let Some(row) = self.row(n)
            && let Some(general) = &row.recipient.root
        {
            row.detour.go_to(OtherConversation::General(general.clone()));
        }
        self.give_back(n, Certainty::Certain, now.at, now);
    }

    /// The row that a probe is made with, if one can be had: one whose conversation was not `probed`, rather, and one that
    /// was `reached`, rather. It is the next to be sent then.
    pub(super) fn choose_probe(
        &mut self,
        probed: &[ConversationId],
        reached: &VecDeque<ConversationId>,
        now: Moment,
    ) -> Option<Probe> {
        if !self.made.is_empty() {
            return Some(Probe::Another);
        }
        let can_be_sent = |row: &Row| {
            matches!(row.state, RowState::Fresh | RowState::Waiting) && row.recipient.settled.is_none()
        };
        let is_new = |row: &Row| can_be_sent(row) && !probed.contains(&row.recipient.conversation);
        let was_reached = |row: &Row| is_new(row) && reached.contains(&row.recipient.conversation);
        let first = |wanted: &dyn Fn(&Row) -> bool| self.rows.iter().find(|row| wanted(row));
        let (row, probe) = match (first(&was_reached), first(&is_new)) {
            (Some(row), _) => (row, Probe::Reached),
            (None, Some(row)) => (row, Probe::Another),
            (None, None) => (first(&can_be_sent)?, Probe::Same),
        };
        let n = row.recipient.n;
        self.waiting.retain(|Reverse((_, waiting))| *waiting != n);
        self.postpone(n, Moment::at(Duration::ZERO).min(now));
        Some(probe)
    }

    /// A row that was not intended waits; nothing to write.
    pub(super) fn postpone(&mut self, n: u32, due: Moment) {
        if let Some(row) = self.row(n) {
            row.state = RowState::Waiting;
            self.waiting.push(Reverse((due, n)));
        }
    }

    /// The next row to be sent, taken out of its place; fresh rows that are settled in between are left behind.
    fn next(&mut self, now: Moment) -> Option<u32> {
        while let Some(Reverse((due, n))) = self.waiting.peek().copied() {
            let stale = self.row(n).is_none_or(|row| row.state != RowState::Waiting);
            if stale {
                self.waiting.pop();
            } else if due <= now {
                self.waiting.pop();
                return Some(n);
            } else {
                break;
            }
        }
        while let Some(row) = self.rows.get(self.cursor) {
            let n = self.first + self.cursor as u32;
            self.cursor += 1;
            if row.state == RowState::Fresh {
                return Some(n);
            }
        }
        None
    }

    /// Rows from the cursor on.
    pub(super) fn fresh(&self) -> usize {
        self.rows.len().saturating_sub(self.cursor)
    }

    /// The next row to be sent, with its content if that was made.
    pub(super) fn next_to_send(&mut self, now: Moment) -> Option<(u32, Option<Arc<Content>>)> {
        while let Some((n, content)) = self.made.pop_front() {
            if self.row(n).is_some_and(|row| row.state == RowState::Making) {
                return Some((n, Some(content)));
            }
        }
        self.next(now).map(|n| (n, None))
    }

    /// Contents are made; rows that were ended meanwhile need none.
    pub(super) fn take_made(&mut self, contents: Contents, now: Now) {
        self.making = 0;
        for (n, content) in contents {
            if self.row(n).is_none_or(|row| row.state != RowState::Making) {
                continue;
            }
            match content {
                Ok(content) => self.made.push_back((n, content)),
                Err(error) => self.settle(n, End::plain(Outcome::Rejected, error.code()), now),
            }
        }
    }

    /// Rows whose contents were not made are the next to be sent; those that were ended meanwhile are not.
    pub(super) fn take_unmade(&mut self, unmade: &[u32], now: Moment) {
        for n in unmade {
            if self.row(*n).is_some_and(|row| row.state == RowState::Making) {
                self.postpone(*n, now);
            }
        }
    }

    /// Whether contents are being made or wait.
    pub(super) fn has_contents(&self) -> bool {
        self.making > 0 || !self.made.is_empty()
    }

    /// Whether a row could be sent now.
    pub(super) fn has_ready(&self, now: Moment) -> bool {
        !self.made.is_empty()
            || self.fresh() > 0
            || self.waiting.peek().is_some_and(|Reverse((due, _))| *due <= now)
    }

    /// When the next waiting row is due.
    pub(super) fn next_due(&self) -> Option<Moment> {
        self.waiting.peek().map(|Reverse((due, _))| *due)
    }

    /// Every row has an outcome and it is written.
    pub(super) fn is_closed(&self) -> bool {
        self.unsettled == 0 && !self.has_unwritten() && self.appending == AppendState::Idle
    }

    /// Whether its ledger says all that there is to say: nobody is on the way, and nothing is being made.
    pub(super) fn is_written(&self) -> bool {
        self.making == 0 && !self.has_unwritten() && self.uncertain() == 0
    }

    /// Ends rows without an attempt, in runs.
    pub(super) fn cancel_in_bulk(
        &mut self,
        numbers: &mut [u32],
        outcome: Outcome,
        code: &'static str,
        now: Now,
    ) {
        for n in numbers.iter() {
            if let Some(row) = self.row(*n) {
                let was_active = row.state.is_active();
                row.state = RowState::Settled;
                self.unsettled -= 1;
                self.sums.counts.add(outcome);
                self.answered(was_active, now.at);
            }
        }
        let spans = Span::cover(numbers).into_iter();
        self.unwritten
            .cancelled_in_bulk
            .extend(spans.map(|span| BulkCancelled {
                span,
                outcome,
                code: Some(code.into()),
                at: now.wall.as_millisecond(),
            }));
    }

    /// These rows are about to be posted.
    pub(super) fn intend(&mut self, slots: &[Slot]) {
        for slot in slots {
            if let Some(row) = self.row(slot.n) {
                row.state = RowState::Intended;
                let again = u64::from(row.ambiguous_attempts > 0);
                self.sums.resent += again;
                self.active += 1;
            }
        }
    }

    /// Rows whose message may arrive or have arrived without a durable record of it.
    pub(super) fn uncertain(&self) -> usize {
        self.active + self.unwritten.answers + self.unwritten.answers_under_way
    }
}
