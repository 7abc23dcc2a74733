//! Storage in memory with Azure Blob Storage's semantics and limits: ETags, conditional writes, append positions, leases.
//! For tests and the simulator. No faults in here: whoever wants them wraps it.

use crate::limits;
use async_trait::async_trait;
use bytes::Bytes;
use notify::ports::{
    Appended, Clock, Created, Entry, Etag, Lease, LeaseError, Listing, ObjectStore, Read, ReadIf, StoreError,
    WriteError, WriteIf,
};
use std::{
    collections::BTreeMap,
    ops::Bound,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

mod blob;
mod references;
use blob::{Blob, Content};
pub use references::MemoryReferences;

/// A container in memory.
pub struct MemoryObjects {
    state: Mutex<State>,
    clock: Arc<dyn Clock>,
    page: u32,
}

#[derive(Default)]
struct State {
    blobs: BTreeMap<String, Blob>,
    writes: u64,
    leases: u64,
}

impl State {
    fn etag(&mut self) -> Etag {
        self.writes += 1;
        Etag(format!("\"0x{:016X}\"", self.writes).into())
    }
}

impl MemoryObjects {
    /// An empty container; leases run on `clock`.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            state: Mutex::default(),
            clock,
            page: limits::MAX_PAGE,
        }
    }

    /// Lets no page of a listing hold more than `names`, as a busy service does. For tests of callers.
    #[must_use]
    pub fn with_short_pages(mut self, names: u32) -> Self {
        self.page = names.clamp(1, limits::MAX_PAGE);
        self
    }

    /// Number of objects whose names begin with `prefix`. For tests.
    pub fn count(&self, prefix: &str) -> usize {
        self.state()
            .blobs
            .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
            .take_while(|(name, _)| name.starts_with(prefix))
            .count()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a write without a lease may go ahead.
fn admit(blob: Option<&Blob>, when: &WriteIf, now: notify::ports::Moment) -> Result<(), WriteError> {
    let holds = match (when, blob) {
        (WriteIf::Any, _) | (WriteIf::Absent, None) => true,
        (WriteIf::Version(known), Some(blob)) => *known == blob.etag,
        (WriteIf::Absent, Some(_)) | (WriteIf::Version(_), None) => false,
    };
    if !holds || blob.is_some_and(|blob| blob.is_leased(now)) {
        return Err(WriteError::Conflict);
    }
    Ok(())
}

#[async_trait]
impl ObjectStore for MemoryObjects {
    async fn read(&self, name: &str, when: ReadIf) -> Result<Read, StoreError> {
        limits::check_name(name)?;
        let state = self.state();
        Ok(match (state.blobs.get(name), when) {
            (None, _) => Read::Missing,
            (Some(blob), ReadIf::Changed(known)) if blob.etag == known => Read::Unchanged,
            (Some(blob), _) => Read::Found(blob.object(0, u64::MAX)),
        })
    }

    async fn read_range(&self, name: &str, offset: u64, length: u64) -> Result<Read, StoreError> {
        limits::check_name(name)?;
        let state = self.state();
        Ok(match state.blobs.get(name) {
            None => Read::Missing,
            Some(blob) => Read::Found(blob.object(offset, length)),
        })
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
        let now = self.clock.now();
        let mut state = self.state();
        admit(state.blobs.get(name), &when, now)?;
        let etag = state.etag();
        let blob = Blob::new(Content::Whole(body), metadata.clone(), etag.clone());
        state.blobs.insert(name.to_owned(), blob);
        Ok(etag)
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
        let now = self.clock.now();
        let mut state = self.state();
        let etag = state.etag();
        let blob = state.blobs.get_mut(&lease.name).ok_or(LeaseError::Missing)?;
        if !blob.is_leased(now) || !blob.is_lease(&lease.id) {
            return Err(LeaseError::Lost);
        }
        blob.replace(body, metadata.clone(), etag.clone());
        Ok(etag)
    }

    async fn delete(&self, name: &str, when: WriteIf) -> Result<(), WriteError> {
        limits::check_name(name)?;
        limits::check_delete(&when)?;
        let now = self.clock.now();
        let mut state = self.state();
        admit(state.blobs.get(name), &when, now)?;
        state.blobs.remove(name);
        Ok(())
    }

    async fn delete_leased(&self, lease: &Lease) -> Result<(), LeaseError> {
        limits::check_name(&lease.name)?;
        let now = self.clock.now();
        let mut state = self.state();
        let blob = state.blobs.get(&lease.name).ok_or(LeaseError::Missing)?;
        if !blob.is_leased(now) || !blob.is_lease(&lease.id) {
            return Err(LeaseError::Lost);
        }
        state.blobs.remove(&lease.name);
        Ok(())
    }

    async fn list(&self, prefix: &str, from: Option<&str>, limit: u32) -> Result<Listing, StoreError> {
        limits::check_page(limit)?;
        let limit = limit.min(self.page) as usize;
        let start = match from {
            Some(last) if last >= prefix => Bound::Excluded(last),
            _ => Bound::Included(prefix),
        };
        let state = self.state();
        let mut entries: Vec<Entry> = state
            .blobs
            .range::<str, _>((start, Bound::Unbounded))
            .take_while(|(name, _)| name.starts_with(prefix))
            .take(limit + 1)
            .map(|(name, blob)| blob.entry(name))
            .collect();
        let more = entries.len() > limit;
        entries.truncate(limit);
        let next = if more {
            entries.last().map(|entry| entry.name.clone())
        } else {
            None
        };
        Ok(Listing { entries, next })
    }

    async fn create_append(&self, name: &str) -> Result<Created, StoreError> {
        limits::check_name(name)?;
        let mut state = self.state();
        if state.blobs.contains_key(name) {
            return Ok(Created::AlreadyThere);
        }
        let etag = state.etag();
        let blob = Blob::new(Content::appendable(), BTreeMap::new(), etag);
        state.blobs.insert(name.to_owned(), blob);
        Ok(Created::Ours)
    }

    async fn append(&self, name: &str, position: u64, body: Bytes) -> Result<Appended, StoreError> {
        limits::check_name(name)?;
        limits::check_append(body.len())?;
        let now = self.clock.now();
        let mut state = self.state();
        let etag = state.etag();
        let Some(blob) = state.blobs.get_mut(name) else {
            return Ok(Appended::Missing);
        };
        if blob.is_leased(now) {
            return Err(StoreError::Refused(format!("{name:?} is leased")));
        }
        let appended = blob.append(name, position, &body)?;
        if let Appended::At(_) = appended {
            blob.etag = etag;
        }
        Ok(appended)
    }

    async fn acquire_lease(&self, name: &str, length: Duration) -> Result<Lease, LeaseError> {
        limits::check_lease(length)?;
        limits::check_name(name)?;
        let now = self.clock.now();
        let mut state = self.state();
        state.leases += 1;
        let id: Arc<str> = format!("lease-{}", state.leases).into();
        let blob = state.blobs.get_mut(name).ok_or(LeaseError::Missing)?;
        if blob.is_leased(now) {
            return Err(LeaseError::Held);
        }
        blob.lease(id.clone(), length, now);
        Ok(Lease {
            name: name.to_owned(),
            id,
        })
    }

    async fn renew_lease(&self, lease: &Lease) -> Result<(), LeaseError> {
        limits::check_name(&lease.name)?;
        let now = self.clock.now();
        let mut state = self.state();
        let blob = state.blobs.get_mut(&lease.name).ok_or(LeaseError::Missing)?;
        if blob.renew(&lease.id, now) {
            Ok(())
        } else {
            Err(LeaseError::Lost)
        }
    }

    async fn release_lease(&self, lease: &Lease) -> Result<(), LeaseError> {
        limits::check_name(&lease.name)?;
        let mut state = self.state();
        let blob = state.blobs.get_mut(&lease.name).ok_or(LeaseError::Missing)?;
        if blob.release(&lease.id) {
            Ok(())
        } else {
            Err(LeaseError::Lost)
        }
    }
}

#[cfg(test)]
mod tests;
