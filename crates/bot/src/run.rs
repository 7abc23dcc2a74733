//! The program: which command runs, under which log, and how it ends.

use crate::{
    app::App,
    bot::NotificationBot,
    cli::{Cli, Command},
    commands::{self, CommandError, local::ProjectFolder},
    output::{self, complain},
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
            Err(_) if output::is_closed() => ExitCode::SUCCESS,
            Err(error) => {
                complain(&error.to_string());
                ExitCode::FAILURE
            }
        },
        None if commands::functions::has_host() => commands::functions::run(app),
        None => {
            complain(&Cli::command().render_help().to_string());
            ExitCode::from(2)
        }
    }
}

/// The lines of the functions' requests, one an invocation. On the terminal of `dev` they are plumbing.
const INVOCATIONS: &str = "custom_handler::invocation";

fn run_command(command: &Command, app: MakeApp) -> Result<(), CommandError> {
    match command {
        Command::Dev(args) => {
            let project = ProjectFolder::here()?;
            project.log()?.quiet(INVOCATIONS).to_stdout()?;
            block_on(commands::dev::run(args, app, project))
        }
        Command::Serve(args) => {
            let project = ProjectFolder::here()?;
            project.log()?.to_stdout()?;
            block_on(commands::serve::run(args, app, project))
        }
        Command::Card(command) => commands::card::run(command),
        // Their output may go to a pipe: their log stays out of it.
        Command::References(command) => {
            let project = ProjectFolder::here()?;
            project.log()?.to_stderr()?;
            block_on(commands::references::run(command, project))
        }
        Command::Notification(command) => {
            let project = ProjectFolder::here()?;
            project.log()?.to_stderr()?;
            block_on(commands::notification::run(command, project))
        }
    }
}

fn block_on(work: impl Future<Output = Result<(), CommandError>>) -> Result<(), CommandError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(work);
    runtime.shutdown_timeout(Duration::from_millis(500));
    result
}
