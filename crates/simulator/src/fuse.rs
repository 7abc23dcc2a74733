//! Kills a process at a call to a port, before or after the call's effect. A killed process never gets an answer; its
//! task is dropped by the world.

use async_trait::async_trait;
use bytes::Bytes;
use notify::{
    content::Content,
    ids::ConversationId,
    ports::{
        Answer, Appended, Connector, Etag, Lease, LeaseError, Listing, ObjectStore, Read, ReadIf, StoreError,
        WriteError, WriteIf,
    },
    recipient::Recipient,
};
use std::{
    collections::BTreeMap,
    future::{Future, pending},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::Notify;

/// When a process dies, relative to the call's effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The effect never happens.
    Before,
    /// It happens, but nobody hears of it.
    After,
}

/// Counts a process's calls and burns at one of them.
#[derive(Debug)]
pub struct Fuse {
    calls: AtomicU64,
    burns_at: Option<(u64, When)>,
    burnt: AtomicBool,
    signal: Notify,
}

impl Fuse {
    /// A fuse that burns at call number `at` (from 0), or never.
    pub fn new(burns_at: Option<(u64, When)>) -> Arc<Self> {
        Arc::new(Self {
            calls: AtomicU64::new(0),
            burns_at,
            burnt: AtomicBool::new(false),
            signal: Notify::new(),
        })
    }

    /// Calls so far.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Returns when it has burnt.
    pub async fn burnt(&self) {
        while !self.burnt.load(Ordering::Relaxed) {
            self.signal.notified().await;
        }
    }

    async fn guard<T>(&self, call: impl Future<Output = T>) -> T {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        if self.burnt.load(Ordering::Relaxed) {
            return pending().await;
        }
        match self.burns_at {
            Some((at, When::Before)) if at == number => self.burn().await,
            Some((at, When::After)) if at == number => {
                call.await;
                self.burn().await
            }
            _ => call.await,
        }
    }

    async fn burn<T>(&self) -> T {
        self.burnt.store(true, Ordering::Relaxed);
        self.signal.notify_one();
        pending().await
    }
}

/// A store behind a fuse.
pub struct FusedObjects {
    /// The store.
    pub inner: Arc<dyn ObjectStore>,
    /// The fuse.
    pub fuse: Arc<Fuse>,
}

#[async_trait]
impl ObjectStore for FusedObjects {
    async fn read(&self, name: &str, when: ReadIf) -> Result<Read, StoreError> {
        self.fuse.guard(self.inner.read(name, when)).await
    }
    async fn read_range(&self, name: &str, offset: u64, length: u64) -> Result<Read, StoreError> {
        self.fuse.guard(self.inner.read_range(name, offset, length)).await
    }
    async fn write(
        &self,
        name: &str,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
        when: WriteIf,
    ) -> Result<Etag, WriteError> {
        self.fuse
            .guard(self.inner.write(name, body, metadata, when))
            .await
    }
    async fn write_leased(&self, lease: &Lease, body: Bytes) -> Result<Etag, LeaseError> {
        self.fuse.guard(self.inner.write_leased(lease, body)).await
    }
    async fn delete(&self, name: &str, when: WriteIf) -> Result<(), WriteError> {
        self.fuse.guard(self.inner.delete(name, when)).await
    }
    async fn list(&self, prefix: &str, from: Option<&str>, limit: u32) -> Result<Listing, StoreError> {
        self.fuse.guard(self.inner.list(prefix, from, limit)).await
    }
    async fn create_append(&self, name: &str) -> Result<(), StoreError> {
        self.fuse.guard(self.inner.create_append(name)).await
    }
    async fn append(&self, name: &str, position: u64, body: Bytes) -> Result<Appended, StoreError> {
        self.fuse.guard(self.inner.append(name, position, body)).await
    }
    async fn acquire_lease(&self, name: &str, length: Duration) -> Result<Lease, LeaseError> {
        self.fuse.guard(self.inner.acquire_lease(name, length)).await
    }
    async fn renew_lease(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.fuse.guard(self.inner.renew_lease(lease)).await
    }
    async fn release_lease(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.fuse.guard(self.inner.release_lease(lease)).await
    }
}

/// Teams behind a fuse.
pub struct FusedConnector {
    /// Teams.
    pub inner: Arc<dyn Connector>,
    /// The fuse.
    pub fuse: Arc<Fuse>,
}

#[async_trait]
impl Connector for FusedConnector {
    async fn post(&self, to: &Recipient, content: &Content) -> Answer {
        self.fuse.guard(self.inner.post(to, content)).await
    }
    async fn open(&self, to: &Recipient) -> Result<ConversationId, Answer> {
        self.fuse.guard(self.inner.open(to)).await
    }
    async fn update(&self, to: &Recipient, content: &Content) -> Answer {
        self.fuse.guard(self.inner.update(to, content)).await
    }
    async fn delete(&self, to: &Recipient) -> Answer {
        self.fuse.guard(self.inner.delete(to)).await
    }
}
