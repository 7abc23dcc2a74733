//! Which objects are there: read from the directory once, then kept beside every change.

use super::{
    appends::{self, Frames},
    blocks, entry, names,
};
use crate::private_files::Closing;
use notify::ports::{Etag, Listing};
use std::{collections::BTreeMap, fs, io, ops::Bound, path::Path};

pub(super) type Index = BTreeMap<String, Known>;

/// What is known of an object without reading its content.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) etag: Etag,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) length: u64,
    pub(super) file: ObjectFile,
}

/// How an object is stored.
#[derive(Clone, Debug)]
pub(super) enum ObjectFile {
    Block,
    Append(Frames),
    /// The file can't be read; it is left as it is and shown to nobody but whoever asks for it.
    Damaged(String),
}

/// Reads the directory, and closes to others what an earlier version left open. Files that were being written when a process
/// died are removed: no caller was answered.
pub(super) fn load(root: &Path) -> io::Result<Index> {
    let mut index = Index::new();
    let mut closing = Closing::default();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for item in fs::read_dir(&folder)? {
            let item = item?;
            let path = item.path();
            let file_name = item.file_name();
            let Some(file_name) = file_name.to_str() else {
                continue;
            };
            if item.file_type()?.is_dir() {
                closing.close(&path);
                folders.push(path);
            } else if file_name.starts_with(names::UNFINISHED) {
                fs::remove_file(&path)?;
            } else if file_name.ends_with(names::ENDING) {
                closing.close(&path);
                let (name, known) = look_at(&path)?;
                match name.filter(|name| root.join(names::path_of(name)) == path) {
                    Some(name) => {
                        index.insert(name, known);
                    }
                    None => {
                        tracing::warn!(file = %path.display(), "a file that is no object of this store is left alone")
                    }
                }
            }
        }
    }
    closing.report();
    Ok(index)
}

fn look_at(path: &Path) -> io::Result<(Option<String>, Known)> {
    let head = match blocks::head(path) {
        Ok(head) => head,
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            tracing::error!(file = %path.display(), %error, "an object's file is damaged; it is left as it is");
            return Ok((None, damaged(&error)));
        }
        Err(error) => return Err(error),
    };
    let name = head.name.clone();
    if head.append {
        return match appends::open(path, &head) {
            Ok((frames, length)) => Ok((
                Some(name),
                Known {
                    etag: appends::etag(&frames, length),
                    metadata: BTreeMap::new(),
                    length,
                    file: ObjectFile::Append(frames),
                },
            )),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok((Some(name), damaged(&error))),
            Err(error) => Err(error),
        };
    }
    let length = fs::metadata(path)?.len().saturating_sub(head.bytes);
    if length != head.length {
        let problem = format!("it holds {length} bytes where {} were written", head.length);
        return Ok((Some(name), damaged(&io::Error::other(problem))));
    }
    Ok((
        Some(name),
        Known {
            etag: Etag(head.etag.into()),
            metadata: head.metadata,
            length,
            file: ObjectFile::Block,
        },
    ))
}

fn damaged(error: &io::Error) -> Known {
    Known {
        etag: Etag("damaged".into()),
        metadata: BTreeMap::new(),
        length: 0,
        file: ObjectFile::Damaged(error.to_string()),
    }
}

/// One page in order of names; damaged objects are left out.
pub(super) fn page(index: &Index, prefix: &str, from: Option<&str>, limit: usize) -> Listing {
    let start = match from {
        Some(last) if last >= prefix => Bound::Excluded(last),
        _ => Bound::Included(prefix),
    };
    let mut entries = Vec::new();
    let mut names = index
        .range::<str, _>((start, Bound::Unbounded))
        .take_while(|(name, _)| name.starts_with(prefix))
        .filter(|(_, known)| !matches!(known.file, ObjectFile::Damaged(_)));
    for (name, known) in names.by_ref().take(limit) {
        entries.push(entry(name, known));
    }
    let next = names
        .next()
        .and_then(|_| entries.last().map(|last| last.name.clone()));
    Listing { entries, next }
}
