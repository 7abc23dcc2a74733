//! Without a command: the custom handler of the Functions host. Listens at once, so that the host's ping is answered
//! before the bot is set up; requests wait for it.

use super::CommandError;
use crate::{bot::NotificationBot, delivery::Host, settings::Source, triggers};
use custom_handler::{
    DEFAULT_START_LIMIT, LaunchError, Port, PortError, Shutdown, listen, logging, serve_app,
};
use std::{
    process::ExitCode,
    sync::{Arc, OnceLock},
    time::Duration,
};

/// Whether a host started this process.
pub(crate) fn has_host() -> bool {
    !matches!(Port::from_env(), Err(PortError::Missing))
}

/// Serves until the host ends the process, or a signal asks for it.
pub(crate) fn run() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            logging::fatal(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

fn serve() -> Result<(), LaunchError> {
    let port = Port::from_env()?;
    logging::install()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let bot: Arc<OnceLock<NotificationBot>> = Arc::default();
    let stopped = runtime.block_on(async {
        let shutdown = Shutdown::on_signals()?;
        let listener = listen(port).await?;
        serve_app(listener, app(Arc::clone(&bot)), DEFAULT_START_LIMIT, shutdown).await?;
        Ok(())
    });
    if let Some(bot) = bot.get() {
        runtime.block_on(bot.close());
    }
    runtime.shutdown_timeout(Duration::from_millis(500));
    stopped
}

async fn app(made: Arc<OnceLock<NotificationBot>>) -> Result<custom_handler::App, CommandError> {
    let folder = std::env::current_dir()?;
    let bot = NotificationBot::from_source(&Source::environment(), &folder, Host::Functions).await?;
    let bot = made.get_or_init(|| bot);
    Ok(triggers::app(bot.clone()).into_functions())
}
