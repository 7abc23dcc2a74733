//! The program: which command runs, under which log, and how it ends.

use crate::{
    app::App,
    bot::NotificationBot,
    cli::{Cli, Command},
    commands::{self, CommandError},
};
use clap::{CommandFactory, Parser};
use std::{future::Future, process::ExitCode, time::Duration};

/// What a program sends and answers: made anew for each bot.
pub(crate) type MakeApp = fn(NotificationBot) -> App;

/// Runs the program: as a custom handler where a Functions host started it, else what the command line says.
///
/// ```no_run
/// fn app(bot: teams_notify::NotificationBot) -> teams_notify::App {
///     teams_notify::App::new(bot)
/// }
///
/// fn main() -> std::process::ExitCode {
///     teams_notify::run(app)
/// }
/// ```
pub fn run(app: fn(NotificationBot) -> App) -> ExitCode {
    match Cli::parse().command {
        Some(command) => match run_command(&command, app) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                commands::complain(&error.to_string());
                ExitCode::FAILURE
            }
        },
        None if commands::functions::has_host() => commands::functions::run(app),
        None => {
            commands::complain(&Cli::command().render_help().to_string());
            ExitCode::from(2)
        }
    }
}

fn run_command(command: &Command, app: MakeApp) -> Result<(), CommandError> {
    match command {
        Command::Dev(args) => with_log(commands::dev::run(args, app)),
        Command::Serve(args) => with_log(commands::serve::run(args, app)),
        Command::Card(command) => commands::card::run(command),
        Command::References(command) => with_runtime(commands::references::run(command)),
        Command::Notification(command) => with_runtime(commands::notification::run(command)),
    }
}

/// A command that runs until it is stopped: its output is its log.
fn with_log(work: impl Future<Output = Result<(), CommandError>>) -> Result<(), CommandError> {
    custom_handler::logging::install()?;
    block_on(work)
}

/// A command whose output may go to a pipe: its log stays out of it.
fn with_runtime(work: impl Future<Output = Result<(), CommandError>>) -> Result<(), CommandError> {
    custom_handler::logging::install_on_stderr()?;
    block_on(work)
}

fn block_on(work: impl Future<Output = Result<(), CommandError>>) -> Result<(), CommandError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(work);
    runtime.shutdown_timeout(Duration::from_millis(500));
    result
}
