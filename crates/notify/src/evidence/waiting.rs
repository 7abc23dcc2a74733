//! What a lane waits for, as its lease's object keeps it: a kill forgets nothing.

use super::{Cause, numbers};
use crate::ids::ConversationId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{collections::VecDeque, sync::Arc, time::Duration};

/// All that goes to a tenant waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    /// Why.
    #[serde(rename = "reason")]
    pub cause: Cause,
    /// The code of Teams or Entra, or ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Arc<str>>,
    /// Since when.
    pub since: Timestamp,
    /// When the next probe is due.
    pub next: Timestamp,
    /// Probes that failed.
    pub tries: u32,
    /// When the last probe was answered, or the wait began.
    pub probed_at: Timestamp,
    /// Conversations of the last probes, the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub probed: Vec<ConversationId>,
    /// Conversations that something was delivered to before the wait began: they are probed first.
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    pub reached: VecDeque<ConversationId>,
    /// When a line of the log last reported it.
    pub reported_at: Timestamp,
}

impl Waiting {
    /// A wait that begins.
    pub(crate) fn begin(cause: Cause, code: Option<Arc<str>>, wall: Timestamp) -> Self {
        let mut waiting = Self {
            cause,
            code,
            since: wall,
            next: wall,
            tries: 0,
            probed_at: wall,
            probed: Vec::new(),
            reached: VecDeque::new(),
            reported_at: wall,
        };
        waiting.next = later(wall, waiting.pause());
        waiting
    }

    /// A probe of a conversation failed.
    pub(crate) fn failed(&mut self, conversation: ConversationId, wall: Timestamp) {
        self.tries = self.tries.saturating_add(1);
        self.again(conversation, wall);
    }

    /// A probe of a conversation said nothing, or another is due for some other reason.
    pub(crate) fn again(&mut self, conversation: ConversationId, wall: Timestamp) {
        self.probed.retain(|known| *known != conversation);
        self.probed.push(conversation);
        if self.probed.len() > numbers::PROBED {
            self.probed.remove(0);
        }
        self.probed_at = wall;
        self.next = later(wall, self.pause());
    }

    /// The same conversation is asked again in a moment, in another way.
    pub(crate) fn go_on_with(&mut self, conversation: &ConversationId, wall: Timestamp) {
        self.probed.retain(|known| known != conversation);
        self.next = later(wall, numbers::ANOTHER_WAY);
    }

    /// Whether only a human can end it.
    pub fn needs_a_human(&self) -> bool {
        self.cause.needs_a_human(self.code.as_deref())
    }

    /// Whether it is called a stop.
    pub fn is_stop(&self, wall: Timestamp) -> bool {
        self.needs_a_human() && since(self.since, wall) > numbers::STOPPED_AFTER
    }

    /// The pause before the next probe.
    fn pause(&self) -> Duration {
        let tries = self.tries as usize;
        let last = numbers::PAUSES.len() - 1;
        if tries <= last || !self.needs_a_human() {
            return numbers::PAUSES[tries.min(last)];
        }
        let doublings = u32::try_from(tries - last).unwrap_or(u32::MAX).min(8);
        (numbers::PAUSES[last] * 2_u32.pow(doublings)).min(numbers::LONGEST_PAUSE)
    }
}

/// A time on the wall's clock so much later.
pub(crate) fn later(wall: Timestamp, by: Duration) -> Timestamp {
    wall.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// How long ago that was; nothing, if a clock was set back.
pub(crate) fn since(then: Timestamp, wall: Timestamp) -> Duration {
    wall.duration_since(then).try_into().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// The pauses before the first probes.
    fn pauses(cause: Cause, code: Option<&str>, probes: usize) -> Vec<i64> {
        let mut waiting = Waiting::begin(cause, code.map(Arc::from), at(0));
        let mut pauses = Vec::new();
        for n in 0..probes {
            let before = waiting.probed_at;
            pauses.push(waiting.next.duration_since(before).as_secs());
            let next = waiting.next;
            waiting.failed(format!("a:{n}").into(), next);
        }
        pauses
    }

    #[test]
    fn pauses_grow_to_a_minute_and_for_humans_to_a_quarter_of_an_hour() {
        assert_eq!(pauses(Cause::Service, None, 6), [15, 30, 60, 60, 60, 60]);
        assert_eq!(
            pauses(Cause::NotAllowed, None, 8),
            [15, 30, 60, 120, 240, 480, 900, 900]
        );
        assert_eq!(
            pauses(Cause::Credentials, Some("invalid_client/AADSTS7000222"), 4),
            [15, 30, 60, 120]
        );
    }

    #[test]
    fn a_wait_for_a_human_is_a_stop_after_half_an_hour() {
        let human = Waiting::begin(Cause::NotAllowed, None, at(0));
        assert!(!human.is_stop(at(1_800)));
        assert!(human.is_stop(at(1_801)));
        assert!(!Waiting::begin(Cause::Service, None, at(0)).is_stop(at(9_000)));
    }

    #[test]
    fn the_last_probed_conversations_are_kept_each_once() {
        let mut waiting = Waiting::begin(Cause::Service, None, at(0));
        for n in 0..40 {
            waiting.failed(format!("a:{}", n % 20).into(), at(n));
        }
        assert_eq!(waiting.probed.len(), numbers::PROBED);
        assert_eq!(waiting.probed.last(), Some(&ConversationId::from("a:19")));
        assert!(!waiting.probed.contains(&ConversationId::from("a:3")));
    }
}
