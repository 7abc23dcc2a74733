//! A message of the wake-up queue. One that can never be followed is acknowledged and told: retried, it would only end in
//! the poison queue. One that fails for now is left to the host, which brings it again.

use crate::bot::NotificationBot;
use custom_handler::{Failure, QueueItem};
use notify::ports::{AddressedWakeUp, StoreError, WakeUp};
use std::time::Duration;

/// Longest id that a wake-up may name.
const LONGEST_ID: usize = 128;
/// So often a wake-up goes back into a queue that bots share; then its own bot looks around by itself.
const MOST_PASSES: u32 = 20;
/// Time for the other bot to take what went back.
const ASIDE: Duration = Duration::from_secs(1);

/// Follows the wake-up in a queue message, for at most a slice.
pub(crate) async fn follow(bot: NotificationBot, item: QueueItem) -> Result<(), Failure> {
    bot.queue_is_served();
    // Only the text counts: its own properties may have replaced everything that the host says of the message.
    let addressed = match item.json::<AddressedWakeUp>() {
        Ok(addressed) => addressed,
        Err(error) => {
            tracing::error!(%error, "a queue message is no wake-up that this version knows; it is acknowledged and dropped");
            return Ok(());
        }
    };
    if addressed
        .bot
        .as_ref()
        .is_some_and(|whose| *whose != bot.identity().bot)
    {
        return pass_on(&bot, addressed).await;
    }
    let wake_up = addressed.wake_up;
    if !is_plausible(&wake_up) {
        tracing::error!("a wake-up names an id that can't exist; it is acknowledged and dropped");
        return Ok(());
    }
    match go(&bot, &wake_up).await {
        Ok(()) => Ok(()),
        // It would fail the same way each time. What it is about stays quarantined in the store.
        Err(error @ (StoreError::Damaged(_) | StoreError::Refused(_))) => {
            tracing::error!(?wake_up, %error, "a wake-up can't be followed; it is acknowledged");
            Ok(())
        }
        Err(error) => {
            tracing::warn!(?wake_up, %error, "a wake-up could not be followed; the queue brings it again");
            Err(Failure::new(error.to_string()))
        }
    }
}

/// Two bots share the queue, though each should have its own: what is the other's goes back for it.
async fn pass_on(bot: &NotificationBot, mut wake_up: AddressedWakeUp) -> Result<(), Failure> {
    wake_up.passed = wake_up.passed.saturating_add(1);
    let queue = bot.wake_up_queue().filter(|_| wake_up.passed <= MOST_PASSES);
    let Some(queue) = queue else {
        tracing::warn!(
            "a wake-up of another bot is acknowledged; that bot's reconciler sends the wake-up again"
        );
        return Ok(());
    };
    tracing::warn!(
        ?queue,
        "a wake-up of another bot went back into the queue: give each bot a queue of its own"
    );
    queue
        .try_pass(&wake_up, ASIDE)
        .await
        .map_err(|error| Failure::new(error.to_string()))
}

async fn go(bot: &NotificationBot, wake_up: &WakeUp) -> Result<(), StoreError> {
    if let WakeUp::Lane { tenant } = wake_up
        && !bot.service().has_lane(tenant).await?
    {
        tracing::warn!(tenant = %tenant, "a wake-up for a lane that doesn't exist is acknowledged");
        return Ok(());
    }
    bot.service().follow(wake_up, bot.slice()).await
}

/// Ids become parts of names in the store.
fn is_plausible(wake_up: &WakeUp) -> bool {
    let id = match wake_up {
        WakeUp::Plan { notification } => notification.as_str(),
        WakeUp::Lane { tenant } => tenant.as_str(),
        _ => return false,
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !id.is_empty() && id.len() <= LONGEST_ID && id.bytes().all(plain) && !id.starts_with('.')
}
