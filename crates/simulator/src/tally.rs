//! Counts storage operations as Azure bills them.

use std::sync::atomic::{AtomicU64, Ordering};

/// Kinds of operation with a price of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Put Blob.
    Write,
    /// Append Block: a write too, counted apart because it is the ledger.
    Append,
    /// List Blobs.
    List,
    /// Get Blob, also when the answer is 304 or 404.
    Read,
    /// Acquire, renew and release a lease ("all other operations").
    Lease,
    /// Delete Blob: free.
    Delete,
    /// Put, get, update and delete of queue messages.
    Queue,
}

impl Operation {
    /// All of them, in the order of the tables.
    pub const ALL: [Self; 7] = [
        Self::Write,
        Self::Append,
        Self::List,
        Self::Read,
        Self::Lease,
        Self::Delete,
        Self::Queue,
    ];

    /// How tables call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Write => "blob writes",
            Self::Append => "blob appends (ledger)",
            Self::List => "blob listings",
            Self::Read => "blob reads",
            Self::Lease => "blob leases",
            Self::Delete => "blob deletions",
            Self::Queue => "queue operations",
        }
    }

    /// List price of 10,000 in US dollars: block blobs, hot, locally redundant; queues of a general-purpose account.
    pub fn price(self) -> f64 {
        match self {
            Self::Write | Self::Append | Self::List => 0.05,
            Self::Read | Self::Lease | Self::Queue => 0.004,
            Self::Delete => 0.0,
        }
    }
}

/// Operations counted by kind.
#[derive(Debug, Default)]
pub struct Tally([AtomicU64; 7]);

impl Tally {
    /// Counts one.
    pub fn count(&self, operation: Operation) {
        self.0[operation as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How many there were.
    pub fn of(&self, operation: Operation) -> u64 {
        self.0[operation as usize].load(Ordering::Relaxed)
    }
}
