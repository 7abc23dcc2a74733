//! One queue function's listener: fetches in batches, calls the handler in parallel, settles each message.

use std::sync::Arc;

use functions_project::{FunctionName, QueueName};
use jiff::{SignedDuration, Timestamp};
use local_host::{InvocationError, MessageFacts, Running};
use tokio::task::JoinSet;
use tokio::time::sleep_until;

use super::Queues;
use super::store::{Claimed, Failure, Look};

/// The lease that the host takes on a message and keeps renewing.
const LEASE: SignedDuration = SignedDuration::from_mins(10);

/// Serves a queue trigger until the task is dropped; at most batchSize + newBatchThreshold at once.
pub(crate) async fn listen(host: Arc<Running>, queues: Queues, function: FunctionName, queue: QueueName) {
    let config = host.project().host().queues.clone();
    let work = Arc::new(Work {
        host,
        queues,
        function,
        queue,
    });
    let shared = &work.queues.shared;
    let mut changes = shared.subscribe();
    let mut running: JoinSet<()> = JoinSet::new();
    loop {
        while running.try_join_next().is_some() {}
        if running.len() > config.new_batch_threshold {
            running.join_next().await;
            continue;
        }
        changes.borrow_and_update();
        match shared.claim(&work.queue, config.batch_size) {
            Look::Messages(messages) => {
                for message in messages {
                    let work = Arc::clone(&work);
                    running.spawn(async move { work.deliver(message).await });
                }
            }
            Look::Wait(until) => {
                let visible = async {
                    match until {
                        Some(until) => sleep_until(until).await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    () = visible => {}
                    changed = changes.changed() => {
                        if changed.is_err() {
                            return;
                        }
                    }
                }
            }
        }
    }
}

struct Work {
    host: Arc<Running>,
    queues: Queues,
    function: FunctionName,
    queue: QueueName,
}

impl Work {
    async fn deliver(&self, message: Claimed) {
        let now = Timestamp::now();
        let facts = MessageFacts {
            id: message.id.as_str(),
            body: &message.body,
            dequeue_count: message.dequeue_count,
            inserted: message.inserted,
            expires: message.expires,
            next_visible: now.checked_add(LEASE).unwrap_or(now),
            pop_receipt: &message.receipt,
        };
        let config = &self.host.project().host().queues;
        match self.host.deliver(self.function.as_str(), &facts).await {
            Ok(_) => self.queues.shared.succeeded(&self.queue, &message),
            // The host is ending: the message stays as it is, as after the death of a real host.
            Err(InvocationError::Unavailable(_)) => {}
            Err(_) => {
                let failure = self.queues.shared.failed(
                    &self.queue,
                    &message,
                    config.max_dequeue_count,
                    config.visibility_timeout,
                );
                if failure == Failure::Poisoned {
                    tracing::warn!(
                        function = %self.function, queue = %self.queue, message_id = message.id.as_str(),
                        dequeue_count = message.dequeue_count, "message moved to the poison queue"
                    );
                }
            }
        }
    }
}
