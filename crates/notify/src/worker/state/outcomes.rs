//! What an answer of Teams does to its recipient: the one table from verdicts to outcomes and retries.

use super::{
    Now, State,
    chunk::{End, RowState, SecondAttempt},
    effect::ReferenceUpdate,
    event::{Call, Reopened, Slot},
    part::StopState,
};
use crate::{
    notification::StopReason,
    outcome::Outcome,
    ports::{Answer, Moment, Verdict},
    request::{NotificationKind, OnUncertain},
    store::ledger::Certainty,
    target::Scope,
};
use std::{sync::Arc, time::Duration};

/// Posts that may have arrived, after which a recipient stays uncertain.
pub(super) const MAX_AMBIGUOUS_ATTEMPTS: u32 = 5;
/// Refused credentials in a row that stop a notification.
const MOST_REFUSALS: u32 = 3;
/// Answers in a row that speak of another bot's ids and stop a notification.
const MOST_FOREIGN: usize = 10;
/// Rows that are held back come back after this, should the lane end before it is clear what they are.
const HELD: Duration = Duration::from_secs(60);
const REFUSED_AGAIN: Duration = Duration::from_secs(1);
/// What may be passing is asked for once more after this: long enough for a gateway to come back from a
/// restart, short enough for somebody who watches a recall.
const AGAIN: Duration = Duration::from_secs(5);

impl State {
    pub(super) fn answered(&mut self, slot: Slot, started: Moment, answer: Answer, now: Now) {
        self.windows.in_flight -= 1;
        self.rate_limiter.answered(started, now.at);
        self.statistics.answered(started, now.at);
        let Some(part) = self.parts.get_mut(&slot.part) else {
            return;
        };
        let proves_nothing = matches!(
            answer.verdict,
            Verdict::WrongBot | Verdict::Unauthorized | Verdict::Ambiguous
        );
        if !proves_nothing {
            part.refusals = 0;
            // Not all are another bot's: those that were held back are single cases.
            for (chunk, n, end) in std::mem::take(&mut part.held) {
                if let Some(chunk) = part.chunk(chunk) {
                    chunk.settle(n, end, now);
                }
            }
        }
        let kind = part.notification.kind.clone();
        let on_uncertain = part.notification.on_uncertain;
        let Some(chunk) = part.chunk(slot.chunk) else {
            return;
        };
        let Some(row) = chunk.row(slot.n) else { return };
        let (attempts, ambiguous_attempts, reopened) =
            (row.attempts, row.ambiguous_attempts, row.reopened.clone());
        let second_attempt = row.second_attempt;
        let may_reopen = slot.call == Call::Post
            && row.reopened.is_none()
            && slot.recipient.scope == Scope::Personal
            && kind == NotificationKind::Send;
        let end = |outcome| End {
            outcome,
            status: answer.status,
            code: answer.code.clone(),
            activity: None,
        };
        let n = slot.n;
        match answer.verdict {
            Verdict::Delivered(activity) => {
                // An edited message keeps its id.
                let activity = activity.or_else(|| slot.recipient.activity.clone());
                let done = End {
                    activity,
                    ..end(Outcome::Delivered)
                };
                chunk.settle(n, done, now);
                if let Some(conversation) = reopened {
                    self.update_reference(&slot, ReferenceUpdate::Moved(conversation));
                }
            }
            Verdict::Throttled { retry_after } => {
                let due = self
                    .rate_limiter
                    .throttled(&slot.recipient.conversation, retry_after, now.at);
                chunk.give_back(n, Certainty::Certain, due, now);
            }
            Verdict::NotNow { retry_after } => {
                let wait = retry_after.unwrap_or_else(|| self.jitter.wait(attempts));
                chunk.give_back(n, Certainty::Certain, now.at.after(wait), now);
            }
            Verdict::Ambiguous => {
                // Editing or deleting twice does no harm: only a post can be made twice.
                let harmless = slot.call != Call::Post;
                if (on_uncertain == OnUncertain::Report && !harmless)
                    || ambiguous_attempts + 1 >= MAX_AMBIGUOUS_ATTEMPTS
                {
                    chunk.settle(n, end(Outcome::Uncertain), now);
                } else {
                    let wait = self.jitter.wait(ambiguous_attempts + 1);
                    chunk.give_back(n, Certainty::Ambiguous, now.at.after(wait), now);
                }
            }
            Verdict::Blocked => {
                chunk.settle(n, end(Outcome::Blocked), now);
                self.update_reference(&slot, ReferenceUpdate::Blocked);
            }
            // The reference is not marked: policies change, and no event reports when.
            Verdict::Disallowed => chunk.settle(n, end(Outcome::Blocked), now),
            Verdict::Uninstalled => {
                chunk.settle(n, end(Outcome::Uninstalled), now);
            }
            Verdict::NotFound if may_reopen => self.reopen(slot),
            Verdict::NotFound => chunk.settle(n, end(Outcome::Gone), now),
            // What was to be recalled is no longer there.
            Verdict::MessageGone if matches!(kind, NotificationKind::Delete(_)) => {
                chunk.settle(n, end(Outcome::Delivered), now);
            }
            Verdict::MessageGone => chunk.settle(n, end(Outcome::Gone), now),
            Verdict::OnceMore if second_attempt == SecondAttempt::Available => {
                if let Some(row) = chunk.row(n) {
                    row.second_attempt = SecondAttempt::Used;
                }
                chunk.give_back(n, Certainty::Certain, now.at.after(AGAIN), now);
            }
            Verdict::OnceMore => chunk.settle(n, end(Outcome::Failed), now),
            Verdict::Rejected => chunk.settle(n, end(Outcome::Rejected), now),
            Verdict::Failed => chunk.settle(n, end(Outcome::Failed), now),
            Verdict::WrongBot => self.foreign(&slot, end(Outcome::Rejected), now),
            Verdict::Unauthorized => self.refused(&slot, now),
        }
    }

    /// A personal conversation is gone: it is opened again, once, under the same intent.
    fn reopen(&mut self, mut slot: Slot) {
        if let Some(row) = self
            .parts
            .get_mut(&slot.part)
            .and_then(|part| part.chunk(slot.chunk))
            .and_then(|chunk| chunk.row(slot.n))
        {
            row.state = RowState::Intended;
        }
        slot.call = Call::Open;
        self.windows.ready.push_front(slot);
    }

    pub(super) fn opened(
        &mut self,
        mut slot: Slot,
        started: Moment,
        result: Result<Reopened, Answer>,
        now: Now,
    ) {
        let reopened = match result {
            Ok(reopened) => reopened,
            Err(mut answer) => {
                // Nothing was posted: what is ambiguous about opening is certain about the message.
                answer.verdict = match (answer.verdict, answer.status) {
                    (Verdict::Ambiguous, _) => Verdict::NotNow { retry_after: None },
                    // The chat is gone, and the bot may not open another: it is not installed for the person.
                    (Verdict::Rejected, Some(403)) => Verdict::NotFound,
                    (verdict, _) => verdict,
                };
                slot.call = Call::Open;
                return self.answered(slot, started, answer, now);
            }
        };
        self.windows.in_flight -= 1;
        self.rate_limiter.answered(started, now.at);
        let part = self.parts.get_mut(&slot.part);
        let Some(chunk) = part.and_then(|part| part.chunk(slot.chunk)) else {
            return;
        };
        let conversation = match reopened {
            Reopened::Chat(conversation) => conversation,
            Reopened::Taken => return chunk.settle(slot.n, End::plain(Outcome::Gone, "moved"), now),
        };
        let Some(row) = chunk.row(slot.n) else { return };
        row.state = RowState::Intended;
        row.reopened = Some(conversation.clone());
        slot.recipient = Arc::new(slot.recipient.moved_to(conversation));
        slot.call = Call::Post;
        self.windows.ready.push_front(slot);
    }

    /// The ids belong to another bot: held back until it is clear whether all do.
    fn foreign(&mut self, slot: &Slot, end: End, now: Now) {
        let Some(part) = self.parts.get_mut(&slot.part) else {
            return;
        };
        let Some(chunk) = part.chunk(slot.chunk) else {
            return;
        };
        // Comes back if the lane ends before that is clear; its end replaces that.
        chunk.give_back(slot.n, Certainty::Certain, now.at.after(HELD), now);
        part.held.push((slot.chunk, slot.n, end));
        if part.held.len() >= MOST_FOREIGN {
            self.stop_part(slot.part, StopReason::WrongBot, now);
        }
    }

    fn refused(&mut self, slot: &Slot, now: Now) {
        let Some(part) = self.parts.get_mut(&slot.part) else {
            return;
        };
        part.refusals += 1;
        let stop = part.refusals >= MOST_REFUSALS;
        if let Some(chunk) = part.chunk(slot.chunk) {
            chunk.give_back(slot.n, Certainty::Certain, now.at.after(REFUSED_AGAIN), now);
        }
        if stop {
            self.stop_part(slot.part, StopReason::Unauthorized, now);
        }
    }

    /// When nothing else is left of a part, the rows that were held back end: they are single cases after all.
    pub(super) fn settle_held(&mut self, now: Now) {
        for part in self.parts.values_mut().filter(|part| !part.held.is_empty()) {
            let held = part.held.len();
            let left: usize = part.open.iter().map(|chunk| chunk.unsettled).sum();
            if left > held || part.next_chunk < part.chunks || part.stopping != StopState::NotRequested {
                continue;
            }
            for (chunk, n, end) in std::mem::take(&mut part.held) {
                if let Some(chunk) = part.chunk(chunk) {
                    chunk.settle(n, end, now);
                }
            }
        }
    }
}
