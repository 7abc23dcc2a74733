//! Damaged files go aside: under another name, as they are, for a person to mend. The store then begins with what is
//! left. Nothing is read or deleted here.

use super::Paths;
use crate::{durable, open::OpenError, private_files};
use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
};

/// TeamsFx's file is damaged. What was known beside its references is copied, so that it fits again once the file is
/// mended; the tombstones stay in use.
pub(super) fn references(paths: &Paths, damage: &OpenError) -> Result<(), OpenError> {
    let mark = mark();
    let kept = moved(&paths.main, &mark)?;
    let beside = named(&paths.sidecar, &mark);
    match private_files::copy(&paths.sidecar, &beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(OpenError::io(&beside, error)),
        _ => {}
    }
    tracing::error!(
        kept_as = %kept.display(),
        error = %damage,
        "the file of references is damaged: it was moved aside as it is, and the store goes on WITHOUT its references; \
         mend it, then bring them back with `handler references import`"
    );
    Ok(())
}

/// The sidecar is damaged. Without it nobody knows which commit was the last, so commits that a kill interrupted go
/// aside with it.
pub(super) fn sidecar(paths: &Paths, damage: &OpenError) -> Result<(), OpenError> {
    let mark = mark();
    let kept = moved(&paths.sidecar, &mark)?;
    for unfinished in paths
        .all_unfinished()
        .map_err(|error| OpenError::io(&paths.main, error))?
    {
        moved(&unfinished, &mark)?;
    }
    tracing::error!(
        kept_as = %kept.display(),
        error = %damage,
        "what is known beside the references is damaged: it was moved aside as it is; the references stay, but times \
         of events, opt-outs, blocks and removals before now are forgotten"
    );
    Ok(())
}

fn mark() -> String {
    format!(".damaged-{}", jiff::Timestamp::now().as_millisecond())
}

fn named(path: &Path, mark: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(mark);
    PathBuf::from(name)
}

fn moved(path: &Path, mark: &str) -> Result<PathBuf, OpenError> {
    let mut kept = named(path, mark);
    // Two starts within a millisecond; the lock keeps a third party out.
    while kept.exists() {
        kept = named(&kept, "-");
    }
    durable::put(path, &kept).map_err(|error| OpenError::io(path, error))?;
    Ok(kept)
}
