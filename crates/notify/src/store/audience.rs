//! `audience/{n}.ndjson`: numbered recipients, one a line, and a last line that says where the listing goes on.

use crate::{
    ids::NotificationId,
    lane::Lane,
    ports::{Continuation, Created, Entry, ObjectStore, Read, ReadIf, StoreError, WriteError, WriteIf},
    recipient::Recipient,
    store::keys,
    store::record::{RecordError, Version, decode, unreadable},
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most recipients of a chunk.
pub(crate) const ROWS: usize = 5_000;

/// What follows a chunk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Next {
    /// The listing goes on here.
    Listing(Continuation),
    /// The listing of this tenant ended.
    ListingEnd,
    /// The named targets that nobody knows were the last.
    NamesEnd,
}

#[derive(Deserialize)]
struct Trailer {
    next: Next,
}

/// A chunk as it was read.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) first: u32,
    pub(crate) rows: Vec<Recipient>,
    pub(crate) next: Next,
}

/// The numbers of a chunk's rows, as a listing gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChunkExtent {
    pub(crate) first: u32,
    pub(crate) rows: u32,
}

impl ChunkExtent {
    /// From the metadata of a listing's entry.
    pub(crate) fn of(entry: &Entry) -> Option<Self> {
        Some(Self {
            first: entry.metadata.get("first")?.parse().ok()?,
            rows: entry.metadata.get("rows")?.parse().ok()?,
        })
    }
}

/// A chunk on its way to the store. Its rows are text already, so that a page is not held twice while it is planned.
pub(crate) struct Draft {
    first: u32,
    rows: u32,
    body: Vec<u8>,
}

impl Draft {
    /// An empty one whose rows are numbered from `first`.
    pub(crate) const fn begin(first: u32) -> Self {
        Self {
            first,
            rows: 0,
            body: Vec::new(),
        }
    }

    /// One of rows that are numbered from `first`.
    ///
    /// # Errors
    /// When a row can't be written as JSON.
    pub(crate) fn of(first: u32, rows: &[Recipient]) -> Result<Self, StoreError> {
        let mut draft = Self::begin(first);
        draft.body.reserve(rows.len() * 320 + 128);
        rows.iter().try_for_each(|row| draft.push(row))?;
        Ok(draft)
    }

    /// Adds a row, which has the number [`Self::end`].
    ///
    /// # Errors
    /// When it can't be written as JSON.
    pub(crate) fn push(&mut self, row: &Recipient) -> Result<(), StoreError> {
        serde_json::to_writer(&mut self.body, row).map_err(|error| refused(&error))?;
        self.body.push(b'\n');
        self.rows += 1;
        Ok(())
    }

    /// Rows so far.
    pub(crate) const fn rows(&self) -> u32 {
        self.rows
    }

    /// The number after the last row's.
    pub(crate) const fn end(&self) -> u32 {
        self.first + self.rows
    }

    /// As it is read back, for tests.
    #[cfg(test)]
    pub(crate) fn stored(self, next: &Next) -> Chunk {
        let first = self.first;
        let body = self.finish(next).unwrap();
        parse(&body, first).unwrap()
    }

    fn finish(mut self, next: &Next) -> Result<Bytes, StoreError> {
        #[derive(Serialize)]
        struct Trailer<'a> {
            v: Version,
            next: &'a Next,
        }
        serde_json::to_writer(&mut self.body, &Trailer { v: Version::V1, next })
            .map_err(|error| refused(&error))?;
        self.body.push(b'\n');
        Ok(Bytes::from(self.body))
    }
}

fn refused(error: &serde_json::Error) -> StoreError {
    StoreError::Refused(error.to_string())
}

/// Writes a chunk if there is none yet; tells whether this one is now there.
///
/// # Errors
/// When the store fails.
pub(crate) async fn create(
    objects: &dyn ObjectStore,
    id: &NotificationId,
    lane: &Lane,
    number: u32,
    draft: Draft,
    next: &Next,
) -> Result<Created, StoreError> {
    let metadata = BTreeMap::from([
        ("first".to_owned(), draft.first.to_string()),
        ("rows".to_owned(), draft.rows.to_string()),
    ]);
    let name = keys::audience(id, lane, number);
    let body = draft.finish(next)?;
    match objects.write(&name, body, &metadata, WriteIf::Absent).await {
        Ok(_) => Ok(Created::Ours),
        Err(WriteError::Conflict) => Ok(Created::AlreadyThere),
        Err(WriteError::Store(error)) => Err(error),
    }
}

/// Reads a chunk.
///
/// # Errors
/// When the store fails, or the chunk is missing, damaged or of an unknown version.
pub(crate) async fn read(
    objects: &dyn ObjectStore,
    id: &NotificationId,
    lane: &Lane,
    number: u32,
) -> Result<Chunk, StoreError> {
    let name = keys::audience(id, lane, number);
    match objects.read(&name, ReadIf::Any).await? {
        Read::Found(object) => {
            let first = object
                .metadata
                .get("first")
                .and_then(|first| first.parse().ok())
                .ok_or_else(|| StoreError::Damaged(format!("{name} does not say its first number")))?;
            Ok(parse(&object.body, first)?)
        }
        Read::Missing | Read::Unchanged => Err(StoreError::Damaged(format!("{name} is missing"))),
    }
}

fn parse(body: &[u8], first: u32) -> Result<Chunk, RecordError> {
    let damaged = |what: String| RecordError::Damaged(what);
    let body = body
        .strip_suffix(b"\n")
        .ok_or_else(|| damaged("an audience chunk has no end".to_owned()))?;
    let start = body
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |index| index + 1);
    let (_, trailer) = decode::<Trailer>(&body[start..])?;
    let mut rows: Vec<Recipient> = Vec::new();
    for line in body[..start].split(|byte| *byte == b'\n') {
        if line.is_empty() {
            continue;
        }
        let mut row: Recipient = serde_json::from_slice(line).map_err(|error| damaged(unreadable(&error)))?;
        // What all of a chunk have in common is held once.
        if let Some(before) = rows.last() {
            if row.tenant == before.tenant {
                row.tenant = before.tenant.clone();
            }
            if row.service_url == before.service_url {
                row.service_url = before.service_url.clone();
            }
        }
        rows.push(row);
    }
    Ok(Chunk {
        first,
        rows,
        next: trailer.next,
    })
}

/// All entries below a prefix; bounded by what one notification's part has.
///
/// # Errors
/// When the store fails.
pub(crate) async fn entries(objects: &dyn ObjectStore, prefix: &str) -> Result<Vec<Entry>, StoreError> {
    let mut entries = Vec::new();
    let mut from: Option<String> = None;
    loop {
        let page = objects.list(prefix, from.as_deref(), 5_000).await?;
        entries.extend(page.entries);
        from = page.next;
        if from.is_none() {
            return Ok(entries);
        }
    }
}

/// Whether a row was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowEdit {
    /// It is different and has to be written.
    Write,
    /// There is nothing to change.
    LeaveAsIs,
}

/// Changes rows of a stored chunk in place: never their number or order. A chunk that is gone is fine.
///
/// # Errors
/// When the store fails, or the chunk is damaged or of an unknown version.
pub(crate) async fn rewrite(
    objects: &dyn ObjectStore,
    name: &str,
    mut change: impl FnMut(&mut Recipient) -> RowEdit,
) -> Result<(), StoreError> {
    let Read::Found(object) = objects.read(name, ReadIf::Any).await? else {
        return Ok(());
    };
    let mut chunk = parse(&object.body, 0)?;
    let mut changed = RowEdit::LeaveAsIs;
    for row in &mut chunk.rows {
        if change(row) == RowEdit::Write {
            changed = RowEdit::Write;
        }
    }
    if changed == RowEdit::LeaveAsIs {
        return Ok(());
    }
    let body = Draft::of(chunk.first, &chunk.rows)?.finish(&chunk.next)?;
    match objects
        .write(name, body, &object.metadata, WriteIf::Version(object.etag))
        .await
    {
        Ok(_) => Ok(()),
        Err(WriteError::Conflict) => Err(StoreError::unavailable(
            "an audience was changed by someone else at the same time",
        )),
        Err(WriteError::Store(error)) => Err(error),
    }
}
