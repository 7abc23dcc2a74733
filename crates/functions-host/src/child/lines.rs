//! What the handler prints, line by line, classified as the host classifies it.

use std::fmt;
use std::sync::Arc;

/// Where a line comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineSource {
    /// The handler's standard output.
    Stdout,
    /// The handler's standard error.
    Stderr,
    /// This host, about the handler's process.
    Host,
}

/// How the host logs a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Severity {
    /// An ordinary line.
    Information,
    /// Standard error with "warn" in it.
    Warning,
    /// Standard error otherwise.
    Error,
    /// Prefixed `LanguageWorkerConsoleLog`: the host's own log, not the user's.
    System,
    /// Prefixed `azfuncjsonlog:`: for tools.
    Tooling,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandlerLine {
    /// Where it comes from.
    pub source: LineSource,
    /// How it is logged.
    pub severity: Severity,
    /// The text without line end.
    pub text: String,
}

/// Takes every line; called from several tasks.
#[derive(Clone)]
pub struct LineSink(Arc<dyn Fn(&HandlerLine) + Send + Sync>);

impl LineSink {
    /// A sink that calls `take` for each line; it must not block.
    pub fn new(take: impl Fn(&HandlerLine) + Send + Sync + 'static) -> Self {
        Self(Arc::new(take))
    }

    /// Hands each line to `tracing`, target `functions_host::handler`. Handlers decide what they print: the
    /// text is passed on as it is.
    #[must_use]
    pub fn tracing() -> Self {
        Self::new(|line| {
            let text = line.text.as_str();
            match line.severity {
                Severity::Error => tracing::error!(target: "functions_host::handler", "{text}"),
                Severity::Warning => tracing::warn!(target: "functions_host::handler", "{text}"),
                Severity::Information => tracing::info!(target: "functions_host::handler", "{text}"),
                Severity::System | Severity::Tooling => {
                    tracing::debug!(target: "functions_host::handler", "{text}")
                }
            }
        })
    }

    pub(crate) fn send(&self, line: &HandlerLine) {
        (self.0)(line);
    }
}

impl fmt::Debug for LineSink {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("LineSink")
    }
}

/// How standard error is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StderrMeaning {
    /// `useStdErrorStreamForErrorsOnly`: everything is an error unless it says "warn".
    Errors,
    /// Errors only where the text says so.
    ByText,
}

const SYSTEM_PREFIX: &str = "languageworkerconsolelog";
const TOOLING_PREFIX: &str = "azfuncjsonlog:";

/// Classifies one line of the process.
pub(super) fn classify(source: LineSource, line: &str, stderr: StderrMeaning) -> HandlerLine {
    let lower = line.to_lowercase();
    if lower.starts_with(SYSTEM_PREFIX) {
        let text = line
            .get(SYSTEM_PREFIX.len()..)
            .unwrap_or_default()
            .trim_start()
            .to_owned();
        return HandlerLine {
            source,
            severity: Severity::System,
            text,
        };
    }
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let severity = if lower.starts_with(TOOLING_PREFIX) {
        Severity::Tooling
    } else if source == LineSource::Stdout {
        Severity::Information
    } else if says(&["warn"]) {
        Severity::Warning
    } else if stderr == StderrMeaning::Errors || says(&["error", "fail", "severe", "unhandled exception"]) {
        Severity::Error
    } else {
        Severity::Information
    };
    HandlerLine {
        source,
        severity,
        text: line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_classified_as_the_host_does() {
        for (source, line, meaning, severity, text) in [
            (
                LineSource::Stdout,
                "error: no",
                StderrMeaning::Errors,
                Severity::Information,
                "error: no",
            ),
            (
                LineSource::Stderr,
                "plain",
                StderrMeaning::Errors,
                Severity::Error,
                "plain",
            ),
            (
                LineSource::Stderr,
                "Forewarned",
                StderrMeaning::Errors,
                Severity::Warning,
                "Forewarned",
            ),
            (
                LineSource::Stderr,
                "plain",
                StderrMeaning::ByText,
                Severity::Information,
                "plain",
            ),
            (
                LineSource::Stderr,
                "It FAILED",
                StderrMeaning::ByText,
                Severity::Error,
                "It FAILED",
            ),
            (
                LineSource::Stderr,
                "languageWorkerConsoleLog hi",
                StderrMeaning::Errors,
                Severity::System,
                "hi",
            ),
            (
                LineSource::Stdout,
                "azfuncjsonlog:{}",
                StderrMeaning::Errors,
                Severity::Tooling,
                "azfuncjsonlog:{}",
            ),
        ] {
            let found = classify(source, line, meaning);
            assert_eq!((found.severity, found.text.as_str()), (severity, text), "{line}");
        }
    }
}
