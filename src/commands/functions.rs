//! Without a command: the custom handler of the Functions host. Listens at once, so that the host's ping is answered
//! before the bot is set up; requests wait for it.

use super::CommandError;
use crate::{bot::NotificationBot, settings::Source, triggers};
use std::process::ExitCode;

/// Whether a host started this process.
pub(crate) fn has_host() -> bool {
    !matches!(
        custom_handler::Port::from_env(),
        Err(custom_handler::PortError::Missing)
    )
}

/// Serves until the host ends the process.
pub(crate) fn run() -> ExitCode {
    custom_handler::launch(app)
}

async fn app() -> Result<custom_handler::App, CommandError> {
    let folder = std::env::current_dir()?;
    let bot = NotificationBot::from_source(&Source::environment(), &folder).await?;
    Ok(triggers::app(bot).into_functions())
}
