//! The lease of a lane: acquiring it, how long posting is safe under it, and what its object holds.

use crate::{
    env::Env,
    ids::TenantId,
    ports::{Lease, LeaseError, Moment, Read, ReadIf, StoreError, WriteError, WriteIf},
    rate_limiter::Snapshot,
    store::keys,
    store::record::{Version, Versioned, decode, encode},
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// Posts stop so long before the lease ends.
const MARGIN: Duration = Duration::from_secs(10);
/// How long a wake-up waits for an owner that is ending.
const ENDING_OWNER_WAIT: Duration = Duration::from_secs(15);
const ASK_AGAIN: Duration = Duration::from_millis(250);

/// What the lease's object says. Only the owner writes it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct LeaseNote {
    #[serde(rename = "holder")]
    pub(super) owner: Arc<str>,
    pub(super) state: OwnerState,
    #[serde(rename = "governor", skip_serializing_if = "Snapshot::is_empty")]
    pub(super) rate_limiter: Snapshot,
}

/// Whether a waiting wake-up should wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum OwnerState {
    /// At work, or ended without noting it.
    #[default]
    Working,
    /// Releases within seconds.
    Ending,
}

impl LeaseNote {
    pub(super) fn bytes(&self) -> Result<Bytes, StoreError> {
        encode(&Versioned::new(Version::V1, self))
    }
}

/// A held lane.
pub(super) struct HeldLease {
    pub(super) lease: Lease,
    pub(super) owner: Arc<str>,
    pub(super) number: u64,
    /// Posts start before this only.
    pub(super) safe_until: Moment,
    pub(super) renew_at: Moment,
    pub(super) note: LeaseNote,
    length: Duration,
}

impl HeldLease {
    /// A renewal that was asked for at `started` succeeded.
    pub(super) fn renewed(&mut self, started: Moment) {
        self.safe_until = started.after(self.length.saturating_sub(MARGIN));
        self.renew_at = started.after(renew_every(self.length));
    }
}

/// Every third, but early enough that a late answer doesn't stop the posts.
fn renew_every(length: Duration) -> Duration {
    (length / 3).min(length.saturating_sub(MARGIN) / 2)
}

/// Takes the lane's lease. `None` when someone else has it; waits a while for one who is ending.
pub(super) async fn acquire(env: &Env, tenant: &TenantId) -> Result<Option<HeldLease>, StoreError> {
    let name = keys::lease(&env.settings.bot, tenant);
    let clock = &env.ports.clock;
    let wait_until = clock.now().after(ENDING_OWNER_WAIT);
    loop {
        let started = clock.now();
        match env.ports.objects.acquire_lease(&name, env.settings.lease).await {
            Ok(lease) => return hold(env, tenant, lease, started).await.map(Some),
            Err(LeaseError::Missing) => create(env, &name).await?,
            Err(LeaseError::Held | LeaseError::Lost) => {
                let ending = read_note(env, &name).await?.state == OwnerState::Ending;
                if !ending || clock.now() >= wait_until {
                    return Ok(None);
                }
                clock.sleep_until(clock.now().after(ASK_AGAIN)).await;
            }
            Err(LeaseError::Store(error)) => return Err(error),
        }
    }
}

async fn create(env: &Env, name: &str) -> Result<(), StoreError> {
    let body = LeaseNote::default().bytes()?;
    let objects = &env.ports.objects;
    match objects.write(name, body, &BTreeMap::new(), WriteIf::Absent).await {
        Ok(_) | Err(WriteError::Conflict) => Ok(()),
        Err(WriteError::Store(error)) => Err(error),
    }
}

async fn read_note(env: &Env, name: &str) -> Result<LeaseNote, StoreError> {
    match env.ports.objects.read(name, ReadIf::Any).await? {
        // A note of another version is no reason not to work: it only helps.
        Read::Found(object) => Ok(decode(&object.body).map(|(_, note)| note).unwrap_or_default()),
        Read::Missing | Read::Unchanged => Ok(LeaseNote::default()),
    }
}

async fn hold(env: &Env, tenant: &TenantId, lease: Lease, started: Moment) -> Result<HeldLease, StoreError> {
    let (owner, number) = env.owner();
    let mut note = read_note(env, &lease.name).await?;
    let was_ending = note.state == OwnerState::Ending;
    note.owner = owner.clone();
    note.state = OwnerState::Working;
    let mut hold = HeldLease {
        lease,
        owner,
        number,
        safe_until: started,
        renew_at: started,
        note,
        length: env.settings.lease,
    };
    hold.renewed(started);
    // An owner that died while ending left its note: wake-ups would wait for us in vain.
    if was_ending {
        let body = hold.note.bytes()?;
        if let Err(error) = env
            .ports
            .objects
            .write_leased(&hold.lease, body, &BTreeMap::new())
            .await
        {
            tracing::warn!(tenant_id = %tenant, owner = %hold.owner, %error, "the lane's note could not be written");
        }
    }
    Ok(hold)
}
