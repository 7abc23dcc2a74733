//! The hint queue of a process that has no other: the local host, the simulator, a single instance. Once a minute it
//! also looks for what was left behind, and deletes what is outlived.

use crate::{
    desk::Desk,
    ids::TenantId,
    lane::{Drained, Slice},
    ports::{Clock, Hint, Hints, StoreError},
};
use async_trait::async_trait;
use futures::{FutureExt, StreamExt, stream::FuturesUnordered};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Sends hints to the [`Pipeline`] of the same process.
#[derive(Clone, Debug)]
pub struct LocalHints {
    sender: UnboundedSender<(Hint, Duration)>,
}

/// Receives them.
#[derive(Debug)]
pub struct LocalQueue {
    receiver: UnboundedReceiver<(Hint, Duration)>,
}

/// An in-process queue of hints, both ends.
pub fn local_queue() -> (LocalHints, LocalQueue) {
    let (sender, receiver) = unbounded_channel();
    (LocalHints { sender }, LocalQueue { receiver })
}

#[async_trait]
impl Hints for LocalHints {
    async fn send(&self, hint: Hint, delay: Duration) {
        // Nobody listens any more only while the process ends.
        let _ = self.sender.send((hint, delay));
    }
}

/// Looks after hints, and once a minute reconciles and housekeeps, until dropped. The caller spawns it.
pub struct Pipeline {
    /// The desk that does the work.
    pub desk: Desk,
    /// The clock of its delays.
    pub clock: Arc<dyn Clock>,
    /// Longest work on one lane before it is handed over.
    pub slice: Slice,
}

/// How often the reconciler looks.
const RECONCILE: Duration = Duration::from_secs(60);
/// Looks from one sweep of old removals to the next: a sweep lists all references, so it is rare.
const LOOKS_A_SWEEP: u64 = 12 * 60;
/// How often a lane is asked for that another process holds, as long as it has work: that process may have died.
const STAND_BY: Duration = Duration::from_secs(5);
/// Notifications that one look deletes at most.
const HOUSEKEPT: u32 = 50;

impl Pipeline {
    /// Runs until every sender is gone.
    pub async fn run(&self, mut queue: LocalQueue) {
        let standing_by = StandingBy::default();
        let mut jobs = FuturesUnordered::new();
        jobs.push(self.recover().boxed());
        let mut looks = 0_u64;
        let mut reconcile_at = self.clock.now().after(RECONCILE);
        loop {
            // In this order, so that a simulated run is repeated exactly.
            tokio::select! {
                biased;
                received = queue.receiver.recv() => match received {
                    Some((hint, delay)) => jobs.push(self.follow(hint, delay, &standing_by).boxed()),
                    None => return,
                },
                Some(()) = jobs.next(), if !jobs.is_empty() => {}
                () = self.clock.sleep_until(reconcile_at) => {
                    // A job like the others: they must go on while it looks.
                    jobs.push(self.look_around().boxed());
                    if looks.is_multiple_of(LOOKS_A_SWEEP) {
                        jobs.push(self.sweep().boxed());
                    }
                    looks += 1;
                    reconcile_at = self.clock.now().after(RECONCILE);
                }
            }
        }
    }

    async fn recover(&self) {
        match self.desk.recover().await {
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

    async fn look_around(&self) {
        if let Err(error) = self.desk.reconcile().await {
            tracing::warn!(%error, "the reconciler could not look; it looks again in a minute");
        }
        if let Err(error) = self.desk.housekeep(HOUSEKEPT).await {
            tracing::warn!(%error, "old notifications could not be deleted; it is tried again in a minute");
        }
    }

    async fn sweep(&self) {
        match self.desk.sweep().await {
            Ok(0) => {}
            Ok(erased) => tracing::info!(erased, "old removals forgotten"),
            Err(error) => tracing::warn!(%error, "old removals could not be forgotten; it is tried again"),
        }
    }

    async fn follow(&self, hint: Hint, delay: Duration, standing_by: &StandingBy) {
        if !delay.is_zero() {
            self.clock.sleep_until(self.clock.now().after(delay)).await;
        }
        let followed = match &hint {
            Hint::Lane { tenant } => self.look_after(tenant, standing_by).await,
            other => self.desk.follow(other, self.slice).await,
        };
        if let Err(error) = followed {
            tracing::warn!(?hint, %error, "a hint could not be followed; the reconciler hints again");
        }
    }

    /// Looks after a lane. While another process holds it and it has work, this one stands by.
    async fn look_after(&self, tenant: &TenantId, standing_by: &StandingBy) -> Result<(), StoreError> {
        let mut drained = self.desk.drain(tenant, self.slice).await?;
        tracing::info!(tenant = %tenant, ?drained, "looked after a lane");
        if drained != Drained::Busy {
            return Ok(());
        }
        let Some(_place) = standing_by.enter(tenant) else {
            return Ok(());
        };
        while drained == Drained::Busy && self.desk.has_work(tenant).await? {
            self.clock.sleep_until(self.clock.now().after(STAND_BY)).await;
            drained = self.desk.drain(tenant, self.slice).await?;
        }
        tracing::info!(tenant = %tenant, ?drained, "stood by a lane");
        Ok(())
    }
}

/// Lanes that this process waits for; one job each.
#[derive(Default)]
struct StandingBy(Mutex<HashSet<TenantId>>);

/// A job's place beside a lane, until it is dropped.
struct Place<'a> {
    beside: &'a StandingBy,
    tenant: TenantId,
}

impl StandingBy {
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
