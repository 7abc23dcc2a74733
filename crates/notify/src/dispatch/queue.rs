//! Wake-ups that come out of a shared queue, as messages. One that can never be followed is acknowledged and logged:
//! repeated, it would only end among the poison messages. One that fails for now is left to the queue, which brings it
//! again.

use crate::{
    ids::BotId,
    ports::{AddressedWakeUp, StoreError, WakeUp, WakeUpQueue},
    service::NotificationService,
    worker::Slice,
};
use std::{sync::Arc, time::Duration};

/// Longest id that a wake-up may name.
const LONGEST_ID: usize = 128;
/// So often a wake-up goes back into a queue that bots share; then its own bot's reconciler finds the work.
const MAX_PASSES: u32 = 20;
/// Time for the other bot to take what went back.
const PASS_DELAY: Duration = Duration::from_secs(1);

/// What to do with the message that carried a wake-up.
#[derive(Debug)]
pub enum Disposition {
    /// It is done, or can't be done ever.
    Acknowledge,
    /// Bring it again.
    Retry(StoreError),
}

/// Acts on wake-ups out of a queue.
pub struct QueueDispatcher {
    /// The service that does the work.
    pub service: NotificationService,
    /// The queue, to pass on what belongs to another bot.
    pub queue: Option<Arc<dyn WakeUpQueue>>,
    /// Longest work on one message.
    pub slice: Slice,
}

impl QueueDispatcher {
    /// Acts on one message's wake-up.
    pub async fn receive(&self, addressed: AddressedWakeUp) -> Disposition {
        let own: &BotId = &self.service.settings().bot;
        if addressed.bot.as_ref().is_some_and(|bot| bot != own) {
            return self.pass_on(addressed).await;
        }
        let wake_up = addressed.wake_up;
        if !is_plausible(&wake_up) {
            tracing::error!("a wake-up names an id that can't exist; it is acknowledged and dropped");
            return Disposition::Acknowledge;
        }
        match self.follow(&wake_up).await {
            Ok(()) => Disposition::Acknowledge,
            // It would fail the same way each time. What it is about stays quarantined in the store.
            Err(error @ (StoreError::Damaged(_) | StoreError::Refused(_))) => {
                tracing::error!(notification_id = wake_up.notification_id(), tenant_id = wake_up.tenant_id(), %error, "a wake-up can't be followed; it is acknowledged");
                Disposition::Acknowledge
            }
            Err(error) => {
                tracing::warn!(notification_id = wake_up.notification_id(), tenant_id = wake_up.tenant_id(), %error, "a wake-up could not be followed; the queue brings it again");
                Disposition::Retry(error)
            }
        }
    }

    /// Two bots share the queue, though each should have its own: what is the other's goes back for it.
    async fn pass_on(&self, mut wake_up: AddressedWakeUp) -> Disposition {
        wake_up.passed = wake_up.passed.saturating_add(1);
        let Some(queue) = self.queue.as_ref().filter(|_| wake_up.passed <= MAX_PASSES) else {
            tracing::warn!(
                "a wake-up of another bot is acknowledged; that bot's reconciler sends the wake-up again"
            );
            return Disposition::Acknowledge;
        };
        tracing::warn!(
            ?queue,
            "a wake-up of another bot went back into the queue: give each bot a queue of its own"
        );
        match queue.put(&wake_up, PASS_DELAY).await {
            Ok(()) => Disposition::Acknowledge,
            Err(error) => Disposition::Retry(error),
        }
    }

    async fn follow(&self, wake_up: &WakeUp) -> Result<(), StoreError> {
        self.service.follow(wake_up, self.slice).await.map(drop)
    }
}

/// Ids become parts of names in the store.
fn is_plausible(wake_up: &WakeUp) -> bool {
    let id = match wake_up {
        WakeUp::Plan { notification } => notification.as_str(),
        WakeUp::Lane(lane) => match lane.tenant() {
            Some(tenant) => tenant.as_str(),
            None => return true,
        },
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !id.is_empty() && id.len() <= LONGEST_ID && id.bytes().all(plain) && !id.starts_with('.')
}
