//! Where records to import come from: a file of either format, a folder of documents, a container of them.

use super::{
    Cause, Imported, Run, TransferError,
    import::{Item, import},
};
use crate::owner::Owner;
use futures::{Stream, StreamExt, stream};
use notify::{
    ports::{ObjectStore, Read, ReadIf, ReferenceStore},
    reference::ConversationReference,
};
use serde::{
    Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;
use std::{
    fmt,
    fs::{self, File},
    io::{BufRead, BufReader, Read as _},
    path::{Path, PathBuf},
};
use tokio::sync::mpsc;

/// Items that wait between the reader and the store.
const WAITING: usize = 256;

type Items = mpsc::Sender<Result<Item, Cause>>;

/// Imports a file of JSON lines, TeamsFx's file, a file of one reference, or a folder of such files; which of them
/// it is shows in its content.
///
/// # Errors
/// [`TransferError`] tells what was done before it stopped.
pub async fn import_path(
    store: &dyn ReferenceStore,
    path: &Path,
    owner: &Owner,
    run: Run,
) -> Result<Imported, TransferError> {
    let (items, waiting) = mpsc::channel(WAITING);
    let path = path.to_owned();
    let reading = tokio::task::spawn_blocking(move || {
        let outcome = if path.is_dir() {
            folder(&path, &items)
        } else {
            file(&path, &items)
        };
        if let Err(cause) = outcome {
            let _ = items.blocking_send(Err(cause));
        }
    });
    let report = import(store, received(waiting), owner, run).await;
    let _ = reading.await;
    report
}

/// Imports a container in which each object is the JSON of one reference, named by its key as TeamsFx's sample
/// names it (`encodeURIComponent`).
///
/// # Errors
/// [`TransferError`] tells what was done before it stopped.
pub async fn import_objects(
    store: &dyn ReferenceStore,
    source: &dyn ObjectStore,
    owner: &Owner,
    run: Run,
) -> Result<Imported, TransferError> {
    let pages = stream::try_unfold(Some(None::<String>), move |from| async move {
        let Some(from) = from else { return Ok(None) };
        let page = source.list("", from.as_deref(), crate::limits::MAX_PAGE).await?;
        Ok::<_, Cause>(Some((page.entries, page.next.map(Some))))
    });
    let items = pages
        .map(|page| match page {
            Ok(entries) => stream::iter(entries.into_iter().map(Ok).collect::<Vec<_>>()),
            Err(cause) => stream::iter(vec![Err(cause)]),
        })
        .flatten()
        .map(move |entry| async move {
            let name = entry?.name;
            let Read::Found(object) = source.read(&name, ReadIf::Any).await? else {
                return Ok(None);
            };
            Ok(Some(Item {
                key: Some(decoded(&name)),
                text: String::from_utf8_lossy(&object.body).into_owned(),
                place: name,
            }))
        })
        .buffered(super::AT_ONCE)
        .filter_map(|item: Result<Option<Item>, Cause>| async move { item.transpose() });
    import(store, items, owner, run).await
}

fn received(waiting: mpsc::Receiver<Result<Item, Cause>>) -> impl Stream<Item = Result<Item, Cause>> + Send {
    stream::unfold(waiting, |mut waiting| async move {
        let item = waiting.recv().await?;
        Some((item, waiting))
    })
}

fn io(path: &Path, error: &std::io::Error) -> Cause {
    Cause::Io(format!("{}: {error}", path.display()))
}

fn file(path: &Path, items: &Items) -> Result<(), Cause> {
    let mut reader = BufReader::new(File::open(path).map_err(|e| io(path, &e))?);
    let mut first = Vec::new();
    (&mut reader)
        .take(4 * 1024 * 1024)
        .read_until(b'\n', &mut first)
        .map_err(|e| io(path, &e))?;
    let first = first
        .strip_prefix(b"\xef\xbb\xbf")
        .map(<[u8]>::to_vec)
        .unwrap_or(first);
    let whole: Option<serde_json::Map<String, serde_json::Value>> = serde_json::from_slice(&first).ok();
    match whole {
        Some(object) if object.contains_key("v") || object.contains_key("conversation") => {
            lines(path, std::io::Cursor::new(first).chain(reader), items)
        }
        _ => {
            let mut all = std::io::Cursor::new(first).chain(reader);
            object(path, &mut all, items)
        }
    }
}

fn lines(path: &Path, reader: impl BufRead, items: &Items) -> Result<(), Cause> {
    for (at, line) in reader.lines().enumerate() {
        let text = line.map_err(|e| io(path, &e))?;
        if text.trim().is_empty() {
            continue;
        }
        let item = Item {
            place: format!("line {}", at + 1),
            key: None,
            text,
        };
        if items.blocking_send(Ok(item)).is_err() {
            break;
        }
    }
    Ok(())
}

/// TeamsFx's object, or a single reference over several lines: the first has objects as values, the second doesn't.
fn object(path: &Path, reader: &mut dyn std::io::Read, items: &Items) -> Result<(), Cause> {
    let mut json = serde_json::Deserializer::from_reader(reader);
    let damaged = |error: serde_json::Error| Cause::Damaged {
        file: path.display().to_string(),
        line: error.line().max(1),
        column: error.column().max(1),
        problem: error.to_string(),
    };
    let visitor = Entries {
        items,
        single: serde_json::Map::new(),
    };
    let single = (&mut json).deserialize_map(visitor).map_err(damaged)?;
    json.end().map_err(damaged)?;
    if !single.is_empty() {
        let item = Item {
            place: path.display().to_string(),
            key: path.file_name().and_then(|name| name.to_str()).map(decoded),
            text: serde_json::Value::Object(single).to_string(),
        };
        let _ = items.blocking_send(Ok(item));
    }
    Ok(())
}

struct Entries<'a> {
    items: &'a Items,
    single: serde_json::Map<String, serde_json::Value>,
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = serde_json::Map<String, serde_json::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object of conversation references, or lines of records")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if !key.starts_with('_')
                && (ConversationReference::PROPERTIES.contains(&key.as_str()) || !self.single.is_empty())
            {
                self.single.insert(key, map.next_value()?);
                continue;
            }
            let text: Box<RawValue> = map.next_value()?;
            let item = Item {
                place: key.clone(),
                key: Some(key),
                text: text.get().to_owned(),
            };
            if self.items.blocking_send(Ok(item)).is_err() {
                break;
            }
        }
        Ok(self.single)
    }
}

/// Files below a folder, in order of names; hidden files are not looked at.
fn folder(path: &Path, items: &Items) -> Result<(), Cause> {
    let listed = fs::read_dir(path).map_err(|e| io(path, &e))?;
    let mut paths: Vec<PathBuf> = listed.filter_map(|item| Some(item.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        if name.starts_with('.') || path.is_dir() {
            continue;
        }
        let text = fs::read(&path).map_err(|e| io(&path, &e))?;
        let item = Item {
            key: Some(decoded(name.strip_suffix(".json").unwrap_or(&name))),
            text: String::from_utf8_lossy(&text).into_owned(),
            place: name,
        };
        if items.blocking_send(Ok(item)).is_err() {
            break;
        }
    }
    Ok(())
}

/// Undoes `encodeURIComponent`.
fn decoded(name: &str) -> String {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|hex| std::str::from_utf8(hex).ok());
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| name.to_owned())
}
