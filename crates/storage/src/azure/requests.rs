//! Counts requests to the account by kind, for the cost figures and for tests that pin a number of requests.

use azure_core::http::{Method, Request};
use std::sync::atomic::{AtomicU64, Ordering};

/// Kinds of requests, as the price list distinguishes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestKind {
    /// A listing.
    List,
    /// A read of one object.
    Read,
    /// A write of one object; leases, appends and creating a container count as writes.
    Write,
    /// A deletion.
    Delete,
    /// Anything to the queue.
    Queue,
}

/// How many requests were sent, retries included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestCounts {
    /// Listings.
    pub list: u64,
    /// Reads.
    pub read: u64,
    /// Writes, leases and appends.
    pub write: u64,
    /// Deletions.
    pub delete: u64,
    /// Anything to the queue.
    pub queue: u64,
}

#[derive(Debug, Default)]
pub(super) struct Requests([AtomicU64; 5]);

impl Requests {
    pub(super) fn count(&self, kind: RequestKind) {
        if let Some(counter) = self.0.get(kind as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn counts(&self) -> RequestCounts {
        let [list, read, write, delete, queue] = self.0.each_ref().map(|n| n.load(Ordering::Relaxed));
        RequestCounts {
            list,
            read,
            write,
            delete,
            queue,
        }
    }
}

/// What kind a request is: only messages to a queue are posted.
pub(super) fn kind_of(request: &Request) -> RequestKind {
    let listing = || {
        request
            .url()
            .query_pairs()
            .any(|(name, value)| name == "comp" && value == "list")
    };
    match request.method() {
        Method::Get if listing() => RequestKind::List,
        Method::Get | Method::Head => RequestKind::Read,
        Method::Delete => RequestKind::Delete,
        Method::Post => RequestKind::Queue,
        _ => RequestKind::Write,
    }
}
