//! Why a command stopped, and what the person at the terminal can do about it.

use std::{fmt, io, path::Path};

/// What went wrong and, where we know it, how to mend it.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    mend: Option<String>,
}

impl Failure {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            mend: None,
        }
    }

    /// Adds what to do about it.
    pub(crate) fn mend(mut self, how: impl Into<String>) -> Self {
        self.mend = Some(how.into());
        self
    }

    /// For `map_err`: the file or folder that an operation failed on.
    pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.display().to_string();
        move |error| Self::new(format!("{path}: {error}"))
    }

    /// For `map_err` of anything that can be shown: what was being done.
    pub(crate) fn while_<E: fmt::Display>(doing: &str) -> impl FnOnce(E) -> Self {
        let doing = doing.to_owned();
        move |error| Self::new(format!("{doing}: {error}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match &self.mend {
            Some(mend) => write!(f, "\n{mend}"),
            None => Ok(()),
        }
    }
}
