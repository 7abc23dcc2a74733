//! Who plans: the planner that has the lease of the planning item. One that dies is replaced when its lease has ended.
//!
//! The lease saves work, it is not what makes a plan right: chunks are created if none is there, and the first plan that
//! is stored holds. So a planner of an earlier version, which takes no lease, does no harm beside this one.

use crate::{
    env::Env,
    ids::NotificationId,
    ports::{Lease, LeaseError, Moment, Ports, StoreError, WriteError, WriteIf},
    store::keys,
};
use std::{future::Future, time::Duration};

/// What asking for a plan came to.
pub(super) enum Claim {
    /// It is this planner's.
    Ours(OwnedPlan),
    /// Another planner is at work, or died less than a lease ago.
    Others,
    /// Nothing waits to be planned.
    Nothing,
}

/// A plan whose lease this process has.
pub(super) struct OwnedPlan {
    lease: Lease,
    length: Duration,
    acquired: Moment,
}

/// Whether a lease was ours to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Ours,
    Lost,
}

/// Asks for a plan, by one request.
pub(super) async fn claim(env: &Env, id: &NotificationId) -> Result<Claim, StoreError> {
    let length = env.settings.lease;
    // Counted from before the request: the store's own count begins later.
    let acquired = env.ports.clock.now();
    match env.ports.objects.acquire_lease(&keys::planning(id), length).await {
        Ok(lease) => Ok(Claim::Ours(OwnedPlan {
            lease,
            length,
            acquired,
        })),
        Err(LeaseError::Held) => Ok(Claim::Others),
        Err(LeaseError::Missing) => Ok(Claim::Nothing),
        Err(LeaseError::Lost) => Err(StoreError::unavailable("a lease was lost while it was acquired")),
        Err(LeaseError::Store(error)) => Err(error),
    }
}

/// Deletes a planning item whose notification needs no planner any more. A planner that has its lease deletes it itself.
pub(crate) async fn delete_planning_item(ports: &Ports, id: &NotificationId) -> Result<(), StoreError> {
    match ports.objects.delete(&keys::planning(id), WriteIf::Any).await {
        Ok(()) | Err(WriteError::Conflict) => Ok(()),
        Err(WriteError::Store(error)) => Err(error),
    }
}

impl OwnedPlan {
    /// Works under the lease, which is renewed meanwhile. `None` when it is lost: the work then ends where it waits.
    pub(super) async fn during<T>(&self, ports: &Ports, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.until_lost(ports) => None,
            done = work => Some(done),
        }
    }

    async fn until_lost(&self, ports: &Ports) {
        let clock = &ports.clock;
        let (mut renewed, mut asked) = (self.acquired, self.acquired);
        loop {
            clock.sleep_until(asked.after(self.length / 3)).await;
            asked = clock.now();
            match ports.objects.renew_lease(&self.lease).await {
                Ok(()) => renewed = asked,
                Err(LeaseError::Store(error)) => {
                    tracing::warn!(%error, "the lease of a plan could not be renewed");
                    if clock.now().since(renewed) >= self.length {
                        return;
                    }
                }
                Err(LeaseError::Lost | LeaseError::Missing | LeaseError::Held) => return,
            }
        }
    }

    /// Gives the plan back: it still has to be made, or finished.
    pub(super) async fn release(self, ports: &Ports) {
        if let Err(error) = ports.objects.release_lease(&self.lease).await {
            tracing::debug!(%error, "the lease of a plan was not released by this planner");
        }
    }

    /// Deletes the planning item: the plan is made. Says whether it was this planner's to the end.
    pub(super) async fn finish(self, ports: &Ports) -> Result<Ended, StoreError> {
        match ports.objects.delete_leased(&self.lease).await {
            // A repeated request finds its own deletion done.
            Ok(()) | Err(LeaseError::Missing) => Ok(Ended::Ours),
            Err(LeaseError::Lost | LeaseError::Held) => Ok(Ended::Lost),
            Err(LeaseError::Store(error)) => Err(error),
        }
    }
}
