//! Queues in this process: visibility, dequeue counts, poison queues, and delivery to queue functions.

mod listener;
mod outputs;
mod store;
#[cfg(test)]
mod tests;

use std::time::Duration;

use bytes::Bytes;
use thiserror::Error;

use functions_project::QueueName;

pub(crate) use listener::listen;
pub(crate) use outputs::messages;
use store::Shared;
pub use store::{Delivery, MessageId, QueueMessage};

/// Largest message, as Azure Storage limits it.
const LARGEST: usize = 64 * 1024;

/// Why a message was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PushError {
    /// The name is no queue name.
    #[error("{0}")]
    Name(String),
    /// Larger than a storage queue takes.
    #[error("a message of {bytes} bytes is too large; at most {LARGEST} bytes fit into a queue message")]
    TooLarge {
        /// The message's size.
        bytes: usize,
    },
}

/// All queues of a host. Cheap to clone; every clone sees the same queues. Queues come to be when
/// they are first used, and are gone when the process ends.
#[derive(Clone, Debug, Default)]
pub struct Queues {
    shared: Shared,
}

impl Queues {
    /// No queues yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a text on a queue; it is hidden for `delay`.
    ///
    /// # Errors
    /// [`PushError`] for a name that Azure refuses and for a text above 64 KiB.
    pub fn push(&self, queue: &str, text: &str, delay: Duration) -> Result<MessageId, PushError> {
        let queue = QueueName::new(queue).map_err(PushError::Name)?;
        self.push_bytes(&queue, Bytes::copy_from_slice(text.as_bytes()), delay)
    }

    pub(crate) fn push_bytes(
        &self,
        queue: &QueueName,
        body: Bytes,
        delay: Duration,
    ) -> Result<MessageId, PushError> {
        if body.len() > LARGEST {
            return Err(PushError::TooLarge { bytes: body.len() });
        }
        Ok(self.shared.push(queue, body, delay))
    }

    /// The messages of a queue, hidden ones and those in work too, oldest first. An unknown queue is empty.
    #[must_use]
    pub fn messages(&self, queue: &str) -> Vec<QueueMessage> {
        QueueName::new(queue)
            .map(|queue| self.shared.messages(&queue))
            .unwrap_or_default()
    }

    /// Removes all messages of a queue. Those in work are finished, but not delivered again.
    pub fn clear(&self, queue: &str) {
        if let Ok(queue) = QueueName::new(queue) {
            self.shared.clear(&queue);
        }
    }

    /// For tests: how often each message of a queue is delivered from now on.
    pub fn set_delivery(&self, queue: &str, delivery: Delivery) {
        if let Ok(queue) = QueueName::new(queue) {
            self.shared.set_delivery(&queue, delivery);
        }
    }

    /// For tests: what happens when a host dies with messages in work. They become visible again at once
    /// instead of after ten minutes, while the first delivery may still be running. Returns how many.
    pub fn release_in_work(&self, queue: &str) -> usize {
        QueueName::new(queue)
            .map(|queue| self.shared.release_in_work(&queue))
            .unwrap_or(0)
    }

    /// Waits until a queue has no message left, be it visible, hidden or in work.
    pub async fn drained(&self, queue: &str) {
        if let Ok(queue) = QueueName::new(queue) {
            self.shared.drained(&queue).await;
        }
    }
}
