//! The dispatcher of a process that shares no queue: the local host, the simulator, a single instance. It also runs the
//! maintenance, once a minute.

use super::Followed;
use crate::{
    lane::Lane,
    maintenance::{Maintenance, recover},
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

/// Sends wake-ups to the [`InProcessDispatcher`] of the same process.
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

/// Acts on wake-ups, and runs the maintenance once a minute, until dropped. The caller spawns it.
pub struct InProcessDispatcher {
    /// The service that does the work.
    pub service: NotificationService,
    /// The clock of its delays.
    pub clock: Arc<dyn Clock>,
    /// Longest work on one lane before it is handed over.
    pub slice: Slice,
}

/// From one maintenance run to the next.
const MAINTENANCE_INTERVAL: Duration = Duration::from_secs(60);
/// How often a lane is asked for that another process holds, as long as it has work: that process may have died.
const LEASE_POLL_INTERVAL: Duration = Duration::from_secs(5);

impl InProcessDispatcher {
    /// Runs until every sender is gone.
    pub async fn run(&self, mut queue: LocalQueue) {
        let maintenance = Maintenance::new(self.service.clone());
        let lease_waiters = LeaseWaiters::default();
        let mut jobs = FuturesUnordered::new();
        jobs.push(recover(&self.service).boxed());
        let mut maintain_at = self.clock.now().after(MAINTENANCE_INTERVAL);
        loop {
            // In this order, so that a simulated run is repeated exactly.
            tokio::select! {
                biased;
                received = queue.receiver.recv() => match received {
                    Some((wake_up, delay)) => jobs.push(self.follow(wake_up, delay, &lease_waiters).boxed()),
                    None => return,
                },
                Some(()) = jobs.next(), if !jobs.is_empty() => {}
                () = self.clock.sleep_until(maintain_at) => {
                    // A job like the others: they go on meanwhile.
                    jobs.push(self.maintain(&maintenance).boxed());
                    maintain_at = self.clock.now().after(MAINTENANCE_INTERVAL);
                }
            }
        }
    }

    async fn maintain(&self, maintenance: &Maintenance) {
        if let Err(error) = maintenance.run(self.clock.wall()).await {
            tracing::warn!(%error, "a maintenance run is incomplete; the next one, in a minute, repeats what is missing");
        }
    }

    async fn follow(&self, wake_up: WakeUp, delay: Duration, lease_waiters: &LeaseWaiters) {
        if !delay.is_zero() {
            self.clock.sleep_until(self.clock.now().after(delay)).await;
        }
        if let Err(error) = self.follow_until_free(&wake_up, lease_waiters).await {
            tracing::warn!(notification_id = wake_up.notification_id(), tenant_id = wake_up.tenant_id(), %error, "a wake-up could not be followed; the reconciler sends another one");
        }
    }

    /// While another process holds the lane and it has work, this one waits for the lease.
    async fn follow_until_free(
        &self,
        wake_up: &WakeUp,
        lease_waiters: &LeaseWaiters,
    ) -> Result<(), StoreError> {
        const BUSY: Followed = Followed::Worker(WorkerRun::Busy);
        let mut followed = self.service.follow(wake_up, self.slice).await?;
        let WakeUp::Lane(lane) = wake_up else {
            return Ok(());
        };
        if followed != BUSY {
            return Ok(());
        }
        let Some(_place) = lease_waiters.enter(lane) else {
            return Ok(());
        };
        while followed == BUSY && self.service.has_work(lane).await? {
            self.clock
                .sleep_until(self.clock.now().after(LEASE_POLL_INTERVAL))
                .await;
            followed = self.service.follow(wake_up, self.slice).await?;
        }
        Ok(())
    }
}

/// Lanes that this process waits for; one job each.
#[derive(Default)]
struct LeaseWaiters(Mutex<HashSet<Lane>>);

/// A job's place among those that wait for a lane, until it is dropped.
struct Place<'a> {
    beside: &'a LeaseWaiters,
    lane: Lane,
}

impl LeaseWaiters {
    /// `None` when another job stands there.
    fn enter(&self, lane: &Lane) -> Option<Place<'_>> {
        let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lanes.insert(lane.clone()).then(|| Place {
            beside: self,
            lane: lane.clone(),
        })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut lanes = self.beside.0.lock().unwrap_or_else(PoisonError::into_inner);
        lanes.remove(&self.lane);
    }
}
