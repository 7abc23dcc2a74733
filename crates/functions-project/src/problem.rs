//! One thing that the host refuses in a file: where it is, what is wrong, what is accepted.

use std::fmt;

/// Where in a file a problem lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The file as a whole.
    File,
    /// A line and column, both from 1, of text that is not JSON.
    At {
        /// Line.
        line: usize,
        /// Column.
        column: usize,
    },
    /// A JSON pointer (RFC 6901) to the value.
    Pointer(String),
    /// An app setting or environment variable that overrides the file.
    Setting(String),
}

/// A problem in host.json, a function.json or local.settings.json.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    file: String,
    place: Place,
    message: String,
}

impl Problem {
    /// A problem in `file`, a path relative to the project's root.
    #[must_use]
    pub fn new(file: impl Into<String>, place: Place, message: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            place,
            message: message.into(),
        }
    }

    /// The same problem, and what is done about it.
    pub(crate) fn and(mut self, consequence: impl fmt::Display) -> Self {
        self.message = format!("{}; {consequence}", self.message);
        self
    }

    /// The file, relative to the project's root.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Where in the file.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// What is wrong, what is accepted, and how to mend it.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.file)?;
        match &self.place {
            Place::File => {}
            Place::At { line, column } => write!(out, ", line {line}, column {column}")?,
            Place::Pointer(pointer) if pointer.is_empty() => {}
            Place::Pointer(pointer) => write!(out, ", {pointer}")?,
            Place::Setting(name) => write!(out, ", overridden by the setting {name}")?,
        }
        write!(out, ": {}", self.message)
    }
}

impl std::error::Error for Problem {}
