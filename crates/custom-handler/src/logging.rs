//! The log: on stdout, as the Functions host wants it, one JSON object a line, or as short lines for a person at a
//! terminal. Nothing normal goes to stderr, where the host takes each line for an error.
//!
//! A JSON line has `timestamp`, `level`, `target`, `message`, then the event's fields and those of its spans, all at the
//! top level: `invocation_id` is found in the same place on every line of an invocation.

#[cfg(test)]
mod captured;
mod fields;
mod format;
mod json_line;
mod level;
mod lines;
mod panic_hook;
mod plain_line;

use std::error::Error;
use std::io::Write as _;

use serde_json::{Map, Value};
use tracing::Level;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::writer::MakeWriterExt as _;
use tracing_subscriber::layer::SubscriberExt as _;

use fields::Fields;
use format::{Colours, Reader};
use lines::LineStyle;

pub use format::Format;
pub use level::{LevelError, Levels};
pub use lines::Lines;
pub use panic_hook::install as install_panic_hook;

/// Logging cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoggingError {
    /// A bad `LOG_LEVEL` or `RUST_LOG`.
    #[error(transparent)]
    Level(#[from] LevelError),
    /// A bad `LOG_FORMAT`.
    #[error(transparent)]
    Format(#[from] config::SettingError),
    /// Another subscriber is installed.
    #[error(
        "logging is set up already; call custom_handler::logging::install once, before anything else does"
    )]
    Twice,
}

/// Where lines of level error go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ErrorLines {
    /// To stdout like all others: the host takes them for information.
    #[default]
    OnStdout,
    /// To stderr as well. For a host that takes lines there for errors
    /// (`customHandler.description.useStdErrorStreamForErrorsOnly` of host.json).
    OnStderrToo,
}

/// A log in preparation: what is logged, and how.
#[derive(Clone, Debug)]
pub struct Log {
    levels: Levels,
    format: Option<Format>,
    colours_on_terminal: Colours,
    errors: ErrorLines,
}

impl Log {
    /// As `LOG_LEVEL` (or `RUST_LOG`; default `info`) and `LOG_FORMAT` of the environment say.
    ///
    /// # Errors
    /// [`LoggingError`], which names the variable and what is accepted.
    pub fn from_env() -> Result<Self, LoggingError> {
        Self::from_lookup(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    /// The same from any source of settings.
    ///
    /// # Errors
    /// [`LoggingError`], which names the setting and what is accepted.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, LoggingError> {
        Ok(Self {
            levels: Levels::from_lookup(&lookup)?,
            format: config::log::FORMAT.read(&lookup)?,
            colours_on_terminal: format::colours(Reader::Terminal, &lookup),
            errors: ErrorLines::default(),
        })
    }

    /// Lines of a module at `info` are plumbing in this process: they are left out unless a level was set for them, or for
    /// everything.
    #[must_use]
    pub fn quiet(mut self, module: &str) -> Self {
        self.levels = self.levels.quiet(module);
        self
    }

    /// Where lines of level error go; for [`to_stdout`](Self::to_stdout).
    #[must_use]
    pub fn errors(mut self, errors: ErrorLines) -> Self {
        self.errors = errors;
        self
    }

    /// Sends `tracing` events to stdout, and panics too.
    ///
    /// # Errors
    /// [`LoggingError::Twice`].
    pub fn to_stdout(self) -> Result<(), LoggingError> {
        let (reader, errors) = (Reader::of(&std::io::stdout()), self.errors);
        match errors {
            ErrorLines::OnStdout => self.install(reader, std::io::stdout)?,
            ErrorLines::OnStderrToo => {
                let errors_only = std::io::stderr.with_max_level(Level::ERROR);
                self.install(reader, std::io::stdout.and(errors_only))?;
            }
        }
        panic_hook::install_with(errors);
        Ok(())
    }

    /// Sends `tracing` events to stderr, for commands whose output goes to a pipe. Not for a process that a host reads.
    ///
    /// # Errors
    /// [`LoggingError::Twice`].
    pub fn to_stderr(self) -> Result<(), LoggingError> {
        self.install(Reader::of(&std::io::stderr()), std::io::stderr)
    }

    fn install<W>(self, reader: Reader, writer: W) -> Result<(), LoggingError>
    where
        W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
    {
        let format = self.format.unwrap_or(reader.usual_format());
        let style = match (format, reader) {
            (Format::Json, _) => LineStyle::Json,
            (Format::Plain, Reader::Terminal) => LineStyle::Plain(self.colours_on_terminal),
            (Format::Plain, Reader::Machine) => LineStyle::Plain(Colours::Off),
        };
        let subscriber = tracing_subscriber::registry()
            .with(self.levels.into_filter())
            .with(Lines::new(writer, style));
        tracing::subscriber::set_global_default(subscriber).map_err(|_| LoggingError::Twice)?;
        format::remember(format);
        Ok(())
    }
}

/// Sends `tracing` events to stdout, as [`Log::from_env`] says, and panics too.
///
/// # Errors
/// [`LoggingError`].
pub fn install() -> Result<(), LoggingError> {
    Log::from_env()?.to_stdout()
}

/// Reports the error that ends the process: a line on stdout, and the bare text on stderr, whose last lines the host
/// attaches to its report of the crash. Works without [`install`].
pub fn fatal(error: &(dyn Error + 'static)) {
    let text = crate::failure::chain(error);
    write_error(
        "fatal",
        &format!("fatal: {text}"),
        Map::new(),
        ErrorLines::OnStdout,
    );
    let _ = writeln!(std::io::stderr().lock(), "fatal: {text}");
}

/// Writes a line of level error without the subscriber.
fn write_error(target: &str, message: &str, map: Map<String, Value>, errors: ErrorLines) {
    let style = match format::in_use() {
        Format::Json => LineStyle::Json,
        Format::Plain => LineStyle::Plain(Colours::Off),
    };
    let fields = Fields {
        message: message.to_owned(),
        map,
        order: Vec::new(),
    };
    let line = style.line("ERROR", target, &fields);
    let _ = std::io::stdout().lock().write_all(line.as_bytes());
    if errors == ErrorLines::OnStderrToo {
        let _ = std::io::stderr().lock().write_all(line.as_bytes());
    }
}
