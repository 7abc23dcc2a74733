//! A storage queue as the Functions host uses it: messages with a visibility timeout, polled ever more rarely while
//! nothing comes, at most every few seconds; and the host's part, with the reconciling timer. No process owns a message:
//! when one dies, the message comes back.

use crate::tally::{Operation, Tally};
use async_trait::async_trait;
use futures::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use notify::{
    dispatch::queue::{Disposition, QueueDispatcher},
    maintenance::Maintenance,
    ports::{AddressedWakeUp, Clock, Moment, WakeUp, WakeUps},
    service::NotificationService,
    worker::Slice,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Messages fetched at once, and how long they stay invisible.
const BATCH: usize = 16;
const INVISIBLE: Duration = Duration::from_secs(600);
/// Fetched so often without being deleted, a message is put aside.
const MOST_FETCHES: u32 = 5;
/// First wait between polls.
const SHORTEST_POLL: Duration = Duration::from_millis(100);
const MAINTENANCE_INTERVAL: Duration = Duration::from_secs(60);

struct Message {
    wake_up: WakeUp,
    visible_at: Moment,
    fetches: u32,
}

/// The queue.
pub struct StorageQueue {
    clock: Arc<dyn Clock>,
    tally: Arc<Tally>,
    messages: Mutex<(u64, BTreeMap<u64, Message>)>,
}

impl StorageQueue {
    /// An empty queue.
    pub fn new(clock: Arc<dyn Clock>, tally: Arc<Tally>) -> Self {
        Self {
            clock,
            tally,
            messages: Mutex::default(),
        }
    }

    fn messages(&self) -> MutexGuard<'_, (u64, BTreeMap<u64, Message>)> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fetch(&self) -> Vec<(u64, WakeUp)> {
        self.tally.count(Operation::Queue);
        let now = self.clock.now();
        let mut messages = self.messages();
        let visible = messages
            .1
            .iter_mut()
            .filter(|(_, message)| message.visible_at <= now && message.fetches < MOST_FETCHES);
        visible
            .take(BATCH)
            .map(|(id, message)| {
                message.visible_at = now.after(INVISIBLE);
                message.fetches += 1;
                (*id, message.wake_up.clone())
            })
            .collect()
    }

    fn delete(&self, id: u64) {
        self.tally.count(Operation::Queue);
        self.messages().1.remove(&id);
    }

    fn show_again(&self, id: u64) {
        self.tally.count(Operation::Queue);
        let now = self.clock.now();
        if let Some(message) = self.messages().1.get_mut(&id) {
            message.visible_at = now;
        }
    }
}

#[async_trait]
impl WakeUps for StorageQueue {
    async fn send(&self, wake_up: WakeUp, delay: Duration) {
        self.tally.count(Operation::Queue);
        let visible_at = self.clock.now().after(delay);
        let mut messages = self.messages();
        let id = messages.0;
        messages.0 += 1;
        let message = Message {
            wake_up,
            visible_at,
            fetches: 0,
        };
        messages.1.insert(id, message);
    }
}

/// The host's part for one instance: polls, calls the service, deletes what went well.
pub struct QueueHost {
    /// The service that does the work.
    pub service: NotificationService,
    /// The process's clock.
    pub clock: Arc<dyn Clock>,
    /// The queue.
    pub queue: Arc<StorageQueue>,
    /// Longest work on one lane.
    pub slice: Slice,
    /// Longest wait between polls.
    pub longest_poll: Duration,
}

impl QueueHost {
    /// Runs until dropped.
    pub async fn run(&self) {
        let maintenance = Maintenance::new(self.service.clone());
        let mut jobs: FuturesUnordered<BoxFuture<'_, ()>> = FuturesUnordered::new();
        let mut wait = SHORTEST_POLL;
        let mut poll_at = self.clock.now();
        let mut maintain_at = self.clock.now().after(MAINTENANCE_INTERVAL);
        loop {
            tokio::select! {
                biased;
                Some(()) = jobs.next(), if !jobs.is_empty() => {}
                () = self.clock.sleep_until(poll_at) => {
                    let fetched = self.queue.fetch();
                    wait = match fetched.is_empty() {
                        true => (wait * 2).min(self.longest_poll),
                        false => SHORTEST_POLL,
                    };
                    for (id, wake_up) in fetched {
                        jobs.push(self.follow(id, wake_up).boxed());
                    }
                    poll_at = self.clock.now().after(wait);
                }
                () = self.clock.sleep_until(maintain_at) => {
                    jobs.push(self.maintain(&maintenance).boxed());
                    maintain_at = self.clock.now().after(MAINTENANCE_INTERVAL);
                }
            }
        }
    }

    async fn follow(&self, id: u64, wake_up: WakeUp) {
        let dispatcher = QueueDispatcher {
            service: self.service.clone(),
            queue: None,
            slice: self.slice,
        };
        let addressed = AddressedWakeUp::of(&self.service.settings().bot, wake_up);
        match dispatcher.receive(addressed).await {
            Disposition::Acknowledge => self.queue.delete(id),
            Disposition::Retry(_) => self.queue.show_again(id),
        }
    }

    async fn maintain(&self, maintenance: &Maintenance) {
        // A failure shows in what is left undone; the next run repeats it.
        let _ = maintenance.run(self.clock.wall()).await;
    }
}
