//! Leases on blobs. The id is proposed by us, so that a request repeated after a lost reply finds its own lease.

use super::{unexpected, with_meaning, within};
use crate::azure::{error::Meaning, transport::BUDGET};
use azure_storage_blob::{
    BlobClient,
    models::{BlobClientAcquireLeaseOptions, BlobClientDeleteOptions},
};
use notify::ports::{Lease, LeaseError};
use std::time::Duration;
use uuid::Uuid;

pub(super) async fn acquire(blob: &BlobClient, name: &str, length: Duration) -> Result<Lease, LeaseError> {
    let id = Uuid::new_v4().to_string();
    let seconds = i32::try_from(length.as_secs()).unwrap_or(60);
    let options = BlobClientAcquireLeaseOptions {
        proposed_lease_id: Some(id.clone()),
        ..BlobClientAcquireLeaseOptions::default()
    };
    let answer = within(BUDGET, async {
        Ok(with_meaning(blob.acquire_lease(seconds, Some(options)).await))
    })
    .await?;
    match answer {
        Ok(_) => Ok(Lease {
            name: name.to_owned(),
            id: id.into(),
        }),
        Err(Meaning::Leased | Meaning::Conflict) => Err(LeaseError::Held),
        Err(Meaning::Missing | Meaning::NoContainer) => Err(LeaseError::Missing),
        Err(other) => Err(unexpected(other).into()),
    }
}

pub(super) async fn renew(blob: &BlobClient, lease: &Lease) -> Result<(), LeaseError> {
    let work = async { Ok(with_meaning(blob.renew_lease(lease.id.to_string(), None).await)) };
    held(within(BUDGET, work).await?.map(drop))
}

pub(super) async fn release(blob: &BlobClient, lease: &Lease) -> Result<(), LeaseError> {
    let work = async { Ok(with_meaning(blob.release_lease(lease.id.to_string(), None).await)) };
    held(within(BUDGET, work).await?.map(drop))
}

/// Delete Blob with `x-ms-lease-id`.
pub(super) async fn delete(blob: &BlobClient, lease: &Lease) -> Result<(), LeaseError> {
    let options = BlobClientDeleteOptions {
        lease_id: Some(lease.id.to_string()),
        ..BlobClientDeleteOptions::default()
    };
    let work = async { Ok(with_meaning(blob.delete(Some(options)).await)) };
    held(within(BUDGET, work).await?.map(drop))
}

fn held(answer: Result<(), Meaning>) -> Result<(), LeaseError> {
    match answer {
        Ok(()) => Ok(()),
        Err(Meaning::Leased | Meaning::Conflict) => Err(LeaseError::Lost),
        Err(Meaning::Missing | Meaning::NoContainer) => Err(LeaseError::Missing),
        Err(other) => Err(unexpected(other).into()),
    }
}
