//! One queue function's listener: fetches in batches, calls the handler in parallel, settles each message.

use jiff::SignedDuration;
use tokio::task::JoinSet;
use tokio::time::sleep_until;

use super::store::{Claimed, Failure, Look};
use crate::core::SharedCore;
use crate::envelope::{MessageFacts, queue_message};
use crate::invocation::InvocationError;
use functions_project::{Function, QueueTrigger};

/// The lease that the host takes on a message and keeps renewing.
const LEASE: SignedDuration = SignedDuration::from_mins(10);

/// Serves a queue trigger until the task is dropped; at most batchSize + newBatchThreshold at once.
pub(crate) async fn listen(core: SharedCore, function: Function, trigger: QueueTrigger) {
    let config = core.project.host().queues.clone();
    let shared = core.queues.shared.clone();
    let mut changes = shared.subscribe();
    let mut running: JoinSet<()> = JoinSet::new();
    loop {
        while running.try_join_next().is_some() {}
        if running.len() > config.new_batch_threshold {
            running.join_next().await;
            continue;
        }
        changes.borrow_and_update();
        match shared.claim(&trigger.queue, config.batch_size) {
            Look::Messages(messages) => {
                for message in messages {
                    let (core, function, trigger) = (core.clone(), function.clone(), trigger.clone());
                    running.spawn(async move { work(&core, &function, &trigger, message).await });
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

async fn work(core: &SharedCore, function: &Function, trigger: &QueueTrigger, message: Claimed) {
    let now = core.clock.now();
    let facts = MessageFacts {
        id: message.id.as_str(),
        body: &message.body,
        dequeue_count: message.dequeue_count,
        inserted: message.inserted,
        expires: message.expires,
        next_visible: now.checked_add(LEASE).unwrap_or(now),
        pop_receipt: &message.receipt,
    };
    let envelope = queue_message(
        &function.name,
        function.trigger_name.as_str(),
        trigger.data_type,
        &facts,
        now,
    );
    let config = &core.project.host().queues;
    match core.invoke(function, envelope).await {
        Ok(_) => core.queues.shared.succeeded(&trigger.queue, &message),
        // The host is ending: the message stays as it is, as after the death of a real host.
        Err(InvocationError::Unavailable(_)) => {}
        Err(_) => {
            let failure = core.queues.shared.failed(
                &trigger.queue,
                &message,
                config.max_dequeue_count,
                config.visibility_timeout,
            );
            if failure == Failure::Poisoned {
                tracing::warn!(
                    function = %function.name, queue = %trigger.queue, message_id = message.id.as_str(),
                    dequeue_count = message.dequeue_count, "message moved to the poison queue"
                );
            }
        }
    }
}
