//! The zip: written with Unix modes and without times, so that the same input gives the same bytes; and read back.

use std::{
    fs::{self, File},
    path::Path,
};

use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter, write::SimpleFileOptions};

use super::stage;
use crate::failure::Failure;

/// One file of the zip, as read back.
pub(super) struct Entry {
    pub(super) name: String,
    /// Unix mode with its file type bits; 0 when the zip carries none.
    pub(super) mode: u32,
    /// Bytes unpacked.
    pub(super) size: u64,
    /// Bytes in the zip.
    pub(super) packed: u64,
}

/// Packs the named files of `folder`.
pub(super) fn write(folder: &Path, names: &[String], zip: &Path) -> Result<(), Failure> {
    let mut writer = ZipWriter::new(File::create(zip).map_err(Failure::at(zip))?);
    for name in names {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(9))
            .last_modified_time(DateTime::default())
            .unix_permissions(stage::mode(name));
        writer.start_file(name, options).map_err(Failure::during(name))?;
        let file = folder.join(name);
        let mut source = File::open(&file).map_err(Failure::at(&file))?;
        std::io::copy(&mut source, &mut writer).map_err(Failure::at(zip))?;
    }
    writer
        .finish()
        .map(drop)
        .map_err(Failure::during("closing the zip"))
}

/// The files of the zip, in their order.
pub(super) fn list(zip: &Path) -> Result<Vec<Entry>, Failure> {
    let mut archive = open(zip)?;
    (0..archive.len())
        .map(|at| {
            let file = archive.by_index(at).map_err(Failure::during("reading the zip"))?;
            Ok(Entry {
                name: file
                    .name()
                    .map_err(Failure::during("reading the zip"))?
                    .into_owned(),
                mode: file.unix_mode().unwrap_or(0),
                size: file.size(),
                packed: file.compressed_size(),
            })
        })
        .collect()
}

/// Unpacks as Azure does: with the modes that the zip carries.
pub(super) fn extract(zip: &Path, folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(Failure::at(folder))?;
    open(zip)?
        .extract(folder)
        .map_err(Failure::during("unpacking the zip"))
}

/// Requires that every user may read and run the entry.
pub(super) fn require_executable(entry: &Entry) -> Result<(), Failure> {
    if entry.mode & 0o555 == 0o555 {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{} has mode {:o} in the zip; the host could not start it",
        entry.name, entry.mode
    )))
}

/// The same for a file on disk.
pub(super) fn require_executable_file(file: &Path) -> Result<(), Failure> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = file.metadata().map_err(Failure::at(file))?.permissions().mode();
        if mode & 0o555 != 0o555 {
            return Err(Failure::new(format!(
                "{} has mode {:o}: not executable",
                file.display(),
                mode
            )));
        }
    }
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}

fn open(zip: &Path) -> Result<ZipArchive<File>, Failure> {
    let file = File::open(zip).map_err(Failure::at(zip))?;
    ZipArchive::new(file).map_err(Failure::during("reading the zip"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{extract, list, require_executable, require_executable_file, write};

    #[test]
    fn modes_and_contents_survive_and_the_same_input_gives_the_same_bytes() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("package");
        fs::create_dir_all(folder.join("cards")).unwrap();
        fs::write(folder.join("handler"), b"program").unwrap();
        fs::write(folder.join("cards/default.json"), b"{}").unwrap();
        let names = ["cards/default.json".to_owned(), "handler".to_owned()];
        let (first, second) = (home.path().join("1.zip"), home.path().join("2.zip"));
        write(&folder, &names, &first).unwrap();
        write(&folder, &names, &second).unwrap();
        assert_eq!(fs::read(&first).unwrap(), fs::read(&second).unwrap());

        let entries = list(&first).unwrap();
        assert_eq!(
            entries.iter().map(|entry| &entry.name).collect::<Vec<_>>(),
            ["cards/default.json", "handler"]
        );
        assert_eq!(entries[0].mode & 0o777, 0o644);
        assert_eq!(entries[1].mode & 0o777, 0o755);
        assert!(require_executable(&entries[0]).is_err());
        require_executable(&entries[1]).unwrap();

        let out = home.path().join("out");
        extract(&first, &out).unwrap();
        assert_eq!(fs::read(out.join("handler")).unwrap(), b"program");
        require_executable_file(&out.join("handler")).unwrap();
    }
}
