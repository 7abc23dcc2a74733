//! Evidence: whether answers of this lane speak of more than their recipients, and the wait that begins then. Nothing of
//! it reaches another lane.

use super::{Now, chunk::Tries};
use crate::{
    evidence::{Cause, Subject, Waiting, numbers, since},
    ids::ConversationId,
    ports::{Answer, Moment, Verdict},
};
use std::{collections::VecDeque, sync::Arc};

/// What a lane knows of the service behind its answers.
pub(super) struct Evidence {
    /// Conversations that were answered to the contrary since something was last delivered; at most [`numbers::MANY`].
    contrary: Vec<ConversationId>,
    /// The newest of those answers.
    case: Option<(Cause, Option<Arc<str>>)>,
    last_delivered: Option<Moment>,
    /// Conversations that something was delivered to last, at most [`numbers::PROBED`].
    reached: VecDeque<ConversationId>,
    /// When something else was last answered that shows that Teams works.
    last_other: Option<Moment>,
    waiting: Option<Waiting>,
    /// Changes when a wait ends: tries of single cases before do not count.
    pub(super) epoch: u32,
}

/// What an answer changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Learnt {
    Nothing,
    /// The wait is over.
    WaitOver,
}

impl Evidence {
    /// What earlier owners left.
    pub(super) fn new(waiting: Option<Waiting>) -> Self {
        Self {
            contrary: Vec::new(),
            case: None,
            last_delivered: None,
            reached: VecDeque::new(),
            last_other: None,
            waiting,
            epoch: 0,
        }
    }

    pub(super) fn waiting(&self) -> Option<&Waiting> {
        self.waiting.as_ref()
    }

    /// Whether an answer only says again what is known to be its recipient's own: something was delivered since it was
    /// said first.
    fn is_single_case(&self, tries: Tries, cause: Cause) -> bool {
        let first = tries.first.filter(|_| tries.epoch == self.epoch);
        first.is_some_and(|(known, at)| {
            known == cause && self.last_delivered.is_some_and(|delivered| delivered >= at)
        })
    }

    /// Takes in an answer about a conversation, which was tried so before.
    pub(super) fn learn(
        &mut self,
        conversation: &ConversationId,
        tries: Tries,
        answer: &Answer,
        now: Now,
    ) -> Learnt {
        if matches!(answer.verdict, Verdict::Delivered(_)) {
            self.last_delivered = Some(now.at);
            if self.reached.len() == numbers::PROBED {
                self.reached.pop_front();
            }
            self.reached.push_back(conversation.clone());
            return self.end();
        }
        let subject = answer.subject();
        if let Some(waiting) = &mut self.waiting {
            return match subject {
                Subject::Wider(cause) => {
                    waiting.cause = cause;
                    waiting.code.clone_from(&answer.code);
                    waiting.failed(conversation.clone(), now.wall);
                    Learnt::Nothing
                }
                Subject::Message | Subject::Person | Subject::Conversation
                    if waiting.cause.ends_with_any_word_of_teams() =>
                {
                    self.last_other = Some(now.at);
                    self.end()
                }
                Subject::Nothing | Subject::Message | Subject::Person | Subject::Conversation => {
                    waiting.again(conversation.clone(), now.wall);
                    Learnt::Nothing
                }
            };
        }
        match subject {
            Subject::Wider(cause) if self.is_single_case(tries, cause) => {}
            Subject::Wider(cause) => {
                self.case = Some((cause, answer.code.clone()));
                if self.contrary.len() < numbers::MANY && !self.contrary.contains(conversation) {
                    self.contrary.push(conversation.clone());
                }
            }
            Subject::Message | Subject::Person | Subject::Conversation => self.last_other = Some(now.at),
            Subject::Nothing => {}
        }
        Learnt::Nothing
    }

    /// The answer to a probe leads somewhere else: what is answered there is the probe's answer, and the lane is kept for it.
    pub(super) fn probe_soon(&mut self, conversation: &ConversationId, now: Now) {
        if let Some(waiting) = &mut self.waiting {
            waiting.go_on_with(conversation, now.wall);
        }
    }

    fn end(&mut self) -> Learnt {
        self.contrary.clear();
        self.case = None;
        match self.waiting.take() {
            None => Learnt::Nothing,
            Some(waiting) => {
                tracing::info!(
                    reason = waiting.cause.as_str(),
                    code = waiting.code.as_deref(),
                    tries = waiting.tries,
                    since = %waiting.since,
                    "a tenant no longer waits"
                );
                self.epoch = self.epoch.wrapping_add(1);
                Learnt::WaitOver
            }
        }
    }

    /// Whether so much speaks for a wait that nothing more is begun until all calls are answered.
    pub(super) fn is_suspected(&self, now: Moment) -> bool {
        let Some((cause, _)) = &self.case else {
            return false;
        };
        self.contrary.len() >= numbers::MANY || (cause.speaks_at_once() && !self.delivered_lately(now))
    }

    /// Begins a wait if the evidence is there, once all calls are answered.
    pub(super) fn begin_wait(&mut self, now: Now) -> Option<&Waiting> {
        let few = self.contrary.len() >= numbers::FEW
            && !self.delivered_lately(now.at)
            && !is_recent(self.last_other, now.at);
        if self.waiting.is_some() || !(few || self.is_suspected(now.at)) {
            return None;
        }
        let (cause, code) = self.case.take()?;
        self.contrary.clear();
        let mut waiting = Waiting::begin(cause, code, now.wall);
        waiting.reached = std::mem::take(&mut self.reached);
        Some(self.waiting.insert(waiting))
    }

    /// The wait, if a line of the log is due: once a minute for each cause.
    pub(super) fn due_report(&mut self, now: Now) -> Option<&Waiting> {
        let waiting = self.waiting.as_mut()?;
        if since(waiting.reported_at, now.wall) < numbers::BETWEEN_LINES {
            return None;
        }
        waiting.reported_at = now.wall;
        Some(waiting)
    }

    /// Whether it is known of the tenant that it is not refused as a whole: others got something lately, and hardly anybody
    /// was refused since.
    pub(super) fn speaks_for_the_tenant(&self, now: Moment) -> bool {
        self.delivered_lately(now) && self.contrary.len() < numbers::FEW
    }

    fn delivered_lately(&self, now: Moment) -> bool {
        is_recent(self.last_delivered, now)
    }
}

fn is_recent(then: Option<Moment>, now: Moment) -> bool {
    then.is_some_and(|then| now.since(then) < numbers::RECENT)
}
