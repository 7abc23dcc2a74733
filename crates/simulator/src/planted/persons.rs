//! Bugs of the records of persons.

use super::objects::{Behind, Fault, before_objects};
use async_trait::async_trait;
use bytes::Bytes;
use notify::ports::{Etag, Listing, Ports, StoreError, WriteError, WriteIf};
use std::collections::BTreeMap;

/// What a person wants is confirmed, and nothing is stored.
pub fn preference_not_stored(ports: Ports) -> Ports {
    before_objects(ports, NotStored)
}

struct NotStored;

#[async_trait]
impl Fault for NotStored {
    async fn write(
        &self,
        store: &Behind,
        name: &str,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
        when: WriteIf,
    ) -> Result<Etag, WriteError> {
        match name.starts_with("persons/") {
            true => Ok(Etag("unwritten".into())),
            false => store.write(name, body, metadata, when).await,
        }
    }
}

/// Whoever sends never reads what persons want.
pub fn opt_outs_unheard(ports: Ports) -> Ports {
    before_objects(ports, Unheard)
}

struct Unheard;

#[async_trait]
impl Fault for Unheard {
    async fn list(
        &self,
        store: &Behind,
        prefix: &str,
        from: Option<&str>,
        limit: u32,
    ) -> Result<Listing, StoreError> {
        match prefix.starts_with("persons/") {
            true => Ok(Listing {
                entries: Vec::new(),
                next: None,
            }),
            false => store.list(prefix, from, limit).await,
        }
    }
}
