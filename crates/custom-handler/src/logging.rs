//! The log in the format of the Functions host: one JSON object per line on stdout; stderr only for errors (the host
//! reports each of its lines as an error).
//!
//! A line has `timestamp`, `level`, `target`, `message`, then the event's fields and those of its spans, all at the
//! top level: `invocation_id` is found in the same place on every line of an invocation.

mod json_lines;
mod level;
mod panic_hook;

use std::error::Error;
use std::io::Write as _;

use tracing_subscriber::layer::SubscriberExt as _;

pub use json_lines::JsonLines;
pub use level::{LevelError, Levels};
pub use panic_hook::install as install_panic_hook;

/// Logging cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoggingError {
    /// An invalid `LOG_LEVEL` or `RUST_LOG`.
    #[error(transparent)]
    Level(#[from] LevelError),
    /// Another subscriber is installed.
    #[error(
        "logging is set up already; call custom_handler::logging::install once, before anything else does"
    )]
    Twice,
}

/// Sends `tracing` events as JSON lines to stdout, at the levels of `LOG_LEVEL` (or `RUST_LOG`; default `info`),
/// and panics as JSON lines too.
///
/// # Errors
/// [`LoggingError`].
pub fn install() -> Result<(), LoggingError> {
    let levels = Levels::from_env()?;
    let subscriber = tracing_subscriber::registry()
        .with(levels.into_filter())
        .with(JsonLines::new(std::io::stdout));
    tracing::subscriber::set_global_default(subscriber).map_err(|_| LoggingError::Twice)?;
    install_panic_hook();
    Ok(())
}

/// The same on stderr, for commands whose output goes to a pipe. Not for a process that a host runs.
///
/// # Errors
/// [`LoggingError`].
pub fn install_on_stderr() -> Result<(), LoggingError> {
    let levels = Levels::from_env()?;
    let subscriber = tracing_subscriber::registry()
        .with(levels.into_filter())
        .with(JsonLines::new(std::io::stderr));
    tracing::subscriber::set_global_default(subscriber).map_err(|_| LoggingError::Twice)
}

/// Reports the error that ends the process: a JSON line on stdout, and plain text on stderr, whose last lines
/// the host includes in its report of the crash. Works without [`install`].
pub fn fatal(error: &(dyn Error + 'static)) {
    let text = crate::failure::chain(error);
    let line = json_lines::line(
        "ERROR",
        "fatal",
        &format!("fatal: {text}"),
        &serde_json::Map::new(),
    );
    let _ = std::io::stdout().lock().write_all(line.as_bytes());
    let _ = writeln!(std::io::stderr().lock(), "fatal: {text}");
}
