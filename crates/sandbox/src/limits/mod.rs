//! Rate limits as Teams documents them, per tenant and per conversation. How Teams counts is documented nowhere: sliding
//! windows per conversation, and per tenant what the table says.
//! Only admitted requests count; refused ones don't. No clock: times are arguments.

mod sliding_window;
mod table;
mod tenant;

use std::collections::HashMap;
use std::time::Duration;

pub use table::{Counting, LimitTable, RateLimit, RetryAfter};

use crate::clock::micros;
use crate::world::Place;
use sliding_window::SlidingWindow;
use tenant::Tenant;

/// The limit that a request counts against, besides the tenant's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum RequestClass {
    /// Send to conversation (and reply).
    Send,
    /// Create conversation.
    Create,
    /// Get conversation members, paged or single.
    Members,
    /// The deprecated whole list of members.
    AllMembers,
    /// Team and channel reads.
    Conversations,
}

/// A refused request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LimitExceeded {
    /// Time until a request of this class would be admitted.
    pub(crate) wait: Duration,
}

/// The limiter of one app.
#[derive(Debug)]
pub(crate) struct Limiter {
    table: LimitTable,
    tenants: HashMap<u32, Tenant>,
    conversations: HashMap<(Place, RequestClass), SlidingWindow>,
    everything: SlidingWindow,
    /// Most admitted requests in any sliding second, of one tenant.
    peak_per_tenant: usize,
    /// The same over all tenants.
    peak: usize,
    next_purge: usize,
    latest: u64,
}

const SECOND: u64 = 1_000_000;
const FIRST_PURGE: usize = 4096;

impl Limiter {
    pub(crate) fn new(table: LimitTable) -> Self {
        Self {
            table,
            tenants: HashMap::new(),
            conversations: HashMap::new(),
            everything: SlidingWindow::default(),
            peak_per_tenant: 0,
            peak: 0,
            next_purge: FIRST_PURGE,
            latest: 0,
        }
    }

    pub(crate) fn table(&self) -> &LimitTable {
        &self.table
    }

    /// Changes the limits; what was admitted before still counts.
    pub(crate) fn set_table(&mut self, table: LimitTable) {
        self.table = table;
    }

    /// (per tenant, over all tenants): most admitted requests in any sliding second.
    pub(crate) fn peaks(&self) -> (usize, usize) {
        (self.peak_per_tenant, self.peak)
    }

    pub(crate) fn reset_peaks(&mut self) {
        (self.peak_per_tenant, self.peak) = (0, 0);
    }

    /// Admits a request and counts it, or returns how long to wait.
    pub(crate) fn admit(
        &mut self,
        now: Duration,
        tenant: Option<u32>,
        conversation: Option<(Place, RequestClass)>,
    ) -> Result<(), LimitExceeded> {
        // Requests may arrive slightly out of order; the windows only move forward.
        self.latest = self.latest.max(micros(now));
        let now = self.latest;
        let spans = conversation.map_or(&[][..], |(_, class)| self.table.of(class));
        let by_conversation = match conversation {
            Some(key) if !spans.is_empty() => self
                .conversations
                .get(&key)
                .map_or(0, |window| window.wait(now, spans)),
            _ => 0,
        };
        let by_tenant = tenant
            .and_then(|tenant| self.tenants.get(&tenant))
            .map_or(0, |tenant| {
                tenant.wait(now, &self.table.tenant, self.table.tenant_counting)
            });
        let wait = by_conversation.max(by_tenant);
        if wait > 0 {
            return Err(LimitExceeded {
                wait: Duration::from_micros(wait),
            });
        }
        if let Some(key) = conversation.filter(|_| !spans.is_empty()) {
            let keep = longest(spans);
            self.conversations.entry(key).or_default().record(now, keep);
        }
        if let Some(tenant) = tenant {
            let keep = longest(&self.table.tenant).max(SECOND);
            let tenant = self.tenants.entry(tenant).or_default();
            tenant.record(now, keep, &self.table.tenant);
            self.peak_per_tenant = self.peak_per_tenant.max(tenant.window.within(now, SECOND));
        }
        self.everything.record(now, SECOND);
        self.peak = self.peak.max(self.everything.within(now, SECOND));
        self.purge(now);
        Ok(())
    }

    /// Drops conversations whose windows are over, so that memory is proportional to the traffic of the last hour.
    fn purge(&mut self, now: u64) {
        if self.conversations.len() < self.next_purge {
            return;
        }
        let table = &self.table;
        self.conversations
            .retain(|(_, class), window| !window.is_over(now, longest(table.of(*class))));
        self.next_purge = FIRST_PURGE.max(self.conversations.len() * 2);
    }
}

fn longest(spans: &[RateLimit]) -> u64 {
    spans.iter().map(|span| span.millis * 1000).max().unwrap_or(0)
}

#[cfg(test)]
mod tests;
