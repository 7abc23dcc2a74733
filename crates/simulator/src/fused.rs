//! Every port behind a fuse: objects, references, hints, connector and clock.

use crate::fuse::Fuse;
use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use notify::{
    content::Content,
    ids::{BotId, ConversationId, TenantId},
    ports::{
        Answer, Appended, Clock, Connector, Continuation, Etag, Expected, Hint, Hints, Lease, LeaseError,
        Listing, Moment, ObjectStore, Page, Read, ReadIf, ReferenceStore, Selection, StoreError, Stored,
        Version, WriteError, WriteIf,
    },
    recipient::Recipient,
    target::{Record, TargetKey},
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// A port behind a fuse.
pub struct Fused<P: ?Sized> {
    /// The port.
    pub inner: Arc<P>,
    /// The fuse.
    pub fuse: Arc<Fuse>,
}

#[async_trait]
impl ObjectStore for Fused<dyn ObjectStore> {
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

#[async_trait]
impl ReferenceStore for Fused<dyn ReferenceStore> {
    async fn read(&self, key: &TargetKey) -> Result<Option<Stored>, StoreError> {
        self.fuse.guard(self.inner.read(key)).await
    }
    async fn write(
        &self,
        key: &TargetKey,
        record: &Record,
        expected: &Expected,
    ) -> Result<Version, WriteError> {
        self.fuse.guard(self.inner.write(key, record, expected)).await
    }
    async fn erase(&self, key: &TargetKey, version: &Version) -> Result<(), WriteError> {
        self.fuse.guard(self.inner.erase(key, version)).await
    }
    async fn list(&self, selection: &Selection, from: Option<&Continuation>) -> Result<Page, StoreError> {
        self.fuse.guard(self.inner.list(selection, from)).await
    }
    async fn sweep(&self, bot: &BotId, now: Timestamp, most: usize) -> Result<usize, StoreError> {
        self.fuse.guard(self.inner.sweep(bot, now, most)).await
    }
    async fn tenants(&self, bot: &BotId) -> Result<Vec<TenantId>, StoreError> {
        self.fuse.guard(self.inner.tenants(bot)).await
    }
}

#[async_trait]
impl Hints for Fused<dyn Hints> {
    async fn send(&self, hint: Hint, delay: Duration) {
        self.fuse.guard(self.inner.send(hint, delay)).await;
    }
}

#[async_trait]
impl Connector for Fused<dyn Connector> {
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
        self.fuse.guard(self.inner.sleep_until(moment)).await;
    }
}
