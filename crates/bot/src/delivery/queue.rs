//! The queue function: a message of the wake-up queue becomes a call of the domain's dispatcher.

use crate::bot::NotificationBot;
use custom_handler::{Failure, QueueItem};
use notify::{dispatch::queue::Disposition, ports::AddressedWakeUp};

/// Acts on one message.
pub(crate) async fn receive(bot: NotificationBot, item: QueueItem) -> Result<(), Failure> {
    bot.queue_is_served();
    // Only the text counts: its own properties may have replaced everything that the host says of the message.
    let addressed = match item.json::<AddressedWakeUp>() {
        Ok(addressed) => addressed,
        Err(error) => {
            tracing::error!(%error, "a queue message is no wake-up that this version knows; it is acknowledged and dropped");
            return Ok(());
        }
    };
    match bot.receive(addressed).await {
        Disposition::Acknowledge => Ok(()),
        Disposition::Retry(error) => Err(Failure::new(error.to_string())),
    }
}
