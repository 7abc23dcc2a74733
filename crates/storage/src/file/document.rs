//! TeamsFx's file: a JSON object of conversation references. Entries are kept as their own text, so that what is
//! not touched comes back byte for byte.

use crate::open::OpenError;
use serde::{
    Deserialize, Deserializer, Serialize as _,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;
use std::{borrow::Cow, collections::HashMap, fmt, io, io::Write, path::Path};

/// The file's text; a missing one is empty.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, OpenError> {
    match std::fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        read => read.map_err(|error| OpenError::io(path, error)),
    }
}

/// Key and text of an entry, as they lie in the file's text.
pub(super) type Entry<'a> = (Cow<'a, str>, &'a RawValue);

/// Entries in the order of the file; of a repeated key the last one stands, as in JavaScript.
pub(super) fn entries<'a>(path: &Path, text: &'a [u8]) -> Result<Vec<Entry<'a>>, OpenError> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    if text.iter().all(u8::is_ascii_whitespace) {
        return Ok(Vec::new());
    }
    let mut json = serde_json::Deserializer::from_slice(text);
    let entries = (&mut json)
        .deserialize_map(Entries)
        .map_err(|e| OpenError::json(path, &e))?;
    json.end().map_err(|e| OpenError::json(path, &e))?;
    let last: HashMap<&str, usize> = entries
        .iter()
        .enumerate()
        .map(|(at, (key, _))| (&**key, at))
        .collect();
    if last.len() == entries.len() {
        return Ok(entries);
    }
    let kept = entries
        .iter()
        .enumerate()
        .filter(|(at, (key, _))| last.get(&**key) == Some(at));
    Ok(kept.map(|(_, entry)| entry.clone()).collect())
}

/// A key, borrowed unless it has escapes.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Vec<Entry<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object of conversation references")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some((Key(key), text)) = map.next_entry()? {
            entries.push((key, text));
        }
        Ok(entries)
    }
}

/// Writes the file entry by entry, as `JSON.stringify(…, undefined, 2)` would.
pub(super) struct Writer<'a> {
    out: &'a mut dyn Write,
    entries: usize,
}

impl<'a> Writer<'a> {
    pub(super) fn begin(out: &'a mut dyn Write) -> io::Result<Self> {
        out.write_all(b"{")?;
        Ok(Self { out, entries: 0 })
    }

    pub(super) fn entry(&mut self, key: &str, text: &str) -> io::Result<()> {
        self.out
            .write_all(if self.entries == 0 { b"\n  " } else { b",\n  " })?;
        self.entries += 1;
        key.serialize(&mut serde_json::Serializer::new(&mut *self.out))?;
        self.out.write_all(b": ")?;
        self.out.write_all(text.as_bytes())
    }

    pub(super) fn end(self) -> io::Result<()> {
        self.out.write_all(if self.entries == 0 { b"}" } else { b"\n}" })
    }
}
