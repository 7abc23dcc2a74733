//! Runs a whole process: log, port, runtime, signals, exit code.

use std::future::Future;
use std::process::ExitCode;
use std::time::Duration;

use crate::app::App;
use crate::logging::{self, LoggingError};
use crate::port::{Port, PortError};
use crate::serve::{ListenError, ServeError, listen, serve_app};
use crate::{BoxError, DEFAULT_START_LIMIT};
use http_server::{Shutdown, Stopped};

/// How long the exit waits for blocking tasks.
const LAST_GRACE: Duration = Duration::from_millis(500);

/// Why the process could not run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LaunchError {
    /// No usable port in the environment.
    #[error(transparent)]
    Port(#[from] PortError),
    /// An invalid log level, or logging was set up already.
    #[error(transparent)]
    Logging(#[from] LoggingError),
    /// The port cannot be listened on.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// Serving failed, or the application's start did.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// Threads or signal handlers could not be created.
    #[error("the threads or signal handlers of the process can't be created")]
    System(#[from] std::io::Error),
}

impl LaunchError {
    /// 2 when the process was not started by a host, else 1. Never 0, after which the host would wait forever,
    /// nor 200, after which it would restart forever.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Port(PortError::Missing) => 2,
            _ => 1,
        }
    }
}

/// Runs a custom handler: logs JSON lines on stdout, listens where the host says, answers pings at once while
/// `app` initialises, stops on SIGTERM and SIGINT. Use it as `main`'s whole body.
///
/// A fatal error is written as one JSON line to stdout and as text to stderr, which the host includes in its report of
/// the crash.
///
/// ```no_run
/// use std::process::ExitCode;
/// use custom_handler::{App, BoxError, Failure, Invocation, Timer, launch};
///
/// async fn app() -> Result<App, BoxError> {
///     // slow things go here: requests wait for them, the host's readiness ping does not
///     Ok(App::new().timer("everyMinute", |_: Timer, _: Invocation| async move { Ok::<_, Failure>(()) }))
/// }
///
/// fn main() -> ExitCode {
///     launch(app)
/// }
/// ```
pub fn launch<M, F, E>(app: M) -> ExitCode
where
    M: FnOnce() -> F,
    F: Future<Output = Result<App, E>> + Send + 'static,
    E: Into<BoxError>,
{
    match run(app) {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            logging::fatal(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

fn run<M, F, E>(app: M) -> Result<Stopped, LaunchError>
where
    M: FnOnce() -> F,
    F: Future<Output = Result<App, E>> + Send + 'static,
    E: Into<BoxError>,
{
    let port = Port::from_env()?;
    logging::install()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let stopped = runtime.block_on(async {
        let shutdown = Shutdown::on_signals()?;
        let listener = listen(port).await?;
        Ok(serve_app(listener, app(), DEFAULT_START_LIMIT, shutdown).await?)
    });
    runtime.shutdown_timeout(LAST_GRACE);
    stopped
}
