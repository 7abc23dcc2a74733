//! Storage as the lane and the planner need it: conditional blobs, append blobs, listings, leases.
//! The semantics are Azure Blob Storage's; every backend passes the same conformance suite.

use super::StoreError;
use async_trait::async_trait;
use bytes::Bytes;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// Version of an object; changes with every write.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Etag(pub Arc<str>);

/// When a read is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadIf {
    /// Always.
    Any,
    /// Only if it is no longer this version.
    Changed(Etag),
}

/// When a write may happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteIf {
    /// Always.
    Any,
    /// Only if nothing is there.
    Absent,
    /// Only if it is still this version.
    Version(Etag),
}

/// Whose object is there after a creation that leaves an existing one as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    /// This call made it.
    Ours,
    /// It was there before, as far as the store says.
    AlreadyThere,
}

/// An object that was read. `Debug` prints sizes only.
#[derive(Clone, PartialEq, Eq)]
pub struct Object {
    /// Content; for an append object all that was appended.
    pub body: Bytes,
    /// Small named texts beside the content: ASCII, at most 8,192 bytes with their names.
    pub metadata: BTreeMap<String, String>,
    /// Version read.
    pub etag: Etag,
}

impl std::fmt::Debug for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Object")
            .field("bytes", &self.body.len())
            .field("metadata", &self.metadata.len())
            .field("etag", &self.etag)
            .finish()
    }
}

/// Answer to a read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// It is there.
    Found(Object),
    /// Nothing by that name.
    Missing,
    /// Still the version that the caller knows.
    Unchanged,
}

/// One name in a listing. `Debug` prints no metadata.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// Full name.
    pub name: String,
    /// Version.
    pub etag: Etag,
    /// Metadata; comes with the listing at no extra request.
    pub metadata: BTreeMap<String, String>,
    /// Bytes of content.
    pub length: u64,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry")
            .field("name", &self.name)
            .field("etag", &self.etag)
            .field("metadata", &self.metadata.len())
            .field("length", &self.length)
            .finish()
    }
}

/// A page of a listing, in order of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Names; a page may be short, also empty, without being the last.
    pub entries: Vec<Entry>,
    /// Where to go on; `None` ends it.
    pub next: Option<String>,
}

/// A page of a listing of one level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    /// Full names, each with the slash at its end; a page may be short, also empty, without being the last.
    pub names: Vec<String>,
    /// Where to go on; `None` ends it.
    pub next: Option<String>,
}

/// Answer to an append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appended {
    /// Written; the object is now so long.
    At(u64),
    /// The object's length is not what the caller stated: someone else appended.
    Elsewhere,
    /// Nothing by that name.
    Missing,
}

/// A held lease. `Debug` prints the name only.
#[derive(Clone, PartialEq, Eq)]
pub struct Lease {
    /// Name of the leased object.
    pub name: String,
    /// Proof of holding.
    pub id: Arc<str>,
}

impl std::fmt::Debug for Lease {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lease({})", self.name)
    }
}

/// Why a lease operation failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LeaseError {
    /// Someone else holds it.
    #[error("the lease is held by someone else")]
    Held,
    /// It is no longer ours.
    #[error("the lease is lost")]
    Lost,
    /// Nothing by that name.
    #[error("there is nothing to lease by that name")]
    Missing,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A container of named objects.
#[async_trait]
pub trait ObjectStore: Send + Sync {
    /// Reads an object.
    async fn read(&self, name: &str, when: ReadIf) -> Result<Read, StoreError>;
    /// Reads `length` bytes from `offset` (fewer at the end); `Missing` if there is none.
    async fn read_range(&self, name: &str, offset: u64, length: u64) -> Result<Read, StoreError>;
    /// Writes a whole object with its metadata.
    ///
    /// # Errors
    /// [`super::WriteError::Conflict`] when the condition does not hold (a repeated request after a lost reply included:
    /// read back and compare).
    async fn write(
        &self,
        name: &str,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
        when: WriteIf,
    ) -> Result<Etag, super::WriteError>;
    /// Writes an object that is leased, with its metadata; only the owner of the lease can.
    async fn write_leased(
        &self,
        lease: &Lease,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
    ) -> Result<Etag, LeaseError>;
    /// Deletes an object; fine when there is none (with [`WriteIf::Any`]).
    async fn delete(&self, name: &str, when: WriteIf) -> Result<(), super::WriteError>;
    /// Deletes an object that is leased, and its lease with it; only the owner of the lease can.
    ///
    /// # Errors
    /// [`LeaseError::Lost`] when the lease isn't ours any more. [`LeaseError::Missing`] when nothing is there: also a
    /// request that was repeated after a lost reply may say so of its own deletion.
    async fn delete_leased(&self, lease: &Lease) -> Result<(), LeaseError>;
    /// Lists names that begin with `prefix`, at most `limit` (1 to 5,000) a page.
    async fn list(&self, prefix: &str, from: Option<&str>, limit: u32) -> Result<Listing, StoreError>;
    /// Lists what lies one level below `prefix`, which ends with a slash: each name up to the next slash once. A folder
    /// may come again on the next page. This default reads a whole listing; a backend that can skip does it better.
    async fn folders(&self, prefix: &str, from: Option<&str>, limit: u32) -> Result<Folders, StoreError> {
        let page = self.list(prefix, from, limit).await?;
        let folder = |name: &str| {
            let end = prefix.len() + name.get(prefix.len()..)?.find('/')? + 1;
            Some(name.get(..end)?.to_owned())
        };
        let mut names: Vec<String> = page
            .entries
            .iter()
            .filter_map(|entry| folder(&entry.name))
            .collect();
        names.dedup();
        Ok(Folders {
            names,
            next: page.next,
        })
    }
    /// Creates an empty append object if there is none by that name. A request that was repeated after a lost reply may
    /// say [`Created::AlreadyThere`] of its own object: [`Created::Ours`] is certain, the other is not.
    async fn create_append(&self, name: &str) -> Result<Created, StoreError>;
    /// Appends, stating the length that the object has now.
    async fn append(&self, name: &str, position: u64, body: Bytes) -> Result<Appended, StoreError>;
    /// Takes a lease of 15 to 60 s on an existing object.
    async fn acquire_lease(&self, name: &str, length: Duration) -> Result<Lease, LeaseError>;
    /// Renews a lease.
    async fn renew_lease(&self, lease: &Lease) -> Result<(), LeaseError>;
    /// Gives a lease back.
    async fn release_lease(&self, lease: &Lease) -> Result<(), LeaseError>;
}
