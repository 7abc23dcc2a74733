//! One process per local store: a lock of the operating system, which falls with its owner, even on SIGKILL.

use crate::{open::OpenError, private_files};
use std::{
    fs::{File, TryLockError},
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
};

/// Held as long as it lives.
#[derive(Debug)]
pub(crate) struct ProcessLock {
    _file: File,
}

impl ProcessLock {
    /// Takes the lock at `path`; the file stays behind, only the lock on it counts.
    pub(crate) fn take(path: &Path) -> Result<Self, OpenError> {
        let wrong = |error| OpenError::io(path, error);
        let mut file = private_files::open_in_place(path).map_err(wrong)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut owner = String::new();
                let _ = file.read_to_string(&mut owner);
                let owner = match owner.trim() {
                    "" => "another process".to_owned(),
                    pid => format!("process {pid}"),
                };
                return Err(OpenError::Locked {
                    lock: path.to_owned(),
                    owner,
                });
            }
            Err(TryLockError::Error(error)) => return Err(wrong(error)),
        }
        file.set_len(0).map_err(wrong)?;
        file.seek(SeekFrom::Start(0)).map_err(wrong)?;
        writeln!(file, "{}", std::process::id()).map_err(wrong)?;
        Ok(Self { _file: file })
    }
}
