//! Makes what has ended in a store older than it is: old enough for the retention to delete it.

use crate::support::blobs::Blob;

/// The same records. Whatever has ended, ended in 2020.
pub(crate) fn backdated(written: &[Blob]) -> Vec<Blob> {
    let mut older = written.to_vec();
    older.iter_mut().for_each(backdate);
    older
}

/// The newest version of what is in a record.
pub(crate) fn version(blob: &Blob) -> u32 {
    const HEAD: &[u8] = br#"{"v":"#;
    let body = &blob.body[content(blob)..];
    let found = body.windows(HEAD.len() + 1).filter(|text| text.starts_with(HEAD));
    let digits = found.filter_map(|text| char::from(text[HEAD.len()]).to_digit(10));
    digits.max().unwrap_or_default()
}

/// Where the content begins: a file of the file store has a line of its own before it.
fn content(blob: &Blob) -> usize {
    if !blob.name.ends_with(".object") {
        return 0;
    }
    let end = blob.body.iter().position(|byte| *byte == b'\n');
    end.map_or(0, |end| end + 1)
}

/// The text keeps its length.
fn backdate(blob: &mut Blob) {
    const FINISHED: &[u8] = br#""finishedAt":"20"#;
    if let Some(at) = find(&blob.body, FINISHED) {
        let year = at + FINISHED.len();
        blob.body[year..year + 2].copy_from_slice(b"20");
    }
    let Some((_, entry)) = blob.name.split_once("timeline/") else {
        return;
    };
    let Some((_, stamp)) = entry.split_once('/') else {
        return;
    };
    let stamp = stamp[..15].to_owned();
    let earlier = "001577836800000";
    replace(&mut blob.body, stamp.as_bytes(), earlier.as_bytes());
    blob.name = blob.name.replace(&stamp, earlier);
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|here| here == what)
}

/// Every occurrence by something of the same length.
fn replace(text: &mut [u8], what: &[u8], by: &[u8]) {
    let mut from = 0;
    while let Some(at) = find(&text[from..], what) {
        text[from + at..from + at + by.len()].copy_from_slice(by);
        from += at + by.len();
    }
}
