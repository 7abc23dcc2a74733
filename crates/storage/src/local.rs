//! Objects in a directory, with Azure's semantics, for one process: `dev`, and `serve` with the file store.
//!
//! Every object is a file that a rename brings into being, or an append file whose frames carry checksums; a kill at
//! any instant leaves nothing half done. The index of names is read on first use and kept in memory. Leases live in
//! memory too: the lock file says that no other process has any.

mod appends;
mod blocks;
mod index;
mod leases;
mod names;

use crate::{
    limits,
    lock::ProcessLock,
    open::OpenError,
    private_files::{self, Closing},
};
use async_trait::async_trait;
use bytes::Bytes;
use index::{Index, Known, ObjectFile};
use leases::Leases;
use notify::ports::{
    Appended, Created, Entry, Etag, Lease, LeaseError, Listing, Object, ObjectStore, Read, ReadIf,
    StoreError, WriteError, WriteIf,
};
use std::{
    collections::BTreeMap,
    fs,
    hash::{BuildHasher, RandomState},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

/// Writers of one name wait for each other; names share this many locks.
const STRIPES: usize = 64;

/// Objects in a directory.
pub struct DirectoryObjects {
    inner: Arc<Inner>,
}

impl std::fmt::Debug for DirectoryObjects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DirectoryObjects({})", self.inner.root.display())
    }
}

struct Inner {
    root: PathBuf,
    index: OnceLock<Mutex<Index>>,
    loading: Mutex<()>,
    stripes: [Mutex<()>; STRIPES],
    hasher: RandomState,
    leases: Leases,
    _lock: ProcessLock,
}

impl DirectoryObjects {
    /// Opens the directory, which is made if it is missing. Its content is read on first use.
    ///
    /// # Errors
    /// [`OpenError::Locked`] when another process has it open, [`OpenError::Io`] when the system refuses.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, OpenError> {
        let root = root.into();
        private_files::create_folder(&root).map_err(|e| OpenError::io(&root, e))?;
        let mut closing = Closing::default();
        closing.close(&root);
        closing.report();
        let lock = ProcessLock::take(&root.join(".lock"))?;
        Ok(Self {
            inner: Arc::new(Inner {
                root,
                index: OnceLock::new(),
                loading: Mutex::default(),
                stripes: std::array::from_fn(|_| Mutex::default()),
                hasher: RandomState::new(),
                leases: Leases::default(),
                _lock: lock,
            }),
        })
    }

    /// Files are read and written on threads that may wait.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let inner = self.inner.clone();
        tokio::task::spawn_blocking(move || work(&inner))
            .await
            .map_err(|_| StoreError::unavailable("the process is stopping"))
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn failed(path: &Path, error: &io::Error) -> StoreError {
    StoreError::unavailable(format!("{}: {error}", path.display()))
}

impl Inner {
    fn index(&self) -> Result<MutexGuard<'_, Index>, StoreError> {
        if let Some(index) = self.index.get() {
            return Ok(held(index));
        }
        let _alone = held(&self.loading);
        if self.index.get().is_none() {
            let loaded = index::load(&self.root).map_err(|e| failed(&self.root, &e))?;
            let _ = self.index.set(Mutex::new(loaded));
        }
        self.index
            .get()
            .map(held)
            .ok_or_else(|| StoreError::unavailable("the directory could not be read"))
    }

    fn stripe(&self, name: &str) -> MutexGuard<'_, ()> {
        let at = self.hasher.hash_one(name) as usize % STRIPES;
        held(&self.stripes[at])
    }

    fn known(&self, name: &str) -> Result<Option<Known>, StoreError> {
        Ok(self.index()?.get(name).cloned())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(names::path_of(name))
    }

    fn read(&self, name: &str, when: &ReadIf, offset: u64, length: u64) -> Result<Read, StoreError> {
        limits::check_name(name)?;
        // A writer between its rename and its note in the index shows as another version: then wait for it.
        if let Some(answer) = self.read_now(name, when, offset, length)? {
            return Ok(answer);
        }
        let _alone = self.stripe(name);
        self.read_now(name, when, offset, length)?.ok_or_else(|| {
            StoreError::Damaged(format!(
                "{}: it was changed from outside",
                self.path(name).display()
            ))
        })
    }

    fn read_now(
        &self,
        name: &str,
        when: &ReadIf,
        offset: u64,
        length: u64,
    ) -> Result<Option<Read>, StoreError> {
        let Some(known) = self.known(name)? else {
            return Ok(Some(Read::Missing));
        };
        if matches!(when, ReadIf::Changed(etag) if *etag == known.etag) {
            return Ok(Some(Read::Unchanged));
        }
        let path = self.path(name);
        let body = match &known.file {
            ObjectFile::Block => blocks::read(&path, &known.etag, offset, length),
            ObjectFile::Append(frames) => appends::read(&path, frames, offset, length).map(Some),
            ObjectFile::Damaged(problem) => {
                return Err(StoreError::Damaged(format!("{}: {problem}", path.display())));
            }
        };
        match body {
            Ok(body) => Ok(body.map(|body| {
                Read::Found(Object {
                    body,
                    metadata: known.metadata,
                    etag: known.etag,
                })
            })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(&path, &error)),
        }
    }

    fn check(&self, name: &str, known: Option<&Known>, when: &WriteIf) -> Result<(), WriteError> {
        if let Some(Known {
            file: ObjectFile::Damaged(problem),
            ..
        }) = known
        {
            return Err(StoreError::Damaged(format!("{}: {problem}", self.path(name).display())).into());
        }
        let holds = match (when, known) {
            (WriteIf::Any, _) | (WriteIf::Absent, None) => true,
            (WriteIf::Version(etag), Some(known)) => *etag == known.etag,
            (WriteIf::Absent, Some(_)) | (WriteIf::Version(_), None) => false,
        };
        if holds && !self.leases.is_leased(name) {
            Ok(())
        } else {
            Err(WriteError::Conflict)
        }
    }

    /// Writes the object's file and then its place in the index. The caller holds the stripe.
    fn store(&self, name: &str, body: &[u8], metadata: BTreeMap<String, String>) -> Result<Etag, StoreError> {
        let path = self.path(name);
        self.leave_strangers_alone(name, &path)?;
        let etag = blocks::write(&path, name, body, &metadata).map_err(|e| failed(&path, &e))?;
        let known = Known {
            etag: etag.clone(),
            metadata,
            length: body.len() as u64,
            file: ObjectFile::Block,
        };
        self.index()?.insert(name.to_owned(), known);
        Ok(etag)
    }

    /// A file in the object's place that is not in the index could not be read: it is not overwritten.
    fn leave_strangers_alone(&self, name: &str, path: &Path) -> Result<(), StoreError> {
        if self.known(name)?.is_none() && path.exists() {
            let problem = format!(
                "{}: it can't be read; move it away to write {name:?}",
                path.display()
            );
            return Err(StoreError::Damaged(problem));
        }
        Ok(())
    }

    fn append(&self, name: &str, position: u64, body: &[u8]) -> Result<Appended, StoreError> {
        limits::check_name(name)?;
        limits::check_append(body.len())?;
        let _alone = self.stripe(name);
        let Some(known) = self.known(name)? else {
            return Ok(Appended::Missing);
        };
        let ObjectFile::Append(frames) = &known.file else {
            return Err(StoreError::Refused(format!("{name:?} takes no appends")));
        };
        if self.leases.is_leased(name) {
            return Err(StoreError::Refused(format!("{name:?} is leased")));
        }
        if known.length != position {
            return Ok(Appended::Elsewhere);
        }
        limits::check_appends(frames.count())?;
        let path = self.path(name);
        let frames = appends::append(&path, frames, body).map_err(|e| failed(&path, &e))?;
        let length = position + body.len() as u64;
        let known = Known {
            etag: appends::etag(&frames, length),
            length,
            file: ObjectFile::Append(frames),
            ..known
        };
        self.index()?.insert(name.to_owned(), known);
        self.leases.forget(name);
        Ok(Appended::At(length))
    }

    fn create_append(&self, name: &str) -> Result<Created, StoreError> {
        limits::check_name(name)?;
        let _alone = self.stripe(name);
        if self.known(name)?.is_some() {
            return Ok(Created::AlreadyThere);
        }
        let path = self.path(name);
        self.leave_strangers_alone(name, &path)?;
        let frames = appends::create(&path, name).map_err(|e| failed(&path, &e))?;
        let known = Known {
            etag: appends::etag(&frames, 0),
            metadata: BTreeMap::new(),
            length: 0,
            file: ObjectFile::Append(frames),
        };
        self.index()?.insert(name.to_owned(), known);
        Ok(Created::Ours)
    }

    fn delete(&self, name: &str, when: &WriteIf) -> Result<(), WriteError> {
        limits::check_name(name)?;
        limits::check_delete(when)?;
        let _alone = self.stripe(name);
        let known = self.known(name)?;
        self.check(name, known.as_ref(), when)?;
        if known.is_some() {
            self.remove(name)?;
        }
        Ok(())
    }

    fn delete_leased(&self, lease: &Lease) -> Result<(), LeaseError> {
        limits::check_name(&lease.name)?;
        let _alone = self.stripe(&lease.name);
        if self.known(&lease.name)?.is_none() {
            return Err(LeaseError::Missing);
        }
        if !self.leases.is_held(lease) {
            return Err(LeaseError::Lost);
        }
        Ok(self.remove(&lease.name)?)
    }

    /// Removes the object's file and then its place in the index. The caller holds the stripe.
    fn remove(&self, name: &str) -> Result<(), StoreError> {
        let path = self.path(name);
        fs::remove_file(&path)
            .and_then(|()| crate::durable::sync_folder_of(&path))
            .map_err(|e| failed(&path, &e))?;
        self.leases.forget(name);
        self.index()?.remove(name);
        Ok(())
    }

    fn list(&self, prefix: &str, from: Option<&str>, limit: u32) -> Result<Listing, StoreError> {
        limits::check_page(limit)?;
        Ok(index::page(&*self.index()?, prefix, from, limit as usize))
    }
}

#[async_trait]
impl ObjectStore for DirectoryObjects {
    async fn read(&self, name: &str, when: ReadIf) -> Result<Read, StoreError> {
        let name = name.to_owned();
        self.blocking(move |inner| inner.read(&name, &when, 0, u64::MAX))
            .await?
    }

    async fn read_range(&self, name: &str, offset: u64, length: u64) -> Result<Read, StoreError> {
        let name = name.to_owned();
        self.blocking(move |inner| inner.read(&name, &ReadIf::Any, offset, length))
            .await?
    }

    async fn write(
        &self,
        name: &str,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
        when: WriteIf,
    ) -> Result<Etag, WriteError> {
        limits::check_name(name)?;
        limits::check_metadata(metadata)?;
        limits::check_body(body.len())?;
        let (name, metadata) = (name.to_owned(), metadata.clone());
        self.blocking(move |inner| {
            let _alone = inner.stripe(&name);
            inner.check(&name, inner.known(&name)?.as_ref(), &when)?;
            let etag = inner.store(&name, &body, metadata)?;
            inner.leases.forget(&name);
            Ok(etag)
        })
        .await?
    }

    async fn write_leased(
        &self,
        lease: &Lease,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
    ) -> Result<Etag, LeaseError> {
        limits::check_name(&lease.name)?;
        limits::check_metadata(metadata)?;
        limits::check_body(body.len())?;
        let (lease, metadata) = (lease.clone(), metadata.clone());
        self.blocking(move |inner| {
            let _alone = inner.stripe(&lease.name);
            if inner.known(&lease.name)?.is_none() {
                return Err(LeaseError::Missing);
            }
            if !inner.leases.is_held(&lease) {
                return Err(LeaseError::Lost);
            }
            Ok(inner.store(&lease.name, &body, metadata)?)
        })
        .await?
    }

    async fn delete(&self, name: &str, when: WriteIf) -> Result<(), WriteError> {
        let name = name.to_owned();
        self.blocking(move |inner| inner.delete(&name, &when)).await?
    }

    async fn delete_leased(&self, lease: &Lease) -> Result<(), LeaseError> {
        let lease = lease.clone();
        self.blocking(move |inner| inner.delete_leased(&lease)).await?
    }

    async fn list(&self, prefix: &str, from: Option<&str>, limit: u32) -> Result<Listing, StoreError> {
        let (prefix, from) = (prefix.to_owned(), from.map(str::to_owned));
        self.blocking(move |inner| inner.list(&prefix, from.as_deref(), limit))
            .await?
    }

    async fn create_append(&self, name: &str) -> Result<Created, StoreError> {
        let name = name.to_owned();
        self.blocking(move |inner| inner.create_append(&name)).await?
    }

    async fn append(&self, name: &str, position: u64, body: Bytes) -> Result<Appended, StoreError> {
        let name = name.to_owned();
        self.blocking(move |inner| inner.append(&name, position, &body))
            .await?
    }

    async fn acquire_lease(&self, name: &str, length: Duration) -> Result<Lease, LeaseError> {
        limits::check_lease(length)?;
        limits::check_name(name)?;
        let wanted = name.to_owned();
        let there = self.blocking(move |inner| inner.known(&wanted)).await??.is_some();
        if !there {
            return Err(LeaseError::Missing);
        }
        self.inner.leases.acquire(name, length)
    }

    async fn renew_lease(&self, lease: &Lease) -> Result<(), LeaseError> {
        limits::check_name(&lease.name)?;
        self.inner.leases.renew(lease)
    }

    async fn release_lease(&self, lease: &Lease) -> Result<(), LeaseError> {
        limits::check_name(&lease.name)?;
        self.inner.leases.release(lease)
    }
}

/// Builds the entry that a listing shows.
fn entry(name: &str, known: &Known) -> Entry {
    Entry {
        name: name.to_owned(),
        etag: known.etag.clone(),
        metadata: known.metadata.clone(),
        length: known.length,
    }
}

#[cfg(test)]
mod tests;
