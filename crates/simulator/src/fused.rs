//! Every port behind a fuse and a freezer: objects, references, wake-ups, connector and clock.
//!
//! The composer is none of them, as it neither waits nor acts. Because all ports are here, a process that died does
//! nothing more, whichever task of it is still there: what the domain spawned ([`notify::service::NotificationService::submit`]) waits for
//! a port for ever.

use crate::{freeze::Freezer, fuse::Fuse};
use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use notify::{
    content::Content,
    ids::{BotId, ConversationId, ServiceUrl, TenantId},
    person::PersonKey,
    ports::{
        Answer, Appended, Clock, Connector, Continuation, Created, Etag, Expected, Lease, LeaseError, Listed,
        Listing, Moment, ObjectStore, Page, Read, ReadIf, ReferenceStore, Selection, StoreError, Stored,
        Version, WakeUp, WakeUps, WriteError, WriteIf,
    },
    recipient::Recipient,
    target::{ReferenceRecord, TargetKey},
};
use std::{collections::BTreeMap, future::Future, sync::Arc, time::Duration};

/// A port behind a fuse.
pub struct Fused<P: ?Sized> {
    /// The port.
    pub inner: Arc<P>,
    /// Ends the process.
    pub fuse: Arc<Fuse>,
    /// Freezes it.
    pub freezer: Arc<Freezer>,
}

impl<P: ?Sized> Fused<P> {
    async fn call<T>(&self, call: impl Future<Output = T>) -> T {
        let answer = self.fuse.guard(call).await;
        self.freezer.thawed().await;
        answer
    }
}

#[async_trait]
impl ObjectStore for Fused<dyn ObjectStore> {
    async fn read(&self, name: &str, when: ReadIf) -> Result<Read, StoreError> {
        self.call(self.inner.read(name, when)).await
    }
    async fn read_range(&self, name: &str, offset: u64, length: u64) -> Result<Read, StoreError> {
        self.call(self.inner.read_range(name, offset, length)).await
    }
    async fn write(
        &self,
        name: &str,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
        when: WriteIf,
    ) -> Result<Etag, WriteError> {
        self.call(self.inner.write(name, body, metadata, when)).await
    }
    async fn write_leased(
        &self,
        lease: &Lease,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
    ) -> Result<Etag, LeaseError> {
        self.call(self.inner.write_leased(lease, body, metadata)).await
    }
    async fn delete(&self, name: &str, when: WriteIf) -> Result<(), WriteError> {
        self.call(self.inner.delete(name, when)).await
    }
    async fn delete_leased(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.call(self.inner.delete_leased(lease)).await
    }
    async fn list(&self, prefix: &str, from: Option<&str>, limit: u32) -> Result<Listing, StoreError> {
        self.call(self.inner.list(prefix, from, limit)).await
    }
    async fn create_append(&self, name: &str) -> Result<Created, StoreError> {
        self.call(self.inner.create_append(name)).await
    }
    async fn append(&self, name: &str, position: u64, body: Bytes) -> Result<Appended, StoreError> {
        self.call(self.inner.append(name, position, body)).await
    }
    async fn acquire_lease(&self, name: &str, length: Duration) -> Result<Lease, LeaseError> {
        self.call(self.inner.acquire_lease(name, length)).await
    }
    async fn renew_lease(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.call(self.inner.renew_lease(lease)).await
    }
    async fn release_lease(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.call(self.inner.release_lease(lease)).await
    }
}

#[async_trait]
impl ReferenceStore for Fused<dyn ReferenceStore> {
    async fn read(&self, key: &TargetKey) -> Result<Option<Stored>, StoreError> {
        self.call(self.inner.read(key)).await
    }
    async fn write(
        &self,
        key: &TargetKey,
        record: &ReferenceRecord,
        expected: &Expected,
    ) -> Result<Version, WriteError> {
        self.call(self.inner.write(key, record, expected)).await
    }
    async fn erase(&self, key: &TargetKey, version: &Version) -> Result<(), WriteError> {
        self.call(self.inner.erase(key, version)).await
    }
    async fn list(&self, selection: &Selection, from: Option<&Continuation>) -> Result<Page, StoreError> {
        self.call(self.inner.list(selection, from)).await
    }
    async fn find_person(
        &self,
        bot: &BotId,
        tenant: &TenantId,
        person: &PersonKey,
    ) -> Result<Vec<Listed>, StoreError> {
        self.call(self.inner.find_person(bot, tenant, person)).await
    }
    async fn purge_tombstones(&self, bot: &BotId, now: Timestamp, most: usize) -> Result<usize, StoreError> {
        self.call(self.inner.purge_tombstones(bot, now, most)).await
    }
    async fn tenants(&self, bot: &BotId) -> Result<Vec<TenantId>, StoreError> {
        self.call(self.inner.tenants(bot)).await
    }
}

#[async_trait]
impl WakeUps for Fused<dyn WakeUps> {
    async fn send(&self, wake_up: WakeUp, delay: Duration) {
        self.call(self.inner.send(wake_up, delay)).await;
    }
}

#[async_trait]
impl Connector for Fused<dyn Connector> {
    async fn post(&self, to: &Recipient, content: &Content) -> Answer {
        self.call(self.inner.post(to, content)).await
    }
    async fn open(&self, to: &Recipient) -> Result<ConversationId, Answer> {
        self.call(self.inner.open(to)).await
    }
    async fn update(&self, to: &Recipient, content: &Content) -> Answer {
        self.call(self.inner.update(to, content)).await
    }
    async fn delete(&self, to: &Recipient) -> Answer {
        self.call(self.inner.delete(to)).await
    }
    fn trusts(&self, address: &ServiceUrl) -> bool {
        self.inner.trusts(address)
    }
}

#[async_trait]
impl Clock for Fused<dyn Clock> {
    fn wall(&self) -> Timestamp {
        self.fuse.pass();
        self.inner.wall()
    }
    fn now(&self) -> Moment {
        self.fuse.pass();
        self.inner.now()
    }
    async fn sleep_until(&self, moment: Moment) {
        self.call(self.inner.sleep_until(moment)).await;
    }
}
