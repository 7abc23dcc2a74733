//! The documented limits at the receiver: requests of a tenant in any second, and of a conversation in 1 s, 2 s, 30 s
//! and an hour. What is refused doesn't count.

use notify::{
    ids::{ConversationId, TenantId},
    ports::Moment,
};
use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

/// Requests to one conversation, and in which time.
const CONVERSATION: [(usize, Duration); 4] = [
    (7, Duration::from_secs(1)),
    (8, Duration::from_secs(2)),
    (60, Duration::from_secs(30)),
    (1_800, Duration::from_secs(3_600)),
];

pub(super) struct Limits {
    tenant: usize,
    tenants: HashMap<TenantId, VecDeque<Moment>>,
    conversations: HashMap<ConversationId, VecDeque<Moment>>,
}

impl Limits {
    pub(super) fn new(tenant: usize) -> Self {
        Self {
            tenant,
            tenants: HashMap::new(),
            conversations: HashMap::new(),
        }
    }

    /// Whether a request that arrives now is taken; with a limit for the tenant in force now, if it is not the usual one.
    pub(super) fn admit(
        &mut self,
        tenant: &TenantId,
        conversation: &ConversationId,
        now: Moment,
        in_force: Option<usize>,
    ) -> bool {
        let limit = in_force.unwrap_or(self.tenant);
        let arrived = self.tenants.entry(tenant.clone()).or_default();
        while arrived
            .front()
            .is_some_and(|first| now.since(*first) >= Duration::from_secs(1))
        {
            arrived.pop_front();
        }
        let sends = self.conversations.entry(conversation.clone()).or_default();
        let full = CONVERSATION.iter().any(|(limit, window)| {
            let index = sends.len().checked_sub(*limit);
            index.is_some_and(|index| now.since(sends[index]) < *window)
        });
        if full || arrived.len() >= limit {
            return false;
        }
        arrived.push_back(now);
        sends.push_back(now);
        if sends.len() > 1_800 {
            sends.pop_front();
        }
        true
    }
}
