//! The queues' contents: one lock, no waiting inside it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::time::Instant;
use uuid::Uuid;

use functions_project::QueueName;

/// How long a message is kept.
const LIFETIME: Duration = Duration::from_secs(7 * 24 * 3600);

/// A message's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageId(String);

impl MessageId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A message as seen from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueMessage {
    /// Its id.
    pub id: MessageId,
    /// Its content.
    pub body: Bytes,
    /// How often it has been delivered.
    pub dequeue_count: u32,
}

impl QueueMessage {
    /// The content as text; bytes that are not UTF-8 are replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// How often a message is delivered: at-least-once delivery, made certain for tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delivery {
    /// Once, unless it fails.
    #[default]
    Once,
    /// Again after its success, as if the deletion had been lost.
    AgainAfterSuccess,
    /// Twice at the same time, as if the lease had run out.
    TwiceAtOnce,
}

#[derive(Clone, Debug)]
struct Entry {
    id: MessageId,
    body: Bytes,
    inserted: Timestamp,
    expires: Instant,
    visible: Instant,
    dequeue_count: u32,
    /// The receipt of the delivery in work.
    receipt: Option<String>,
    extra: Extra,
}

/// The state of the duplicate that a test asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extra {
    None,
    Owed,
    Paid,
}

/// A message handed out.
#[derive(Clone, Debug)]
pub(super) struct Claimed {
    pub(super) id: MessageId,
    pub(super) body: Bytes,
    pub(super) inserted: Timestamp,
    pub(super) expires: Timestamp,
    pub(super) dequeue_count: u32,
    pub(super) receipt: String,
}

#[derive(Debug, Default)]
struct Queue {
    entries: VecDeque<Entry>,
    delivery: Delivery,
}

/// What a listener finds when it looks.
pub(super) enum Look {
    Messages(Vec<Claimed>),
    /// Nothing visible; something becomes so then.
    Wait(Option<Instant>),
}

#[derive(Clone, Debug)]
pub(super) struct Shared {
    queues: Arc<Mutex<BTreeMap<QueueName, Queue>>>,
    changes: watch::Sender<u64>,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            queues: Arc::default(),
            changes: watch::Sender::new(0),
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<QueueName, Queue>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Wakes with every change from now on.
    pub(super) fn subscribe(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    pub(super) fn push(&self, queue: &QueueName, body: Bytes, delay: Duration) -> MessageId {
        let now = Instant::now();
        let id = MessageId(Uuid::new_v4().to_string());
        let mut queues = self.lock();
        queues.entry(queue.clone()).or_default().entries.push_back(Entry {
            id: id.clone(),
            body,
            inserted: Timestamp::now(),
            expires: now + LIFETIME,
            visible: now + delay,
            dequeue_count: 0,
            receipt: None,
            extra: Extra::None,
        });
        drop(queues);
        self.changed();
        id
    }

    /// Hands out up to `most` visible messages; each is hidden until it is settled.
    pub(super) fn claim(&self, queue: &QueueName, most: usize) -> Look {
        let now = Instant::now();
        let mut queues = self.lock();
        let Some(queue) = queues.get_mut(queue) else {
            return Look::Wait(None);
        };
        queue
            .entries
            .retain(|entry| entry.receipt.is_some() || entry.expires > now);
        let delivery = queue.delivery;
        let mut claimed = Vec::new();
        for entry in &mut queue.entries {
            if claimed.len() >= most {
                break;
            }
            if entry.receipt.is_some() || entry.visible > now {
                continue;
            }
            claimed.push(hand_out(entry, now));
            if delivery == Delivery::TwiceAtOnce && entry.extra == Extra::None {
                entry.extra = Extra::Paid;
                let first = claimed.last().cloned();
                claimed.extend(first);
            } else if delivery == Delivery::AgainAfterSuccess && entry.extra == Extra::None {
                entry.extra = Extra::Owed;
            }
        }
        if claimed.is_empty() {
            let waiting = queue.entries.iter().filter(|entry| entry.receipt.is_none());
            return Look::Wait(waiting.map(|entry| entry.visible).min());
        }
        Look::Messages(claimed)
    }

    /// Deletes a message that was worked off, if the delivery still holds it.
    pub(super) fn succeeded(&self, queue: &QueueName, message: &Claimed) {
        self.settle(queue, message, |entry| {
            if entry.extra == Extra::Owed {
                entry.extra = Extra::Paid;
                Settled::Visible(Duration::ZERO)
            } else {
                Settled::Gone
            }
        });
    }

    /// Shows a message again after a failure, or moves it to the poison queue after too many.
    pub(super) fn failed(
        &self,
        queue: &QueueName,
        message: &Claimed,
        most: u32,
        hidden: Duration,
    ) -> Failure {
        let poisoned = message.dequeue_count >= most;
        let held = self.settle(queue, message, |_| {
            if poisoned {
                Settled::Gone
            } else {
                Settled::Visible(hidden)
            }
        });
        if held && poisoned {
            self.push(&queue.poison(), message.body.clone(), Duration::ZERO);
            return Failure::Poisoned;
        }
        Failure::Retried
    }

    fn settle(
        &self,
        queue: &QueueName,
        message: &Claimed,
        decide: impl FnOnce(&mut Entry) -> Settled,
    ) -> bool {
        let mut queues = self.lock();
        let Some(queue) = queues.get_mut(queue) else {
            return false;
        };
        let held = |entry: &Entry| entry.receipt.as_deref() == Some(message.receipt.as_str());
        let Some(index) = queue.entries.iter().position(held) else {
            return false;
        };
        if let Some(entry) = queue.entries.get_mut(index) {
            match decide(entry) {
                Settled::Gone => {
                    queue.entries.remove(index);
                }
                Settled::Visible(hidden) => {
                    entry.receipt = None;
                    entry.visible = Instant::now() + hidden;
                }
            }
        }
        drop(queues);
        self.changed();
        true
    }

    pub(super) fn messages(&self, queue: &QueueName) -> Vec<QueueMessage> {
        let queues = self.lock();
        let entries = queues
            .get(queue)
            .map(|queue| queue.entries.iter())
            .into_iter()
            .flatten();
        entries
            .map(|entry| QueueMessage {
                id: entry.id.clone(),
                body: entry.body.clone(),
                dequeue_count: entry.dequeue_count,
            })
            .collect()
    }

    pub(super) fn clear(&self, queue: &QueueName) {
        if let Some(queue) = self.lock().get_mut(queue) {
            queue.entries.clear();
        }
        self.changed();
    }

    pub(super) fn set_delivery(&self, queue: &QueueName, delivery: Delivery) {
        self.lock().entry(queue.clone()).or_default().delivery = delivery;
    }

    pub(super) fn release_in_work(&self, queue: &QueueName) -> usize {
        let now = Instant::now();
        let mut released = 0;
        if let Some(queue) = self.lock().get_mut(queue) {
            for entry in queue.entries.iter_mut().filter(|entry| entry.receipt.is_some()) {
                entry.receipt = None;
                entry.visible = now;
                released += 1;
            }
        }
        self.changed();
        released
    }

    pub(super) async fn drained(&self, queue: &QueueName) {
        let mut changes = self.subscribe();
        loop {
            changes.borrow_and_update();
            if self
                .lock()
                .get(queue)
                .is_none_or(|queue| queue.entries.is_empty())
            {
                return;
            }
            if changes.changed().await.is_err() {
                return;
            }
        }
    }
}

/// What happened to a message whose delivery failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    Retried,
    Poisoned,
}

enum Settled {
    Gone,
    Visible(Duration),
}

fn hand_out(entry: &mut Entry, now: Instant) -> Claimed {
    let receipt = STANDARD.encode(Uuid::new_v4().as_bytes());
    entry.dequeue_count += 1;
    entry.receipt = Some(receipt.clone());
    let left = SignedDuration::try_from(entry.expires.saturating_duration_since(now))
        .unwrap_or(SignedDuration::ZERO);
    Claimed {
        id: entry.id.clone(),
        body: entry.body.clone(),
        inserted: entry.inserted,
        expires: Timestamp::now().checked_add(left).unwrap_or(Timestamp::MAX),
        dequeue_count: entry.dequeue_count,
        receipt,
    }
}
