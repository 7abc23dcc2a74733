//! The wake-up queue of a process that has no other: the local host, the simulator, a single instance. Once a minute it
//! also looks for what was left behind, and deletes what is outlived.

use crate::{
    ids::TenantId,
    ports::{Clock, StoreError, WakeUp, WakeUps},
    service::NotificationService,
    worker::{Slice, WorkerRun},
};
use async_trait::async_trait;
use futures::{FutureExt, StreamExt, stream::FuturesUnordered};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Sends wake-ups to the [`Pipeline`] of the same process.
#[derive(Clone, Debug)]
pub struct LocalWakeUps {
    sender: UnboundedSender<(WakeUp, Duration)>,
}

/// Receives them.
#[derive(Debug)]
pub struct LocalQueue {
    receiver: UnboundedReceiver<(WakeUp, Duration)>,
}

/// An in-process queue of wake-ups, both ends.
pub fn local_queue() -> (LocalWakeUps, LocalQueue) {
    let (sender, receiver) = unbounded_channel();
    (LocalWakeUps { sender }, LocalQueue { receiver })
}

#[async_trait]
impl WakeUps for LocalWakeUps {
    async fn send(&self, wake_up: WakeUp, delay: Duration) {
        // Nobody listens any more only while the process ends.
        let _ = self.sender.send((wake_up, delay));
    }
}

/// Looks after wake-ups, and once a minute reconciles and runs retention, until dropped. The caller spawns it.
pub struct Pipeline {
    /// The service that does the work.
    pub service: NotificationService,
    /// The clock of its delays.
    pub clock: Arc<dyn Clock>,
    /// Longest work on one lane before it is handed over.
    pub slice: Slice,
}

/// How often the reconciler looks.
const RECONCILE: Duration = Duration::from_secs(60);
/// Looks from one purge of old removals to the next: a purge lists all references, so it is rare.
const RUNS_PER_PURGE: u64 = 12 * 60;
/// How often a lane is asked for that another process holds, as long as it has work: that process may have died.
const LEASE_POLL_INTERVAL: Duration = Duration::from_secs(5);
/// Notifications that one look deletes at most.
const RETENTION_BATCH: u32 = 50;

impl Pipeline {
    /// Runs until every sender is gone.
    pub async fn run(&self, mut queue: LocalQueue) {
        let lease_waiters = LeaseWaiters::default();
        let mut jobs = FuturesUnordered::new();
        jobs.push(self.recover().boxed());
        let mut looks = 0_u64;
        let mut reconcile_at = self.clock.now().after(RECONCILE);
        loop {
            // In this order, so that a simulated run is repeated exactly.
            tokio::select! {
                biased;
                received = queue.receiver.recv() => match received {
                    Some((wake_up, delay)) => jobs.push(self.follow(wake_up, delay, &lease_waiters).boxed()),
                    None => return,
                },
                Some(()) = jobs.next(), if !jobs.is_empty() => {}
                () = self.clock.sleep_until(reconcile_at) => {
                    // A job like the others: they must go on while it looks.
                    jobs.push(self.run_maintenance().boxed());
                    if looks.is_multiple_of(RUNS_PER_PURGE) {
                        jobs.push(self.purge_tombstones().boxed());
                    }
                    looks += 1;
                    reconcile_at = self.clock.now().after(RECONCILE);
                }
            }
        }
    }

    async fn recover(&self) {
        match self.service.recover().await {
            Ok(found) if found.plans + found.lanes > 0 => {
                tracing::info!(
                    plans = found.plans,
                    lanes = found.lanes,
                    "what was left unfinished goes on"
                );
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "unfinished work could not be looked for; it is tried again in a minute")
            }
        }
    }

    async fn run_maintenance(&self) {
        if let Err(error) = self.service.reconcile().await {
            tracing::warn!(%error, "the reconciler could not look; it looks again in a minute");
        }
        if let Err(error) = self.service.run_retention(RETENTION_BATCH).await {
            tracing::warn!(%error, "old notifications could not be deleted; it is tried again in a minute");
        }
    }

    async fn purge_tombstones(&self) {
        match self.service.purge_tombstones().await {
            Ok(0) => {}
            Ok(erased) => tracing::info!(erased, "old removals forgotten"),
            Err(error) => tracing::warn!(%error, "old removals could not be forgotten; it is tried again"),
        }
    }

    async fn follow(&self, wake_up: WakeUp, delay: Duration, lease_waiters: &LeaseWaiters) {
        if !delay.is_zero() {
            self.clock.sleep_until(self.clock.now().after(delay)).await;
        }
        let followed = match &wake_up {
            WakeUp::Lane { tenant } => self.look_after(tenant, lease_waiters).await,
            other => self.service.follow(other, self.slice).await,
        };
        if let Err(error) = followed {
            tracing::warn!(?wake_up, %error, "a wake-up could not be followed; the reconciler sends the wake-up again");
        }
    }

    /// Looks after a lane. While another process holds it and it has work, this one waits for the lease.
    async fn look_after(&self, tenant: &TenantId, lease_waiters: &LeaseWaiters) -> Result<(), StoreError> {
        let mut ended = self.service.run_worker(tenant, self.slice).await?;
        tracing::info!(tenant = %tenant, ?ended, "worker run ended");
        if ended != WorkerRun::Busy {
            return Ok(());
        }
        let Some(_place) = lease_waiters.enter(tenant) else {
            return Ok(());
        };
        while ended == WorkerRun::Busy && self.service.has_work(tenant).await? {
            self.clock
                .sleep_until(self.clock.now().after(LEASE_POLL_INTERVAL))
                .await;
            ended = self.service.run_worker(tenant, self.slice).await?;
        }
        tracing::info!(tenant = %tenant, ?ended, "the wait for a lease ended");
        Ok(())
    }
}

/// Lanes that this process waits for; one job each.
#[derive(Default)]
struct LeaseWaiters(Mutex<HashSet<TenantId>>);

/// A job's place beside a lane, until it is dropped.
struct Place<'a> {
    beside: &'a LeaseWaiters,
    tenant: TenantId,
}

impl LeaseWaiters {
    /// `None` when another job stands there.
    fn enter(&self, tenant: &TenantId) -> Option<Place<'_>> {
        let mut tenants = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tenants.insert(tenant.clone()).then(|| Place {
            beside: self,
            tenant: tenant.clone(),
        })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut tenants = self.beside.0.lock().unwrap_or_else(PoisonError::into_inner);
        tenants.remove(&self.tenant);
    }
}
