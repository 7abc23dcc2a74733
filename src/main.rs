//! One binary: the Functions custom handler, the local host, and the operator commands.

mod actions;
mod api;
mod app;
mod bot;
mod chat;
mod cli;
mod commands;
mod compose;
mod delivery;
mod incoming;
mod message_handler;
mod schedules;
mod send;
mod settings;
mod stores;
mod subject;
mod templates;
mod tick;
mod triggers;
mod unwanted;

use clap::{CommandFactory, Parser};
use cli::{Cli, Command};
use commands::CommandError;
use std::{future::Future, process::ExitCode, time::Duration};

fn main() -> ExitCode {
    match Cli::parse().command {
        Some(command) => match run(&command) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                commands::complain(&error.to_string());
                ExitCode::FAILURE
            }
        },
        None if commands::functions::has_host() => commands::functions::run(),
        None => {
            commands::complain(&Cli::command().render_help().to_string());
            ExitCode::from(2)
        }
    }
}

fn run(command: &Command) -> Result<(), CommandError> {
    match command {
        Command::Dev(args) => with_log(commands::dev::run(args)),
        Command::Serve(args) => with_log(commands::serve::run(args)),
        Command::Card(command) => commands::card::run(command),
        Command::References(command) => with_runtime(commands::references::run(command)),
        Command::Simulate(args) => block_on(commands::simulate::run(args)),
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
