//! Stores at the other end of a wire.

#![allow(
    clippy::redundant_locals,
    reason = "the macro names all that goes along, whether it is changed or not"
)]

use crate::{tally::Operation, wire::Wire};
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
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// A store behind a wire.
pub struct Remote<P: ?Sized> {
    /// The store.
    pub inner: Arc<P>,
    /// The way there.
    pub wire: Arc<Wire>,
}

/// Sends one request: clones what it needs, so that it arrives whatever becomes of the caller.
macro_rules! send {
    ($self:ident, $operation:ident, ($($name:ident = $value:expr),*), $call:expr) => {{
        let inner = $self.inner.clone();
        $(let $name = $value;)*
        $self
            .wire
            .send(Operation::$operation, move || {
                let inner = inner.clone();
                $(let $name = $name.clone();)*
                async move { $call(inner, $($name),*).await }
            })
            .await
    }};
}

type Objects = Arc<dyn ObjectStore>;
type References = Arc<dyn ReferenceStore>;

#[async_trait]
impl ObjectStore for Remote<dyn ObjectStore> {
    async fn read(&self, name: &str, when: ReadIf) -> Result<Read, StoreError> {
        send!(
            self,
            Read,
            (name = name.to_owned(), when = when),
            async |store: Objects, name: String, when| { store.read(&name, when).await }
        )
    }
    async fn read_range(&self, name: &str, offset: u64, length: u64) -> Result<Read, StoreError> {
        send!(
            self,
            Read,
            (name = name.to_owned()),
            async |store: Objects, name: String| { store.read_range(&name, offset, length).await }
        )
    }
    async fn write(
        &self,
        name: &str,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
        when: WriteIf,
    ) -> Result<Etag, WriteError> {
        send!(
            self,
            Write,
            (
                name = name.to_owned(),
                body = body,
                metadata = metadata.clone(),
                when = when
            ),
            async |store: Objects, name: String, body, metadata: BTreeMap<String, String>, when| {
                store.write(&name, body, &metadata, when).await
            }
        )
    }
    async fn write_leased(
        &self,
        lease: &Lease,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
    ) -> Result<Etag, LeaseError> {
        send!(
            self,
            Write,
            (lease = lease.clone(), body = body, metadata = metadata.clone()),
            async |store: Objects, lease: Lease, body, metadata: BTreeMap<String, String>| {
                store.write_leased(&lease, body, &metadata).await
            }
        )
    }
    async fn delete(&self, name: &str, when: WriteIf) -> Result<(), WriteError> {
        send!(
            self,
            Delete,
            (name = name.to_owned(), when = when),
            async |store: Objects, name: String, when| { store.delete(&name, when).await }
        )
    }
    async fn delete_leased(&self, lease: &Lease) -> Result<(), LeaseError> {
        send!(
            self,
            Delete,
            (lease = lease.clone()),
            async |store: Objects, lease: Lease| { store.delete_leased(&lease).await }
        )
    }
    async fn list(&self, prefix: &str, from: Option<&str>, limit: u32) -> Result<Listing, StoreError> {
        send!(
            self,
            List,
            (prefix = prefix.to_owned(), from = from.map(str::to_owned)),
            async |store: Objects, prefix: String, from: Option<String>| {
                store.list(&prefix, from.as_deref(), limit).await
            }
        )
    }
    async fn create_append(&self, name: &str) -> Result<Created, StoreError> {
        send!(
            self,
            Write,
            (name = name.to_owned()),
            async |store: Objects, name: String| { store.create_append(&name).await }
        )
    }
    async fn append(&self, name: &str, position: u64, body: Bytes) -> Result<Appended, StoreError> {
        send!(
            self,
            Append,
            (name = name.to_owned(), body = body),
            async |store: Objects, name: String, body| { store.append(&name, position, body).await }
        )
    }
    async fn acquire_lease(&self, name: &str, length: Duration) -> Result<Lease, LeaseError> {
        send!(
            self,
            Lease,
            (name = name.to_owned()),
            async |store: Objects, name: String| { store.acquire_lease(&name, length).await }
        )
    }
    async fn renew_lease(&self, lease: &Lease) -> Result<(), LeaseError> {
        send!(
            self,
            Lease,
            (lease = lease.clone()),
            async |store: Objects, lease: Lease| { store.renew_lease(&lease).await }
        )
    }
    async fn release_lease(&self, lease: &Lease) -> Result<(), LeaseError> {
        send!(
            self,
            Lease,
            (lease = lease.clone()),
            async |store: Objects, lease: Lease| { store.release_lease(&lease).await }
        )
    }
}

#[async_trait]
impl ReferenceStore for Remote<dyn ReferenceStore> {
    async fn read(&self, key: &TargetKey) -> Result<Option<Stored>, StoreError> {
        send!(
            self,
            Read,
            (key = key.clone()),
            async |store: References, key: TargetKey| { store.read(&key).await }
        )
    }
    async fn write(
        &self,
        key: &TargetKey,
        record: &ReferenceRecord,
        expected: &Expected,
    ) -> Result<Version, WriteError> {
        send!(
            self,
            Write,
            (
                key = key.clone(),
                record = record.clone(),
                expected = expected.clone()
            ),
            async |store: References, key: TargetKey, record: ReferenceRecord, expected: Expected| {
                store.write(&key, &record, &expected).await
            }
        )
    }
    async fn erase(&self, key: &TargetKey, version: &Version) -> Result<(), WriteError> {
        send!(
            self,
            Delete,
            (key = key.clone(), version = version.clone()),
            async |store: References, key: TargetKey, version: Version| { store.erase(&key, &version).await }
        )
    }
    async fn list(&self, selection: &Selection, from: Option<&Continuation>) -> Result<Page, StoreError> {
        send!(
            self,
            List,
            (selection = selection.clone(), from = from.cloned()),
            async |store: References, selection: Selection, from: Option<Continuation>| {
                store.list(&selection, from.as_ref()).await
            }
        )
    }
    async fn find_person(
        &self,
        bot: &BotId,
        tenant: &TenantId,
        person: &PersonKey,
    ) -> Result<Vec<Listed>, StoreError> {
        send!(
            self,
            Read,
            (
                bot = bot.clone(),
                tenant = tenant.clone(),
                person = person.clone()
            ),
            async |store: References, bot: BotId, tenant: TenantId, person: PersonKey| {
                store.find_person(&bot, &tenant, &person).await
            }
        )
    }
    async fn purge_tombstones(&self, bot: &BotId, now: Timestamp, most: usize) -> Result<usize, StoreError> {
        send!(
            self,
            List,
            (bot = bot.clone()),
            async |store: References, bot: BotId| { store.purge_tombstones(&bot, now, most).await }
        )
    }
    async fn tenants(&self, bot: &BotId) -> Result<Vec<TenantId>, StoreError> {
        send!(
            self,
            List,
            (bot = bot.clone()),
            async |store: References, bot: BotId| { store.tenants(&bot).await }
        )
    }
}
