//! Layers over a store, for tests: one counts requests, one returns short pages.

use async_trait::async_trait;
use bytes::Bytes;
use notify::ports::{
    Appended, Created, Etag, Folders, Lease, LeaseError, Listing, ObjectStore, Read, ReadIf, StoreError,
    WriteError, WriteIf,
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// Operations that went through a [`Counted`] store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Requests {
    /// Listings.
    pub list: u64,
    /// Reads.
    pub read: u64,
    /// Everything else.
    pub other: u64,
}

/// Counts what goes through.
pub struct Counted {
    below: Arc<dyn ObjectStore>,
    list: AtomicU64,
    read: AtomicU64,
    other: AtomicU64,
}

impl std::fmt::Debug for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Counted")
            .field("requests", &self.requests())
            .finish_non_exhaustive()
    }
}

impl Counted {
    /// Counts what goes to `below`.
    pub fn new(below: Arc<dyn ObjectStore>) -> Self {
        Self {
            below,
            list: AtomicU64::default(),
            read: AtomicU64::default(),
            other: AtomicU64::default(),
        }
    }

    /// What went through so far.
    pub fn requests(&self) -> Requests {
        Requests {
            list: self.list.load(Ordering::Relaxed),
            read: self.read.load(Ordering::Relaxed),
            other: self.other.load(Ordering::Relaxed),
        }
    }
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

#[async_trait]
impl ObjectStore for Counted {
    async fn read(&self, name: &str, when: ReadIf) -> Result<Read, StoreError> {
        count(&self.read);
        self.below.read(name, when).await
    }

    async fn read_range(&self, name: &str, offset: u64, length: u64) -> Result<Read, StoreError> {
        count(&self.read);
        self.below.read_range(name, offset, length).await
    }

    async fn write(
        &self,
        name: &str,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
        when: WriteIf,
    ) -> Result<Etag, WriteError> {
        count(&self.other);
        self.below.write(name, body, metadata, when).await
    }

    async fn write_leased(
        &self,
        lease: &Lease,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
    ) -> Result<Etag, LeaseError> {
        count(&self.other);
        self.below.write_leased(lease, body, metadata).await
    }

    async fn delete(&self, name: &str, when: WriteIf) -> Result<(), WriteError> {
        count(&self.other);
        self.below.delete(name, when).await
    }

    async fn delete_leased(&self, lease: &Lease) -> Result<(), LeaseError> {
        count(&self.other);
        self.below.delete_leased(lease).await
    }

    async fn list(&self, prefix: &str, from: Option<&str>, limit: u32) -> Result<Listing, StoreError> {
        count(&self.list);
        self.below.list(prefix, from, limit).await
    }

    async fn folders(&self, prefix: &str, from: Option<&str>, limit: u32) -> Result<Folders, StoreError> {
        count(&self.list);
        self.below.folders(prefix, from, limit).await
    }

    async fn create_append(&self, name: &str) -> Result<Created, StoreError> {
        count(&self.other);
        self.below.create_append(name).await
    }

    async fn append(&self, name: &str, position: u64, body: Bytes) -> Result<Appended, StoreError> {
        count(&self.other);
        self.below.append(name, position, body).await
    }

    async fn acquire_lease(&self, name: &str, length: Duration) -> Result<Lease, LeaseError> {
        count(&self.other);
        self.below.acquire_lease(name, length).await
    }

    async fn renew_lease(&self, lease: &Lease) -> Result<(), LeaseError> {
        count(&self.other);
        self.below.renew_lease(lease).await
    }

    async fn release_lease(&self, lease: &Lease) -> Result<(), LeaseError> {
        count(&self.other);
        self.below.release_lease(lease).await
    }
}

/// Returns pages of at most three names, and an empty one before each, as a busy service may.
pub struct ShortPages(Arc<dyn ObjectStore>);

impl std::fmt::Debug for ShortPages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ShortPages")
    }
}

impl ShortPages {
    /// Shortens the pages of `below`.
    pub fn new(below: Arc<dyn ObjectStore>) -> Self {
        Self(below)
    }
}

/// Marks a place at which an empty page has been returned.
const EMPTY_PAGE: &str = "\u{1}";

/// What comes next of a listing with short pages.
enum Place<'a> {
    /// A page of the store below.
    Full(Option<&'a str>),
    /// An empty page, and where it goes on after it.
    Empty(String),
}

fn place(from: Option<&str>) -> Place<'_> {
    match from.and_then(|from| from.strip_prefix(EMPTY_PAGE)) {
        Some(from) => Place::Full(Some(from).filter(|from| !from.is_empty())),
        None => Place::Empty(format!("{EMPTY_PAGE}{}", from.unwrap_or_default())),
    }
}

#[async_trait]
impl ObjectStore for ShortPages {
    async fn list(&self, prefix: &str, from: Option<&str>, limit: u32) -> Result<Listing, StoreError> {
        match place(from) {
            Place::Full(from) => self.0.list(prefix, from, limit.min(3)).await,
            Place::Empty(next) => Ok(Listing {
                entries: Vec::new(),
                next: Some(next),
            }),
        }
    }

    async fn folders(&self, prefix: &str, from: Option<&str>, limit: u32) -> Result<Folders, StoreError> {
        match place(from) {
            Place::Full(from) => self.0.folders(prefix, from, limit.min(3)).await,
            Place::Empty(next) => Ok(Folders {
                names: Vec::new(),
                next: Some(next),
            }),
        }
    }

    async fn read(&self, name: &str, when: ReadIf) -> Result<Read, StoreError> {
        self.0.read(name, when).await
    }

    async fn read_range(&self, name: &str, offset: u64, length: u64) -> Result<Read, StoreError> {
        self.0.read_range(name, offset, length).await
    }

    async fn write(
        &self,
        name: &str,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
        when: WriteIf,
    ) -> Result<Etag, WriteError> {
        self.0.write(name, body, metadata, when).await
    }

    async fn write_leased(
        &self,
        lease: &Lease,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
    ) -> Result<Etag, LeaseError> {
        self.0.write_leased(lease, body, metadata).await
    }

    async fn delete(&self, name: &str, when: WriteIf) -> Result<(), WriteError> {
        self.0.delete(name, when).await
    }

    async fn delete_leased(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.0.delete_leased(lease).await
    }

    async fn create_append(&self, name: &str) -> Result<Created, StoreError> {
        self.0.create_append(name).await
    }

    async fn append(&self, name: &str, position: u64, body: Bytes) -> Result<Appended, StoreError> {
        self.0.append(name, position, body).await
    }

    async fn acquire_lease(&self, name: &str, length: Duration) -> Result<Lease, LeaseError> {
        self.0.acquire_lease(name, length).await
    }

    async fn renew_lease(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.0.renew_lease(lease).await
    }

    async fn release_lease(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.0.release_lease(lease).await
    }
}
