//! The file of an object that is written whole: one line of JSON with its name, version and metadata, then the body.

use super::names;
use bytes::Bytes;
use notify::ports::Etag;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write},
    path::Path,
};
use uuid::Uuid;

const VERSION: u64 = 1;

/// First line of an object's file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Head {
    v: u64,
    pub(super) name: String,
    pub(super) etag: String,
    #[serde(default)]
    pub(super) append: bool,
    #[serde(default)]
    pub(super) length: u64,
    #[serde(default)]
    pub(super) metadata: BTreeMap<String, String>,
    /// Length of the line itself.
    #[serde(skip)]
    pub(super) bytes: u64,
}

impl Head {
    pub(super) fn new(name: &str, metadata: &BTreeMap<String, String>) -> Self {
        Self {
            v: VERSION,
            name: name.to_owned(),
            etag: Uuid::new_v4().simple().to_string(),
            append: false,
            length: 0,
            metadata: metadata.clone(),
            bytes: 0,
        }
    }

    pub(super) fn line(&self) -> io::Result<Vec<u8>> {
        let mut line = serde_json::to_vec(self)?;
        line.push(b'\n');
        Ok(line)
    }
}

/// Reads the first line of a file; [`io::ErrorKind::InvalidData`] when it is not one of ours.
pub(super) fn head(path: &Path) -> io::Result<Head> {
    read_head(&mut BufReader::new(File::open(path)?))
}

fn read_head(file: &mut BufReader<File>) -> io::Result<Head> {
    let invalid = |what: String| io::Error::new(io::ErrorKind::InvalidData, what);
    let mut line = Vec::new();
    let bytes = file.read_until(b'\n', &mut line)? as u64;
    let mut head: Head =
        serde_json::from_slice(&line).map_err(|e| invalid(format!("its first line is not a head: {e}")))?;
    if head.v != VERSION {
        return Err(invalid(format!(
            "it has format {}, this build knows {VERSION}",
            head.v
        )));
    }
    head.bytes = bytes;
    Ok(head)
}

/// Reads part of the body; `None` when another version has come in place of the one that was asked for.
pub(super) fn read(path: &Path, etag: &Etag, offset: u64, length: u64) -> io::Result<Option<Bytes>> {
    let mut file = BufReader::new(File::open(path)?);
    let head = read_head(&mut file)?;
    if *head.etag != *etag.0 {
        return Ok(None);
    }
    let mut body = Vec::new();
    if offset < head.length {
        file.seek(SeekFrom::Start(head.bytes + offset))?;
        file.take(length).read_to_end(&mut body)?;
    }
    Ok(Some(body.into()))
}

/// Writes an object in place of what has its name; on disk when it returns.
pub(super) fn write(
    path: &Path,
    name: &str,
    body: &[u8],
    metadata: &BTreeMap<String, String>,
) -> io::Result<Etag> {
    let mut head = Head::new(name, metadata);
    head.length = body.len() as u64;
    let line = head.line()?;
    bring_in(path, |out| {
        out.write_all(&line)?;
        out.write_all(body)
    })?;
    Ok(Etag(head.etag.into()))
}

/// Writes a file aside and renames it; makes its folder if need be.
pub(super) fn bring_in(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let aside = path.with_file_name(format!("{}{}", names::UNFINISHED, Uuid::new_v4().simple()));
    if let Some(folder) = path.parent().filter(|folder| !folder.exists()) {
        crate::private_files::create_folder(folder)?;
        crate::durable::sync_folder_of(folder)?;
    }
    let written = crate::durable::write_new(&aside, fill).and_then(|()| crate::durable::put(&aside, path));
    if written.is_err() {
        let _ = fs::remove_file(&aside);
    }
    written
}
