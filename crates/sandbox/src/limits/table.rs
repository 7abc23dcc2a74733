//! The rate limits, as data.

use serde::{Deserialize, Serialize};

use super::RequestClass;

/// A rate limit: a number of requests in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Requests.
    pub requests: u32,
    /// Length of the window in milliseconds.
    pub millis: u64,
}

/// The `Retry-After` header of a 429.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RetryAfter {
    /// Whole seconds until a request is admitted again, rounded up.
    Computed,
    /// No header: Teams does that too.
    Absent,
    /// Always this many seconds.
    Seconds(u32),
}

/// How a tenant's requests are counted. The documentation doesn't say how Teams does, and no report was found that tells
/// these apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Counting {
    /// No window of that length, whenever it begins, holds more than the limit.
    #[default]
    SlidingWindow,
    /// Windows of the clock: each begins at none.
    FixedWindow,
    /// A bucket that is filled at the rate of the first limit.
    TokenBucket {
        /// How many it holds.
        tokens: u32,
    },
}

/// All limits of an app. An empty array means no limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LimitTable {
    /// Every connector call of the app in a tenant.
    pub tenant: Vec<RateLimit>,
    /// How these are counted.
    #[serde(default)]
    pub tenant_counting: Counting,
    /// Sends to one conversation (a channel with all its reply chains counts as one).
    pub send: Vec<RateLimit>,
    /// Create conversation, for one person or channel.
    pub create: Vec<RateLimit>,
    /// Reads of members of one conversation.
    pub members: Vec<RateLimit>,
    /// The deprecated whole list of members of one conversation.
    pub all_members: Vec<RateLimit>,
    /// Reads of one team and its channels.
    pub conversations: Vec<RateLimit>,
    /// `Retry-After` of a 429.
    pub retry_after: RetryAfter,
}

const fn span(requests: u32, seconds: u64) -> RateLimit {
    RateLimit {
        requests,
        millis: seconds * 1000,
    }
}

impl LimitTable {
    /// The documented limits.
    #[must_use]
    pub fn teams() -> Self {
        let writes = vec![span(7, 1), span(8, 2), span(60, 30), span(1800, 3600)];
        let reads = vec![span(14, 1), span(16, 2), span(120, 30), span(3600, 3600)];
        Self {
            tenant: vec![span(50, 1)],
            tenant_counting: Counting::SlidingWindow,
            send: writes.clone(),
            create: writes,
            members: reads.clone(),
            all_members: vec![span(5, 60)],
            conversations: reads,
            retry_after: RetryAfter::Computed,
        }
    }

    /// No limits at all.
    #[must_use]
    pub fn lifted() -> Self {
        Self {
            tenant: Vec::new(),
            tenant_counting: Counting::SlidingWindow,
            send: Vec::new(),
            create: Vec::new(),
            members: Vec::new(),
            all_members: Vec::new(),
            conversations: Vec::new(),
            retry_after: RetryAfter::Computed,
        }
    }

    /// The documented limits with another rate per tenant.
    #[must_use]
    pub fn with_tenant_rate(mut self, per_second: u32) -> Self {
        self.tenant = vec![span(per_second, 1)];
        self
    }

    /// The same limits with another way to count a tenant's requests.
    #[must_use]
    pub fn counting(mut self, counting: Counting) -> Self {
        self.tenant_counting = counting;
        self
    }

    /// A table by its name in the control API: `teams` and `slidingSecond` are the same.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let teams = Self::teams();
        Some(match name {
            "teams" | "slidingSecond" => teams,
            "fixedSecond" => teams.counting(Counting::FixedWindow),
            "tokenBucket50" => teams.counting(Counting::TokenBucket { tokens: 50 }),
            "tokenBucket10" => teams.counting(Counting::TokenBucket { tokens: 10 }),
            "lifted" => Self::lifted(),
            _ => return None,
        })
    }

    pub(crate) fn of(&self, class: RequestClass) -> &[RateLimit] {
        match class {
            RequestClass::Send => &self.send,
            RequestClass::Create => &self.create,
            RequestClass::Members => &self.members,
            RequestClass::AllMembers => &self.all_members,
            RequestClass::Conversations => &self.conversations,
        }
    }
}

impl Default for LimitTable {
    fn default() -> Self {
        Self::teams()
    }
}
