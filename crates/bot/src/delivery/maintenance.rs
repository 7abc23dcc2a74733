//! The reconciling timer: each tick runs the domain's maintenance. Where an in-process dispatcher does that by itself,
//! the timer has nothing to do.

use crate::{bot::NotificationBot, tick::Tick};
use custom_handler::Failure;

/// What a tick of the reconciling timer does.
pub(crate) async fn run(bot: NotificationBot, tick: Tick) -> Result<(), Failure> {
    match bot.maintenance() {
        Some(maintenance) => maintenance
            .run(tick.occurrence())
            .await
            .map_err(|error| Failure::new(error.to_string())),
        None => {
            tracing::debug!("the in-process dispatcher of this process runs the maintenance");
            Ok(())
        }
    }
}
