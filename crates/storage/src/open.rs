//! Why a local store can't be opened, in words for whoever started it.

use std::{io, path::Path, path::PathBuf};

/// A local store can't be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process has it open.
    #[error(
        "{owner} has this store open (lock file {}); stop it first, or use another folder: a local store serves one process",
        lock.display()
    )]
    Locked {
        /// The lock file.
        lock: PathBuf,
        /// Who holds it: `process <pid>`.
        owner: String,
    },
    /// A file of the store can't be read as what it should be.
    #[error("{}:{line}:{column}: {problem}", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// Line of the problem, from 1.
        line: usize,
        /// Column of the problem, from 1.
        column: usize,
        /// What is wrong.
        problem: String,
    },
    /// A file was written by a later version of this program. It is left as it is.
    #[error(
        "{}: it has version {version}, this build knows {known}; use the build that wrote it, or a newer one",
        file.display()
    )]
    Newer {
        /// The file.
        file: PathBuf,
        /// Its version.
        version: u64,
        /// The newest version that this build reads.
        known: u64,
    },
    /// The file system refuses.
    #[error("{}: {error}", path.display())]
    Io {
        /// What was to be opened.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

impl OpenError {
    pub(crate) fn io(path: &Path, error: io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            error,
        }
    }

    pub(crate) fn json(file: &Path, error: &serde_json::Error) -> Self {
        let text = notify::store::record::unreadable(error);
        // serde_json ends its texts with the place, which the error names already.
        let problem = text
            .rsplit_once(" at line ")
            .map_or(text.as_str(), |(problem, _)| problem);
        Self::Damaged {
            file: file.to_owned(),
            line: error.line().max(1),
            column: error.column().max(1),
            problem: problem.to_owned(),
        }
    }
}
