//! Leases of a directory's objects. In memory: the process that holds them is the only one, and they end with it.

use super::held;
use notify::ports::{Lease, LeaseError};
use std::{collections::HashMap, sync::Arc, sync::Mutex, time::Duration};
use tokio::time::Instant;
use uuid::Uuid;

struct Held {
    id: Arc<str>,
    length: Duration,
    until: Instant,
}

#[derive(Default)]
pub(super) struct Leases(Mutex<HashMap<String, Held>>);

impl Leases {
    pub(super) fn is_leased(&self, name: &str) -> bool {
        held(&self.0)
            .get(name)
            .is_some_and(|lease| Instant::now() < lease.until)
    }

    pub(super) fn is_held(&self, lease: &Lease) -> bool {
        held(&self.0)
            .get(&lease.name)
            .is_some_and(|known| known.id == lease.id && Instant::now() < known.until)
    }

    pub(super) fn acquire(&self, name: &str, length: Duration) -> Result<Lease, LeaseError> {
        let mut leases = held(&self.0);
        let now = Instant::now();
        if leases.get(name).is_some_and(|lease| now < lease.until) {
            return Err(LeaseError::Held);
        }
        let id: Arc<str> = Uuid::new_v4().to_string().into();
        let lease = Held {
            id: id.clone(),
            length,
            until: now + length,
        };
        leases.insert(name.to_owned(), lease);
        Ok(Lease {
            name: name.to_owned(),
            id,
        })
    }

    /// Also after it has run out, as long as nobody wrote the object or took the lease: the service does the same.
    pub(super) fn renew(&self, lease: &Lease) -> Result<(), LeaseError> {
        match held(&self.0).get_mut(&lease.name) {
            Some(known) if known.id == lease.id => {
                known.until = Instant::now() + known.length;
                Ok(())
            }
            _ => Err(LeaseError::Lost),
        }
    }

    pub(super) fn release(&self, lease: &Lease) -> Result<(), LeaseError> {
        let mut leases = held(&self.0);
        if leases.get(&lease.name).is_none_or(|known| known.id != lease.id) {
            return Err(LeaseError::Lost);
        }
        leases.remove(&lease.name);
        Ok(())
    }

    /// A write or deletion without the lease ends one that has run out: its owner can no longer renew it.
    pub(super) fn forget(&self, name: &str) {
        held(&self.0).remove(name);
    }
}
