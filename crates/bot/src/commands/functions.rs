//! Without a command: the custom handler of the Functions host. Listens at once, so that the host's ping is answered
//! before the bot is set up; requests wait for it.

use super::{CommandError, stopping};
use crate::{bot::NotificationBot, delivery::Host, project, run::Program, settings::Source};
use custom_handler::{
    DEFAULT_START_LIMIT, LaunchError, Port, PortError, Signals, listen,
    logging::{self, ErrorLines, Log, LoggingError},
    serve_app,
};
use functions_project::stderr_is_for_errors;
use std::{process::ExitCode, sync::Arc, time::Duration};
use tokio::sync::{Notify, SetOnce};

/// Whether a host started this process.
pub(crate) fn has_host() -> bool {
    !matches!(Port::from_env(), Err(PortError::Missing))
}

/// Serves until the host ends the process, or a signal asks for it.
pub(crate) fn run(program: Program) -> ExitCode {
    match serve(program) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            logging::fatal(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

fn serve(program: Program) -> Result<(), LaunchError> {
    let port = Port::from_env()?;
    log()?.to_stdout()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (bot, ended) = (Arc::new(SetOnce::new()), Notify::new());
    let stopped = runtime.block_on(async {
        let signals = Signals::caught()?;
        let listener = listen(port).await?;
        let serving = serve_app(
            listener,
            app(program, Arc::clone(&bot)),
            DEFAULT_START_LIMIT,
            signals.shutdown(),
        );
        let serving = Box::pin(async {
            let served = serving.await;
            ended.notify_one();
            served
        });
        // A bot that is made only now has requests that wait for it, and must be closed all the same.
        let closing = async {
            tokio::select! {
                biased;
                bot = bot.wait() => NotificationBot::close(bot).await,
                () = ended.notified() => {}
            }
        };
        stopping::closing_beside(&signals, serving, closing).await?;
        Ok(())
    });
    runtime.shutdown_timeout(Duration::from_millis(500));
    stopped
}

/// Errors go to stderr as well where host.json says what that means to the host.
fn log() -> Result<Log, LoggingError> {
    let source = Source::environment();
    let log = Log::from_lookup(|name| source.get(name))?;
    let here = std::env::current_dir().unwrap_or_default();
    let root = project::root(&source, &here);
    Ok(match stderr_is_for_errors(&root, &source.host_settings()) {
        true => log.errors(ErrorLines::OnStderrToo),
        false => log,
    })
}

async fn app(
    program: Program,
    made: Arc<SetOnce<NotificationBot>>,
) -> Result<custom_handler::App, CommandError> {
    let folder = std::env::current_dir()?;
    let bot =
        NotificationBot::from_source(&Source::environment(), &folder, Host::Functions, program.stores())
            .await?;
    // It is made once.
    let _ = made.set(bot.clone());
    Ok(program.app(bot).into_functions())
}
