//! One object in memory: its content, version and lease.

use crate::limits;
use bytes::Bytes;
use notify::ports::{Appended, Entry, Etag, Moment, Object, StoreError};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// What an object holds.
pub(super) enum Content {
    /// Written at once.
    Whole(Bytes),
    /// Grows by appends.
    Appended { bytes: Vec<u8>, appends: usize },
}

impl Content {
    pub(super) fn appendable() -> Self {
        Self::Appended {
            bytes: Vec::new(),
            appends: 0,
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Whole(bytes) => bytes.len(),
            Self::Appended { bytes, .. } => bytes.len(),
        }
    }

    fn slice(&self, offset: u64, length: u64) -> Bytes {
        let end = self.len();
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(end);
        let stop = start
            .saturating_add(usize::try_from(length).unwrap_or(usize::MAX))
            .min(end);
        match self {
            Self::Whole(bytes) => bytes.slice(start..stop),
            Self::Appended { bytes, .. } => Bytes::copy_from_slice(&bytes[start..stop]),
        }
    }
}

struct Held {
    id: Arc<str>,
    length: Duration,
    until: Moment,
}

/// An object.
pub(super) struct Blob {
    pub(super) content: Content,
    pub(super) etag: Etag,
    metadata: BTreeMap<String, String>,
    /// Kept after it has run out: Azure lets its owner renew it as long as nobody wrote or leased meanwhile.
    held: Option<Held>,
}

impl Blob {
    pub(super) fn new(content: Content, metadata: BTreeMap<String, String>, etag: Etag) -> Self {
        Self {
            content,
            etag,
            metadata,
            held: None,
        }
    }

    pub(super) fn object(&self, offset: u64, length: u64) -> Object {
        Object {
            body: self.content.slice(offset, length),
            metadata: self.metadata.clone(),
            etag: self.etag.clone(),
        }
    }

    pub(super) fn entry(&self, name: &str) -> Entry {
        Entry {
            name: name.to_owned(),
            etag: self.etag.clone(),
            metadata: self.metadata.clone(),
            length: self.content.len() as u64,
        }
    }

    /// Replaces content and metadata; the lease stays.
    pub(super) fn replace(&mut self, body: Bytes, metadata: BTreeMap<String, String>, etag: Etag) {
        self.content = Content::Whole(body);
        self.metadata = metadata;
        self.etag = etag;
    }

    pub(super) fn append(&mut self, name: &str, position: u64, body: &[u8]) -> Result<Appended, StoreError> {
        let Content::Appended { bytes, appends } = &mut self.content else {
            return Err(StoreError::Refused(format!("{name:?} takes no appends")));
        };
        if bytes.len() as u64 != position {
            return Ok(Appended::Elsewhere);
        }
        limits::check_appends(*appends)?;
        bytes.extend_from_slice(body);
        *appends += 1;
        self.held = None;
        Ok(Appended::At(bytes.len() as u64))
    }

    pub(super) fn is_leased(&self, now: Moment) -> bool {
        self.held.as_ref().is_some_and(|held| now < held.until)
    }

    pub(super) fn is_lease(&self, id: &str) -> bool {
        self.held.as_ref().is_some_and(|held| *held.id == *id)
    }

    pub(super) fn lease(&mut self, id: Arc<str>, length: Duration, now: Moment) {
        let until = now.after(length);
        self.held = Some(Held { id, length, until });
    }

    pub(super) fn renew(&mut self, id: &str, now: Moment) -> bool {
        match &mut self.held {
            Some(held) if *held.id == *id => {
                held.until = now.after(held.length);
                true
            }
            _ => false,
        }
    }

    pub(super) fn release(&mut self, id: &str) -> bool {
        let ours = self.is_lease(id);
        if ours {
            self.held = None;
        }
        ours
    }
}
