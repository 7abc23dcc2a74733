//! The program: which command runs, under which log, and how it ends.

use crate::{
    app::App,
    bot::NotificationBot,
    cli::{Cli, Command},
    commands::{self, CommandError, local::ProjectFolder},
    output::{self, complain},
    stores::{OwnStores, StoreSettings},
};
use clap::{CommandFactory, Parser};
use custom_handler::BoxError;
use notify::ports::{ObjectStore, ReferenceStore};
use std::{future::Future, process::ExitCode, sync::Arc, time::Duration};

/// A program: what it sends and answers, and parts of it that are the project's own.
#[derive(Clone)]
pub struct Program {
    app: Arc<dyn Fn(NotificationBot) -> App + Send + Sync>,
    stores: OwnStores,
}

/// Runs a program without parts of its own: as a custom handler where a Functions host started it, else what the command
/// line says.
///
/// ```no_run
/// fn app(bot: teams_notify::Bot) -> teams_notify::App {
///     teams_notify::App::new(bot)
/// }
///
/// fn main() -> std::process::ExitCode {
///     teams_notify::run(app)
/// }
/// ```
pub fn run(app: fn(NotificationBot) -> App) -> ExitCode {
    Program::new(app).run()
}

impl Program {
    /// A program that runs this app, made anew for each bot.
    pub fn new(app: impl Fn(NotificationBot) -> App + Send + Sync + 'static) -> Self {
        Self {
            app: Arc::new(app),
            stores: OwnStores::default(),
        }
    }

    /// Keeps conversation references in a store of the project's own. It is opened once in a process, also for the
    /// commands of operators.
    #[must_use]
    pub fn reference_store(
        mut self,
        open: impl Fn(&StoreSettings<'_>) -> Result<Arc<dyn ReferenceStore>, BoxError> + Send + Sync + 'static,
    ) -> Self {
        self.stores.references = Some(Arc::new(open));
        self
    }

    /// Keeps notifications, audiences and ledgers in a store of the project's own, and the conversation references too
    /// unless [`reference_store`](Self::reference_store) says where. It must do what Azure Blob Storage does, conditions
    /// and leases included: the suite `conformance::objects` tells. It is opened once in a process, also for the commands
    /// of operators.
    #[must_use]
    pub fn object_store(
        mut self,
        open: impl Fn(&StoreSettings<'_>) -> Result<Arc<dyn ObjectStore>, BoxError> + Send + Sync + 'static,
    ) -> Self {
        self.stores.objects = Some(Arc::new(open));
        self
    }

    /// Runs it to its end.
    #[must_use]
    pub fn run(self) -> ExitCode {
        match Cli::parse().command {
            Some(command) => match run_command(&command, &self) {
                Ok(()) => ExitCode::SUCCESS,
                Err(_) if output::is_closed() => ExitCode::SUCCESS,
                Err(error) => {
                    complain(&error.to_string());
                    ExitCode::FAILURE
                }
            },
            None if commands::functions::has_host() => commands::functions::run(self),
            None => {
                complain(&Cli::command().render_help().to_string());
                ExitCode::from(2)
            }
        }
    }

    pub(crate) fn app(&self, bot: NotificationBot) -> App {
        (self.app)(bot)
    }

    pub(crate) fn stores(&self) -> &OwnStores {
        &self.stores
    }
}

/// The lines of the functions' requests, one an invocation. On the terminal of `dev` they are plumbing.
const INVOCATIONS: &str = "custom_handler::invocation";

fn run_command(command: &Command, program: &Program) -> Result<(), CommandError> {
    match command {
        Command::Dev(args) => {
            let project = ProjectFolder::here()?;
            project.log()?.quiet(INVOCATIONS).to_stdout()?;
            block_on(commands::dev::run(args, program, project))
        }
        Command::Serve(args) => {
            let project = ProjectFolder::here()?;
            project.log()?.to_stdout()?;
            block_on(commands::serve::run(args, program, project))
        }
        Command::Card(command) => block_on(commands::card::run(command)),
        // Their output may go to a pipe: their log stays out of it.
        Command::References(command) => {
            let project = ProjectFolder::here()?;
            project.log()?.to_stderr()?;
            block_on(commands::references::run(command, program.stores(), project))
        }
        Command::Notification(command) => {
            let project = ProjectFolder::here()?;
            project.log()?.to_stderr()?;
            block_on(commands::notification::run(command, program.stores(), project))
        }
    }
}

fn block_on(work: impl Future<Output = Result<(), CommandError>>) -> Result<(), CommandError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(work);
    runtime.shutdown_timeout(Duration::from_millis(500));
    result
}
