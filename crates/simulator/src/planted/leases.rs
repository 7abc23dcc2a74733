//! Bugs of the lease.

use super::objects::{Behind, Fault, before_objects};
use async_trait::async_trait;
use bytes::Bytes;
use notify::ports::{Etag, Lease, LeaseError, Ports};
use std::{collections::BTreeMap, time::Duration};

/// A lease that two owners have at once: whoever asks for one that is held gets one that nobody knows of, and it can be
/// renewed and given back.
pub fn lease_of_two_owners(ports: Ports) -> Ports {
    before_objects(ports, Shared)
}

struct Shared;

/// The id of a lease that the store does not know.
const IMAGINED: &str = "imagined";

fn imagined(lease: &Lease) -> bool {
    &*lease.id == IMAGINED
}

#[async_trait]
impl Fault for Shared {
    async fn acquire_lease(&self, store: &Behind, name: &str, length: Duration) -> Result<Lease, LeaseError> {
        match store.acquire_lease(name, length).await {
            Err(LeaseError::Held) => Ok(Lease {
                name: name.to_owned(),
                id: IMAGINED.into(),
            }),
            answer => answer,
        }
    }
    async fn renew_lease(&self, store: &Behind, lease: &Lease) -> Result<(), LeaseError> {
        if imagined(lease) {
            return Ok(());
        }
        store.renew_lease(lease).await
    }
    async fn release_lease(&self, store: &Behind, lease: &Lease) -> Result<(), LeaseError> {
        if imagined(lease) {
            return Ok(());
        }
        store.release_lease(lease).await
    }
    async fn write_leased(
        &self,
        store: &Behind,
        lease: &Lease,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
    ) -> Result<Etag, LeaseError> {
        if imagined(lease) {
            return Ok(Etag("imagined".into()));
        }
        store.write_leased(lease, body, metadata).await
    }
}

/// The lane is handed over while its owner still posts: what should renew the lease gives it back, so that the next
/// owner comes without the second without posts and without the note of what the rate limiter knew.
pub fn handed_over_while_posting(ports: Ports) -> Ports {
    before_objects(ports, GivenBack)
}

struct GivenBack;

#[async_trait]
impl Fault for GivenBack {
    async fn renew_lease(&self, store: &Behind, lease: &Lease) -> Result<(), LeaseError> {
        given_back(store.release_lease(lease).await)
    }
    async fn release_lease(&self, store: &Behind, lease: &Lease) -> Result<(), LeaseError> {
        given_back(store.release_lease(lease).await)
    }
    async fn write_leased(
        &self,
        _: &Behind,
        _: &Lease,
        _: Bytes,
        _: &BTreeMap<String, String>,
    ) -> Result<Etag, LeaseError> {
        Ok(Etag("unwritten".into()))
    }
}

/// It may have been given back before.
fn given_back(answer: Result<(), LeaseError>) -> Result<(), LeaseError> {
    match answer {
        Err(LeaseError::Lost) => Ok(()),
        answer => answer,
    }
}
