//! Writing files so that a crash at any instant leaves the old content or the new, never a mixture.

use crate::private_files;
use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::Path,
};

/// Writes a whole file and waits until the disk has it. The name is taken by renaming, see [`put`].
pub(crate) fn write_new(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(256 * 1024, private_files::create(path)?);
    fill(&mut out)?;
    out.into_inner()
        .map_err(io::IntoInnerError::into_error)?
        .sync_data()
}

/// Gives a written file its name, in place of what had it before, and waits until the folder has it.
pub(crate) fn put(written: &Path, name: &Path) -> io::Result<()> {
    fs::rename(written, name)?;
    sync_folder_of(name)
}

/// Waits until the folder of `path` is on disk. Not every system can; those that can't don't need it.
pub(crate) fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if cfg!(unix) {
        File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}
