//! What an answer of Teams does to its recipient: the one table from verdicts to outcomes and retries.

use super::{
    Now, State,
    addresses::unrepaired,
    chunk::{End, RowState, SecondAttempt, Tries},
    detour::OtherConversation,
    effect::ReferenceUpdate,
    event::{Call, Reopened, Slot},
    evidence::Learnt,
};
use crate::{
    evidence::{
        Cause, Subject,
        numbers::{BETWEEN_TRIES, TRIES},
    },
    outcome::Outcome,
    ports::{Answer, Moment, Verdict},
    recipient::{BlockMark, Fallback, Recipient},
    request::{NotificationKind, OnUncertain},
    store::ledger::Certainty,
    target::Scope,
};
use std::{sync::Arc, time::Duration};

/// Posts that may have arrived, after which a recipient stays uncertain.
pub(super) const MAX_AMBIGUOUS_ATTEMPTS: u32 = 5;
/// What may be passing is asked for once more after this: long enough for a gateway to come back from a
/// restart, short enough for somebody who watches a recall.
const AGAIN: Duration = Duration::from_secs(5);

impl State {
    pub(super) fn answered(&mut self, slot: Slot, started: Moment, answer: Answer, now: Now) {
        self.windows.in_flight -= 1;
        self.rate_limiter.answered(started, now.at);
        if is_past_the_limiter(&answer) {
            self.rate_limiter.admitted(now.at);
        }
        self.statistics.answered(started, now.at);
        let Some(part) = self.parts.get_mut(&slot.part) else {
            return self.learn(&slot, Tries::default(), &answer, now);
        };
        let kind = part.notification.kind.clone();
        let on_uncertain = part.notification.on_uncertain;
        let Some(row) = part.chunk(slot.chunk).and_then(|chunk| chunk.row(slot.n)) else {
            return self.learn(&slot, Tries::default(), &answer, now);
        };
        let (attempts, ambiguous_attempts) = (row.attempts, row.ambiguous_attempts);
        let update = row.detour.reference_update();
        let is_elsewhere = row.detour.conversation().is_some();
        let is_at_others_address = row.detour.is_at_others_address();
        let (second_attempt, tries) = (row.second_attempt, row.tries);
        let may_reopen = slot.call == Call::Post
            && !is_elsewhere
            && slot.recipient.scope == Scope::Personal
            && kind == NotificationKind::Send;
        let may_fall_back =
            slot.call == Call::Post && !is_elsewhere && slot.recipient.fallback == Fallback::General;
        // Ids of another bot may have successors: what the opening of a chat comes to is what counts.
        let has_other_id = slot.recipient.entra.is_some() && slot.recipient.user.is_some();
        if answer.verdict == Verdict::WrongBot && may_reopen && has_other_id {
            let recipient = Recipient {
                user: None,
                ..(*slot.recipient).clone()
            };
            return self.reopen(Slot {
                recipient: Arc::new(recipient),
                ..slot
            });
        }
        self.learn(&slot, tries, &answer, now);
        let part = self.parts.get_mut(&slot.part);
        let Some(chunk) = part.and_then(|part| part.chunk(slot.chunk)) else {
            return;
        };
        let end = |outcome| End {
            outcome,
            status: answer.status,
            code: answer.code.clone(),
            activity: None,
        };
        let n = slot.n;
        let cause = match answer.subject() {
            Subject::Wider(cause) => Some(cause),
            _ => None,
        };
        match answer.verdict {
            Verdict::Delivered(activity) => {
                // An edited message keeps its id.
                let activity = activity.or_else(|| slot.recipient.activity.clone());
                let done = End {
                    activity,
                    ..end(Outcome::Delivered)
                };
                chunk.settle(n, done, now);
                if let Some(update) = update {
                    self.update_reference(&slot, update);
                }
                if slot.recipient.block == BlockMark::Set {
                    self.update_reference(&slot, ReferenceUpdate::Unblocked);
                }
            }
            Verdict::Throttled { retry_after } => {
                let conversation = &slot.recipient.conversation;
                let due = self
                    .rate_limiter
                    .throttled(conversation, retry_after, started, now.at);
                chunk.give_back(n, Certainty::Certain, due, now);
            }
            // Not reached at all: the recipient's own address may be at fault, or all of them.
            Verdict::NotNow { retry_after: None } if cause == Some(Cause::Network) => {
                self.hold(&slot, cause, end(Outcome::Failed), now);
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
            Verdict::NotFound if may_reopen => self.reopen(slot),
            Verdict::Uninstalled | Verdict::NotFound if may_fall_back => {
                chunk.fall_back(n, now);
                self.evidence.probe_soon(&slot.recipient.conversation, now);
            }
            // Whatever Teams' own words for it: General is asked.
            Verdict::Rejected | Verdict::Failed
                if may_fall_back && answer.code.is_some() && matches!(answer.status, Some(403 | 404)) =>
            {
                chunk.fall_back(n, now);
                self.evidence.probe_soon(&slot.recipient.conversation, now);
            }
            // It may be at a third address: nothing is proven of the place.
            Verdict::Uninstalled | Verdict::NotFound | Verdict::MessageGone if is_at_others_address => {
                chunk.settle(n, end(Outcome::Failed), now);
            }
            Verdict::Uninstalled | Verdict::NotFound if second_attempt == SecondAttempt::Available => {
                chunk.try_once_more(n, BETWEEN_TRIES, now);
            }
            Verdict::Uninstalled => chunk.settle(n, end(Outcome::Uninstalled), now),
            Verdict::NotFound => chunk.settle(n, end(Outcome::Gone), now),
            // What was to be recalled is no longer there.
            Verdict::MessageGone if matches!(kind, NotificationKind::Delete(_)) => {
                chunk.settle(n, end(Outcome::Delivered), now);
            }
            Verdict::MessageGone => chunk.settle(n, end(Outcome::Gone), now),
            Verdict::OnceMore if second_attempt == SecondAttempt::Available => {
                chunk.try_once_more(n, AGAIN, now);
            }
            Verdict::OnceMore => chunk.settle(n, end(Outcome::Failed), now),
            Verdict::WrongAddress { named } => {
                let end = end(unrepaired(answer.status));
                self.readdress(&slot, named, end, now);
            }
            Verdict::Rejected => chunk.settle(n, end(Outcome::Rejected), now),
            // The reference is not marked: policies change, and no event reports when.
            Verdict::Disallowed if self.evidence.speaks_for_the_tenant(now.at) => {
                chunk.settle(n, end(Outcome::Blocked), now);
            }
            Verdict::Disallowed => self.hold(&slot, cause, end(Outcome::Blocked), now),
            Verdict::WrongBot => self.hold(&slot, cause, end(Outcome::Rejected), now),
            Verdict::Failed | Verdict::Unauthorized => self.hold(&slot, cause, end(Outcome::Failed), now),
        }
    }

    fn learn(&mut self, slot: &Slot, tries: Tries, answer: &Answer, now: Now) {
        if self
            .evidence
            .learn(&slot.recipient.conversation, tries, answer, now)
            == Learnt::WaitOver
        {
            self.wait_is_over(now);
        }
    }

    /// What may speak of more than its recipient settles nothing by itself: the row comes back, and ends as a single case
    /// when it is answered so a third time while the tenant does not wait.
    pub(super) fn hold(&mut self, slot: &Slot, cause: Option<Cause>, end: End, now: Now) {
        let epoch = self.evidence.epoch;
        let waits = self.evidence.waiting().is_some();
        let part = self.parts.get_mut(&slot.part);
        let Some(chunk) = part.and_then(|part| part.chunk(slot.chunk)) else {
            return;
        };
        let Some(row) = chunk.row(slot.n) else { return };
        // Another complaint is another case.
        let same = row.tries.first.map(|(known, _)| known) == cause;
        if row.tries.epoch != epoch || !same {
            row.tries = Tries {
                epoch,
                count: 0,
                first: cause.map(|cause| (cause, now.at)),
            };
        }
        row.tries.count += u32::from(!waits);
        if row.tries.count >= TRIES {
            chunk.settle(slot.n, end, now);
        } else {
            chunk.give_back(slot.n, Certainty::Certain, now.at.after(BETWEEN_TRIES), now);
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
        self.rate_limiter.admitted(now.at);
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
        row.detour
            .go_to(OtherConversation::Reopened(conversation.clone()));
        slot.recipient = Arc::new(slot.recipient.moved_to(conversation));
        slot.call = Call::Post;
        self.windows.ready.push_front(slot);
    }
}

/// Whether Teams' limiter let a request pass that was answered so. What came of no answer, or of a gateway's, may not
/// have come so far.
fn is_past_the_limiter(answer: &Answer) -> bool {
    !matches!(
        answer.verdict,
        Verdict::Throttled { .. } | Verdict::NotNow { .. } | Verdict::Ambiguous
    )
}
