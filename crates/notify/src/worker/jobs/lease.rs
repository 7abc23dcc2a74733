//! The lease of a lane: taking it, and noting in its object that its owner is ending.

use super::Context;
use crate::{
    env::Env,
    ids::TenantId,
    ports::{Lease, LeaseError, Moment, Read, ReadIf, StoreError, WakeUp, WriteError, WriteIf},
    store::keys,
    store::lease_note::{LeaseNote, OwnerState},
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// How long a wake-up waits for an owner that is ending.
const ENDING_OWNER_WAIT: Duration = Duration::from_secs(15);
const ASK_AGAIN: Duration = Duration::from_millis(250);

/// A held lane.
pub(in crate::worker) struct HeldLease {
    pub(in crate::worker) lease: Lease,
    pub(in crate::worker) owner: Arc<str>,
    pub(in crate::worker) number: u64,
    /// When it was asked for.
    pub(in crate::worker) asked: Moment,
    pub(in crate::worker) note: LeaseNote,
}

/// Takes the lane's lease. `None` when someone else has it; waits a while for one who is ending.
pub(in crate::worker) async fn acquire(
    env: &Env,
    tenant: &TenantId,
) -> Result<Option<HeldLease>, StoreError> {
    let name = keys::lease(&env.settings.bot, tenant);
    let clock = &env.ports.clock;
    let wait_until = clock.now().after(ENDING_OWNER_WAIT);
    loop {
        let asked = clock.now();
        match env.ports.objects.acquire_lease(&name, env.settings.lease).await {
            Ok(lease) => return hold(env, tenant, lease, asked).await.map(Some),
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
        Read::Found(object) => Ok(LeaseNote::parse(&object.body)),
        Read::Missing | Read::Unchanged => Ok(LeaseNote::default()),
    }
}

async fn hold(env: &Env, tenant: &TenantId, lease: Lease, asked: Moment) -> Result<HeldLease, StoreError> {
    let (owner, number) = env.owner();
    let mut note = read_note(env, &lease.name).await?;
    let was_ending = note.state == OwnerState::Ending;
    note.owner = owner.clone();
    note.state = OwnerState::Working;
    // An owner that died while ending left its note: wake-ups would wait for us in vain.
    if was_ending && let Err(error) = env.ports.objects.write_leased(&lease, note.bytes()?).await {
        tracing::warn!(tenant_id = %tenant, owner = %owner, %error, "the lane's note could not be written");
    }
    Ok(HeldLease {
        lease,
        owner,
        number,
        asked,
        note,
    })
}

/// Notes what this owner is about to do, and wakes the successor, which will wait.
pub(super) async fn give_notice(context: &Context, state: OwnerState) {
    let note = LeaseNote {
        state,
        ..(*context.note).clone()
    };
    write_note(context, &note).await;
    let tenant = context.tenant.clone();
    let wake_ups = &context.env.ports.wake_ups;
    wake_ups.send(WakeUp::Lane { tenant }, Duration::ZERO).await;
}

/// Writes the lane's note; it only helps, so a failure is only logged.
pub(super) async fn write_note(context: &Context, note: &LeaseNote) {
    match note.bytes() {
        Ok(body) => {
            let objects = &context.env.ports.objects;
            if let Err(error) = objects.write_leased(&context.lease, body).await {
                tracing::warn!(%error, "the lane's note could not be written");
            }
        }
        Err(error) => tracing::warn!(%error, "the lane's note could not be made"),
    }
}
