//! Makes records newer than they are, and older: versions raised by hand, and ends that lie years back.

use crate::{scene::Ids, support::blobs::Blob};

/// Which records get version 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Raise {
    /// None: the newer build writes what it writes.
    Nothing,
    /// The notifications.
    Notifications,
    /// What is written about their recipients, and not the notifications: this is not enough, and shows what happens.
    Lines,
}

impl Raise {
    pub(crate) fn named(name: Option<&str>) -> Option<Self> {
        match name {
            None => Some(Self::Nothing),
            Some("notifications") => Some(Self::Notifications),
            Some("lines") => Some(Self::Lines),
            Some(_) => None,
        }
    }

    fn is_for(self, blob: &Blob) -> bool {
        let is_notification = blob.name.contains("/notification.json");
        // A file of the file store has its own check sum over a ledger's lines.
        let is_text = !blob.name.ends_with(".object");
        match self {
            Self::Nothing => false,
            Self::Notifications => is_notification,
            Self::Lines => blob.name.contains("/done") || (is_text && blob.name.contains("/ledger/")),
        }
    }
}

/// It stays as it was written, so that there is something that the older build knows.
pub(crate) const KEPT: &str = "waiting";

const WRITTEN: &[u8] = br#"{"v":1,"#;
const RAISED: &[u8] = br#"{"v":2,"#;

/// The records with their versions raised. Whatever has ended, ended in 2020.
pub(crate) fn raise(written: &[Blob], ids: &Ids, raise: Raise) -> Vec<Blob> {
    let mut raised = written.to_vec();
    for blob in &mut raised {
        backdate(blob);
        if raise.is_for(blob) && !blob.name.contains(&ids[KEPT]) {
            let start = content(blob);
            replace(&mut blob.body[start..], WRITTEN, RAISED);
        }
    }
    raised
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
