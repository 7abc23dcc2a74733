//! An object store in front of another one. A fault says what it does otherwise; all else passes through.

use async_trait::async_trait;
use bytes::Bytes;
use notify::ports::{
    Appended, Created, Etag, Folders, Lease, LeaseError, Listing, ObjectStore, Ports, Read, ReadIf,
    StoreError, WriteError, WriteIf,
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// The store behind.
pub type Behind = Arc<dyn ObjectStore>;

/// What is done otherwise; by default nothing.
#[async_trait]
pub trait Fault: Send + Sync {
    /// Instead of [`ObjectStore::read`].
    async fn read(&self, store: &Behind, name: &str, when: ReadIf) -> Result<Read, StoreError> {
        store.read(name, when).await
    }
    /// Instead of [`ObjectStore::write`].
    async fn write(
        &self,
        store: &Behind,
        name: &str,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
        when: WriteIf,
    ) -> Result<Etag, WriteError> {
        store.write(name, body, metadata, when).await
    }
    /// Instead of [`ObjectStore::write_leased`].
    async fn write_leased(
        &self,
        store: &Behind,
        lease: &Lease,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
    ) -> Result<Etag, LeaseError> {
        store.write_leased(lease, body, metadata).await
    }
    /// Instead of [`ObjectStore::delete`].
    async fn delete(&self, store: &Behind, name: &str, when: WriteIf) -> Result<(), WriteError> {
        store.delete(name, when).await
    }
    /// Instead of [`ObjectStore::list`].
    async fn list(
        &self,
        store: &Behind,
        prefix: &str,
        from: Option<&str>,
        limit: u32,
    ) -> Result<Listing, StoreError> {
        store.list(prefix, from, limit).await
    }
    /// Instead of [`ObjectStore::append`].
    async fn append(
        &self,
        store: &Behind,
        name: &str,
        position: u64,
        body: Bytes,
    ) -> Result<Appended, StoreError> {
        store.append(name, position, body).await
    }
    /// Instead of [`ObjectStore::acquire_lease`].
    async fn acquire_lease(&self, store: &Behind, name: &str, length: Duration) -> Result<Lease, LeaseError> {
        store.acquire_lease(name, length).await
    }
    /// Instead of [`ObjectStore::renew_lease`].
    async fn renew_lease(&self, store: &Behind, lease: &Lease) -> Result<(), LeaseError> {
        store.renew_lease(lease).await
    }
    /// Instead of [`ObjectStore::release_lease`].
    async fn release_lease(&self, store: &Behind, lease: &Lease) -> Result<(), LeaseError> {
        store.release_lease(lease).await
    }
}

/// A store with a fault in front of it.
pub struct Faulty<F> {
    /// The store.
    pub store: Behind,
    /// What is done otherwise.
    pub fault: F,
}

/// The same ports, with a fault in front of the objects.
pub(super) fn before_objects(ports: Ports, fault: impl Fault + 'static) -> Ports {
    Ports {
        objects: Arc::new(Faulty {
            store: ports.objects,
            fault,
        }),
        ..ports
    }
}

#[async_trait]
impl<F: Fault> ObjectStore for Faulty<F> {
    async fn read(&self, name: &str, when: ReadIf) -> Result<Read, StoreError> {
        self.fault.read(&self.store, name, when).await
    }
    async fn read_range(&self, name: &str, offset: u64, length: u64) -> Result<Read, StoreError> {
        self.store.read_range(name, offset, length).await
    }
    async fn write(
        &self,
        name: &str,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
        when: WriteIf,
    ) -> Result<Etag, WriteError> {
        self.fault.write(&self.store, name, body, metadata, when).await
    }
    async fn write_leased(
        &self,
        lease: &Lease,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
    ) -> Result<Etag, LeaseError> {
        self.fault.write_leased(&self.store, lease, body, metadata).await
    }
    async fn delete(&self, name: &str, when: WriteIf) -> Result<(), WriteError> {
        self.fault.delete(&self.store, name, when).await
    }
    async fn delete_leased(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.store.delete_leased(lease).await
    }
    async fn list(&self, prefix: &str, from: Option<&str>, limit: u32) -> Result<Listing, StoreError> {
        self.fault.list(&self.store, prefix, from, limit).await
    }
    async fn folders(&self, prefix: &str, from: Option<&str>, limit: u32) -> Result<Folders, StoreError> {
        self.store.folders(prefix, from, limit).await
    }
    async fn create_append(&self, name: &str) -> Result<Created, StoreError> {
        self.store.create_append(name).await
    }
    async fn append(&self, name: &str, position: u64, body: Bytes) -> Result<Appended, StoreError> {
        self.fault.append(&self.store, name, position, body).await
    }
    async fn acquire_lease(&self, name: &str, length: Duration) -> Result<Lease, LeaseError> {
        self.fault.acquire_lease(&self.store, name, length).await
    }
    async fn renew_lease(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.fault.renew_lease(&self.store, lease).await
    }
    async fn release_lease(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.fault.release_lease(&self.store, lease).await
    }
}
