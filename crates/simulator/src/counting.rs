//! Stores that write down what is asked of them: the operation and the name, in order. It judges nothing.

use crate::tally::Operation;
use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use notify::{
    ids::{BotId, TenantId},
    person::PersonKey,
    ports::{
        Appended, Continuation, Created, Etag, Expected, Lease, LeaseError, Listed, Listing, ObjectStore,
        Page, Read, ReadIf, ReferenceStore, Selection, StoreError, Stored, Version, WriteError, WriteIf,
    },
    target::{ReferenceRecord, TargetKey},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// One request.
pub type Request = (Operation, String);

/// The requests of all stores that share it.
#[derive(Debug, Default)]
pub struct Requests(Mutex<Vec<Request>>);

impl Requests {
    /// All so far.
    pub fn all(&self) -> Vec<Request> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// All since the last time.
    pub fn take(&self) -> Vec<Request> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note(&self, operation: Operation, name: &str) {
        let mut requests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        requests.push((operation, name.to_owned()));
    }
}

/// A store whose requests are written down.
pub struct Counting<P: ?Sized> {
    /// The store.
    pub inner: Arc<P>,
    /// What was asked of it.
    pub requests: Arc<Requests>,
}

#[async_trait]
impl ObjectStore for Counting<dyn ObjectStore> {
    async fn read(&self, name: &str, when: ReadIf) -> Result<Read, StoreError> {
        self.requests.note(Operation::Read, name);
        self.inner.read(name, when).await
    }
    async fn read_range(&self, name: &str, offset: u64, length: u64) -> Result<Read, StoreError> {
        self.requests.note(Operation::Read, name);
        self.inner.read_range(name, offset, length).await
    }
    async fn write(
        &self,
        name: &str,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
        when: WriteIf,
    ) -> Result<Etag, WriteError> {
        self.requests.note(Operation::Write, name);
        self.inner.write(name, body, metadata, when).await
    }
    async fn write_leased(
        &self,
        lease: &Lease,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
    ) -> Result<Etag, LeaseError> {
        self.requests.note(Operation::Write, &lease.name);
        self.inner.write_leased(lease, body, metadata).await
    }
    async fn delete(&self, name: &str, when: WriteIf) -> Result<(), WriteError> {
        self.requests.note(Operation::Delete, name);
        self.inner.delete(name, when).await
    }
    async fn delete_leased(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.requests.note(Operation::Delete, &lease.name);
        self.inner.delete_leased(lease).await
    }
    async fn list(&self, prefix: &str, from: Option<&str>, limit: u32) -> Result<Listing, StoreError> {
        self.requests.note(Operation::List, prefix);
        self.inner.list(prefix, from, limit).await
    }
    async fn create_append(&self, name: &str) -> Result<Created, StoreError> {
        self.requests.note(Operation::Write, name);
        self.inner.create_append(name).await
    }
    async fn append(&self, name: &str, position: u64, body: Bytes) -> Result<Appended, StoreError> {
        self.requests.note(Operation::Append, name);
        self.inner.append(name, position, body).await
    }
    async fn acquire_lease(&self, name: &str, length: Duration) -> Result<Lease, LeaseError> {
        self.requests.note(Operation::Lease, name);
        self.inner.acquire_lease(name, length).await
    }
    async fn renew_lease(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.requests.note(Operation::Lease, &lease.name);
        self.inner.renew_lease(lease).await
    }
    async fn release_lease(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.requests.note(Operation::Lease, &lease.name);
        self.inner.release_lease(lease).await
    }
}

/// Records have no names here: what they are about stands for them.
#[async_trait]
impl ReferenceStore for Counting<dyn ReferenceStore> {
    async fn read(&self, key: &TargetKey) -> Result<Option<Stored>, StoreError> {
        self.requests.note(Operation::Read, key.root.as_str());
        self.inner.read(key).await
    }
    async fn write(
        &self,
        key: &TargetKey,
        record: &ReferenceRecord,
        expected: &Expected,
    ) -> Result<Version, WriteError> {
        self.requests.note(Operation::Write, key.root.as_str());
        self.inner.write(key, record, expected).await
    }
    async fn erase(&self, key: &TargetKey, version: &Version) -> Result<(), WriteError> {
        self.requests.note(Operation::Delete, key.root.as_str());
        self.inner.erase(key, version).await
    }
    async fn list(&self, selection: &Selection, from: Option<&Continuation>) -> Result<Page, StoreError> {
        let tenant = selection.tenant.as_ref().map_or("", TenantId::as_str);
        self.requests.note(Operation::List, tenant);
        self.inner.list(selection, from).await
    }
    async fn find_person(
        &self,
        bot: &BotId,
        tenant: &TenantId,
        person: &PersonKey,
    ) -> Result<Vec<Listed>, StoreError> {
        self.requests.note(Operation::Read, person.as_str());
        self.inner.find_person(bot, tenant, person).await
    }
    async fn purge_tombstones(&self, bot: &BotId, now: Timestamp, most: usize) -> Result<usize, StoreError> {
        self.requests.note(Operation::List, bot.as_str());
        self.inner.purge_tombstones(bot, now, most).await
    }
    async fn tenants(&self, bot: &BotId) -> Result<Vec<TenantId>, StoreError> {
        self.requests.note(Operation::List, bot.as_str());
        self.inner.tenants(bot).await
    }
}
