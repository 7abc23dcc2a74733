//! A message of the hint queue. One that can never be followed is acknowledged and told: retried, it would only end in
//! the poison queue. One that fails for now is left to the host, which brings it again.

use crate::bot::NotificationBot;
use custom_handler::{Failure, QueueItem};
use notify::ports::{Hint, StoreError};

/// Longest id that a hint may name.
const LONGEST_ID: usize = 128;

/// Follows the hint in a queue message, for at most a slice.
pub(crate) async fn follow(bot: NotificationBot, item: QueueItem) -> Result<(), Failure> {
    bot.queue_is_served();
    // Only the text counts: its own properties may have replaced everything that the host says of the message.
    let hint = match item.json::<Hint>() {
        Ok(hint) => hint,
        Err(error) => {
            tracing::error!(%error, "a queue message is no hint that this version knows; it is acknowledged and dropped");
            return Ok(());
        }
    };
    if !is_plausible(&hint) {
        tracing::error!("a hint names an id that can't exist; it is acknowledged and dropped");
        return Ok(());
    }
    match go(&bot, &hint).await {
        Ok(()) => Ok(()),
        // It would fail the same way each time. What it is about stays parked in the store.
        Err(error @ (StoreError::Damaged(_) | StoreError::Refused(_))) => {
            tracing::error!(?hint, %error, "a hint can't be followed; it is acknowledged");
            Ok(())
        }
        Err(error) => {
            tracing::warn!(?hint, %error, "a hint could not be followed; the queue brings it again");
            Err(Failure::new(error.to_string()))
        }
    }
}

async fn go(bot: &NotificationBot, hint: &Hint) -> Result<(), StoreError> {
    if let Hint::Lane { tenant } = hint
        && !bot.desk().has_lane(tenant).await?
    {
        tracing::warn!(tenant = %tenant, "a hint for a lane that doesn't exist is acknowledged");
        return Ok(());
    }
    bot.desk().follow(hint, bot.slice()).await
}

/// Ids become parts of names in the store.
fn is_plausible(hint: &Hint) -> bool {
    let id = match hint {
        Hint::Plan { notification } => notification.as_str(),
        Hint::Lane { tenant } => tenant.as_str(),
        _ => return false,
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !id.is_empty() && id.len() <= LONGEST_ID && id.bytes().all(plain) && !id.starts_with('.')
}
