//! The documented limits at the receiver: requests of a tenant a second, counted in one of the ways that limiters count,
//! and of a conversation in 1 s, 2 s, 30 s and an hour. What is refused doesn't count.

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
const SECOND: Duration = Duration::from_secs(1);

/// How a tenant's requests are counted when they arrive. Which of these is Teams' is documented nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimiterModel {
    /// No second may hold more than the limit.
    SlidingSecond,
    /// Seconds of the clock: each begins at none.
    FixedSecond,
    /// A bucket that is filled at the limit and holds so many.
    TokenBucket(u32),
}

impl LimiterModel {
    /// All that are tried.
    pub const ALL: [Self; 4] = [
        Self::SlidingSecond,
        Self::FixedSecond,
        Self::TokenBucket(50),
        Self::TokenBucket(10),
    ];
}

/// What arrived from a tenant.
enum Tenant {
    SlidingSecond(VecDeque<Moment>),
    FixedSecond { second: u64, count: usize },
    TokenBucket { size: f64, tokens: f64, at: Moment },
}

impl Tenant {
    fn new(model: LimiterModel, now: Moment) -> Self {
        match model {
            LimiterModel::SlidingSecond => Self::SlidingSecond(VecDeque::new()),
            LimiterModel::FixedSecond => Self::FixedSecond { second: 0, count: 0 },
            LimiterModel::TokenBucket(size) => Self::TokenBucket {
                size: f64::from(size),
                tokens: f64::from(size),
                at: now,
            },
        }
    }

    /// Whether one more is taken now.
    fn has_room(&mut self, limit: usize, now: Moment) -> bool {
        match self {
            Self::SlidingSecond(arrived) => {
                while arrived.front().is_some_and(|first| now.since(*first) >= SECOND) {
                    arrived.pop_front();
                }
                arrived.len() < limit
            }
            Self::FixedSecond { second, count } => {
                let current = now.since_origin().as_secs();
                if *second != current {
                    (*second, *count) = (current, 0);
                }
                *count < limit
            }
            Self::TokenBucket { size, tokens, at } => {
                let filled = now.since(*at).as_secs_f64() * limit as f64;
                *tokens = (*tokens + filled).min(*size);
                *at = now;
                *tokens >= 1.0
            }
        }
    }

    fn take(&mut self, now: Moment) {
        match self {
            Self::SlidingSecond(arrived) => arrived.push_back(now),
            Self::FixedSecond { count, .. } => *count += 1,
            Self::TokenBucket { tokens, .. } => *tokens -= 1.0,
        }
    }
}

pub(super) struct Limits {
    model: LimiterModel,
    tenant: usize,
    tenants: HashMap<TenantId, Tenant>,
    conversations: HashMap<ConversationId, VecDeque<Moment>>,
}

impl Limits {
    pub(super) fn new(tenant: usize, model: LimiterModel) -> Self {
        Self {
            model,
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
        let model = self.model;
        let tenant = self
            .tenants
            .entry(tenant.clone())
            .or_insert_with(|| Tenant::new(model, now));
        let sends = self.conversations.entry(conversation.clone()).or_default();
        let full = CONVERSATION.iter().any(|(limit, window)| {
            let index = sends.len().checked_sub(*limit);
            index.is_some_and(|index| now.since(sends[index]) < *window)
        });
        if !tenant.has_room(limit, now) || full {
            return false;
        }
        tenant.take(now);
        sends.push_back(now);
        if sends.len() > 1_800 {
            sends.pop_front();
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of as many requests as may come, one a millisecond, are taken in each of two seconds, from half a second of
    /// the clock on.
    fn taken(model: LimiterModel) -> [usize; 2] {
        let mut limits = Limits::new(50, model);
        let mut taken = [0; 2];
        for ms in 0..2_000 {
            let now = Moment::at(Duration::from_millis(500 + ms));
            let conversation = ConversationId::from(format!("a:{ms}"));
            let tenant = TenantId::from("tenant");
            taken[ms as usize / 1_000] += usize::from(limits.admit(&tenant, &conversation, now, None));
        }
        taken
    }

    #[test]
    fn each_model_counts_in_its_way() {
        assert_eq!(
            LimiterModel::ALL.map(taken),
            [[50, 50], [100, 50], [99, 50], [59, 50]]
        );
    }
}
