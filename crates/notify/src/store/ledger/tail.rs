//! Sums from the ends of ledgers, without reading the whole of them.

use super::{Record, Sums};
use crate::ports::{Entry, ObjectStore, Read, StoreError};

/// Enough for the last line of most ledgers.
const TAIL: u64 = 32 * 1024;

/// The last line of a ledger that is `length` bytes long; `None` when it has none.
///
/// # Errors
/// When the store fails or the line can't be read.
pub(crate) async fn last_record(
    objects: &dyn ObjectStore,
    name: &str,
    length: u64,
) -> Result<Option<Record>, StoreError> {
    let mut tail = TAIL;
    if length == 0 {
        return Ok(None);
    }
    loop {
        let offset = length.saturating_sub(tail);
        let Read::Found(object) = objects.read_range(name, offset, length - offset).await? else {
            return Ok(None);
        };
        let text = object.body.strip_suffix(b"\n").unwrap_or(&object.body);
        match text.iter().rposition(|byte| *byte == b'\n') {
            Some(end) => return Ok(Some(Record::parse(&text[end + 1..])?)),
            None if offset == 0 => return Ok(Some(Record::parse(text)?)),
            None => tail *= 8,
        }
    }
}

/// The sums of a part from the listing of its ledgers, in order: at most two tails are read.
///
/// # Errors
/// When the store fails or a line can't be read.
pub(crate) async fn part_sums(objects: &dyn ObjectStore, ledgers: &[Entry]) -> Result<Sums, StoreError> {
    let mut written = ledgers.iter().rev().filter(|entry| entry.length > 0);
    let mut sums = Sums::default();
    if let Some(entry) = written.next()
        && let Some(last) = last_record(objects, &entry.name, entry.length).await?
    {
        sums.merge(&last.base.sums);
        sums.merge(&last.sums.sums);
    }
    if let Some(entry) = written.next()
        && let Some(previous) = last_record(objects, &entry.name, entry.length).await?
    {
        sums.merge(&previous.sums.sums);
    }
    Ok(sums)
}
