//! The limits themselves, as data.

use serde::{Deserialize, Serialize};

use super::Class;

/// At most so many requests in a sliding span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// Requests.
    pub requests: u32,
    /// Length of the window in milliseconds.
    pub millis: u64,
}

/// The `Retry-After` header of a 429.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RetryAfter {
    /// Whole seconds until a request fits again, rounded up.
    Computed,
    /// No header: Teams does that too.
    Absent,
    /// Always this many seconds.
    Seconds(u32),
}

/// All limits of an app. An empty list lifts that limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LimitTable {
    /// Every connector call of the app in a tenant.
    pub tenant: Vec<Span>,
    /// Sends to one conversation (a channel with all its reply chains counts as one).
    pub send: Vec<Span>,
    /// Create conversation, for one person or channel.
    pub create: Vec<Span>,
    /// Reads of members of one conversation.
    pub members: Vec<Span>,
    /// The deprecated whole list of members of one conversation.
    pub all_members: Vec<Span>,
    /// Reads of one team and its channels.
    pub conversations: Vec<Span>,
    /// What a 429 says about when to come back.
    pub retry_after: RetryAfter,
}

const fn span(requests: u32, seconds: u64) -> Span {
    Span {
        requests,
        millis: seconds * 1000,
    }
}

impl LimitTable {
    /// The documented limits (`teams-protocol` 5.1).
    #[must_use]
    pub fn teams() -> Self {
        let writes = vec![span(7, 1), span(8, 2), span(60, 30), span(1800, 3600)];
        let reads = vec![span(14, 1), span(16, 2), span(120, 30), span(3600, 3600)];
        Self {
            tenant: vec![span(50, 1)],
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

    pub(crate) fn of(&self, class: Class) -> &[Span] {
        match class {
            Class::Send => &self.send,
            Class::Create => &self.create,
            Class::Members => &self.members,
            Class::AllMembers => &self.all_members,
            Class::Conversations => &self.conversations,
        }
    }
}

impl Default for LimitTable {
    fn default() -> Self {
        Self::teams()
    }
}
