//! The rate limiter of a lane: who may post now. Pure: the time is passed in, so every rule is tested under virtual time.
//!
//! Limits are Teams' documented ones: requests per second, app and tenant, and per conversation. What a 429 means
//! depends on what we know: from a conversation that we post to a lot it is that conversation's, otherwise the tenant's.

mod arrivals;
mod backoff;
mod caution;
mod conversations;
mod pace;
mod snapshot;
#[cfg(test)]
mod tests;

pub(crate) use backoff::Jitter;
pub(crate) use conversations::digest;
pub(crate) use snapshot::Snapshot;

use crate::{ids::ConversationId, ports::Moment};
use conversations::Conversations;
use pace::Pace;
use std::{collections::VecDeque, num::NonZeroU32, time::Duration};

/// Answer to the question whether to post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permit {
    /// Post now; the permit is used.
    Granted,
    /// Nobody in the tenant before this moment.
    Tenant(Moment),
    /// Not to this conversation before this moment.
    Conversation(Moment),
}

/// Sends to a conversation in one second from which on a 429 is put down to the conversation.
const BUSY_SECOND: usize = 7;
/// The same for 30 seconds.
const BUSY_HALF_MINUTE: usize = 60;
/// 429s of so many conversations within a second are the tenant's.
const CONVERSATIONS_MEANING_TENANT: usize = 3;
/// Longest pause that we choose ourselves when Teams names none: whatever moment a throttle ends at, little more than
/// this is lost after it.
const LONGEST_PAUSE: Duration = Duration::from_secs(16);
/// So long without a 429 and self-chosen pauses start small again.
const CALM: Duration = Duration::from_secs(10);

/// Permits of one tenant.
#[derive(Debug)]
pub struct RateLimiter {
    pace: Pace,
    conversations: Conversations,
    paused_until: Moment,
    throttles: VecDeque<(Moment, u64)>,
    streak: u32,
    calm_from: Moment,
}

impl RateLimiter {
    /// A rate limiter that grants at most `rate` permits in any second, from `now` on.
    pub fn new(rate: NonZeroU32, now: Moment) -> Self {
        Self {
            pace: Pace::new(rate, now),
            conversations: Conversations::default(),
            paused_until: Moment::at(Duration::ZERO),
            throttles: VecDeque::new(),
            streak: 0,
            calm_from: Moment::at(Duration::ZERO),
        }
    }

    /// Asks for a permit to post to a conversation.
    pub fn permit(&mut self, conversation: &ConversationId, now: Moment) -> Permit {
        if now < self.paused_until {
            return Permit::Tenant(self.paused_until);
        }
        let key = digest(conversation);
        let ready = self.conversations.ready_at(key, now);
        if ready > now {
            return Permit::Conversation(ready);
        }
        if let Some(wait) = self.pace.take(now) {
            return Permit::Tenant(wait);
        }
        self.conversations.sent(key, now);
        Permit::Granted
    }

    /// Asks for a permit for a call that is no post (opening a conversation, a roster).
    pub fn permit_call(&mut self, now: Moment) -> Permit {
        if now < self.paused_until {
            return Permit::Tenant(self.paused_until);
        }
        self.pace.take(now).map_or(Permit::Granted, Permit::Tenant)
    }

    /// Learns that a call that got its permit at `departed` was answered.
    pub fn answered(&mut self, departed: Moment, now: Moment) {
        self.pace.answered(departed, now);
    }

    /// Learns that Teams' limiter let a request pass, whatever became of it.
    pub fn admitted(&mut self, now: Moment) {
        self.pace.admitted(now);
    }

    /// How often something was learnt that the next owner should know at once.
    pub(crate) fn lessons(&self) -> u32 {
        self.pace.lessons()
    }

    /// When a conversation may be posted to, as far as its own limits go.
    pub fn conversation_ready_at(&mut self, conversation: &ConversationId, now: Moment) -> Moment {
        self.conversations.ready_at(digest(conversation), now)
    }

    /// Until when the whole tenant pauses; a past moment when it doesn't.
    pub fn paused_until(&self) -> Moment {
        self.paused_until
    }

    /// The rate in force, permits a second.
    pub fn rate(&self) -> f64 {
        self.pace.rate()
    }

    /// Learns of a 429 to a request that got its permit at `departed`: pauses whom it concerns and returns when the
    /// recipient may be tried again.
    pub fn throttled(
        &mut self,
        conversation: &ConversationId,
        retry_after: Option<Duration>,
        departed: Moment,
        now: Moment,
    ) -> Moment {
        let key = digest(conversation);
        if now >= self.calm_from {
            self.streak = 0;
        }
        let wait = retry_after.unwrap_or_else(|| {
            let exponent = self.streak.min(6);
            Duration::from_secs(1 << exponent).min(LONGEST_PAUSE)
        });
        let until = now.after(wait);
        self.throttles.push_back((now, key));
        while let Some((at, _)) = self.throttles.front()
            && now.since(*at) > Duration::from_secs(1)
        {
            self.throttles.pop_front();
        }
        let mut keys: Vec<u64> = self.throttles.iter().map(|(_, key)| *key).collect();
        keys.sort_unstable();
        keys.dedup();
        let busy = self.conversations.within(key, now, Duration::from_secs(1)) >= BUSY_SECOND
            || self.conversations.within(key, now, Duration::from_secs(30)) >= BUSY_HALF_MINUTE;
        if busy && keys.len() < CONVERSATIONS_MEANING_TENANT {
            self.conversations.pause(key, until);
        } else {
            // Several answers of one burst are one throttle.
            if now >= self.paused_until {
                self.streak += 1;
                self.pace.refused(departed, now);
            }
            self.paused_until = self.paused_until.max(until);
        }
        self.calm_from = self.calm_from.max(until.after(CALM));
        until
    }
}
