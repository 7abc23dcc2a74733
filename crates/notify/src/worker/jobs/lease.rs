//! The lease of a lane: taking it, and writing the note in its object.

use super::{Context, signal};
use crate::{
    env::Env,
    ids::TenantId,
    lane::Lane,
    ports::{Lease, LeaseError, Moment, Read, ReadIf, StoreError, WakeUp, WriteError, WriteIf},
    store::keys,
    store::lease_note::{LeaseNote, OwnerState},
    worker::state::{AfterNote, OwnersNote},
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// How long a wake-up waits for an owner that is ending.
const ENDING_OWNER_WAIT: Duration = Duration::from_secs(15);
const ASK_AGAIN: Duration = Duration::from_millis(250);

/// What asking for a lane came to.
pub(in crate::worker) enum Acquired {
    Held(Box<HeldLease>),
    /// Someone else has it.
    Busy,
    /// It must rest, and no work was added or changed since it began to.
    Resting,
    /// There is none.
    NoLane,
}

/// A held lane.
pub(in crate::worker) struct HeldLease {
    pub(in crate::worker) lease: Lease,
    pub(in crate::worker) owner: Arc<str>,
    pub(in crate::worker) number: u64,
    /// When it was asked for.
    pub(in crate::worker) asked: Moment,
    pub(in crate::worker) note: LeaseNote,
}

/// Where a lane was never worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::worker) enum NewLane {
    /// Work is brought into it.
    Make,
    /// It is made if there is work in it: whoever names a lane may be wrong.
    MakeForWork,
}

/// Takes the lane's lease; waits a while for an owner that is ending.
pub(in crate::worker) async fn acquire(
    env: &Env,
    lane: &Lane,
    new_lane: NewLane,
) -> Result<Acquired, StoreError> {
    let name = keys::lease(&env.settings.bot, lane);
    let clock = &env.ports.clock;
    let wait_until = clock.now().after(ENDING_OWNER_WAIT);
    let mut first_note = None;
    loop {
        let asked = clock.now();
        match env.ports.objects.acquire_lease(&name, env.settings.lease).await {
            Ok(lease) => {
                let note = match first_note {
                    Some(note) => note,
                    None => read_note(env, &name).await?,
                };
                return hold(env, lane, lease, note, asked).await;
            }
            // What we wrote ourselves a moment ago need not be read.
            Err(LeaseError::Missing) => {
                if new_lane == NewLane::MakeForWork && !has_work(env, lane).await? {
                    return Ok(Acquired::NoLane);
                }
                first_note = create(env, &name).await?;
            }
            Err(LeaseError::Held | LeaseError::Lost) => {
                first_note = None;
                let ending = read_note(env, &name).await?.state == OwnerState::Ending;
                if !ending || clock.now() >= wait_until {
                    return Ok(Acquired::Busy);
                }
                clock.sleep_until(clock.now().after(ASK_AGAIN)).await;
            }
            Err(LeaseError::Store(error)) => return Err(error),
        }
    }
}

/// Whether work is marked in a lane.
pub(crate) async fn has_work(env: &Env, lane: &Lane) -> Result<bool, StoreError> {
    let prefix = keys::work(&env.settings.bot, lane);
    let work = env.ports.objects.list(&prefix, None, 1).await?;
    Ok(!work.entries.is_empty())
}

/// Makes the lease's object; returns its note if that is ours.
async fn create(env: &Env, name: &str) -> Result<Option<LeaseNote>, StoreError> {
    let note = LeaseNote::first();
    let written = env
        .ports
        .objects
        .write(name, note.bytes()?, &BTreeMap::new(), WriteIf::Absent)
        .await;
    match written {
        Ok(_) => Ok(Some(note)),
        Err(WriteError::Conflict) => Ok(None),
        Err(WriteError::Store(error)) => Err(error),
    }
}

async fn read_note(env: &Env, name: &str) -> Result<LeaseNote, StoreError> {
    match env.ports.objects.read(name, ReadIf::Any).await? {
        Read::Found(object) => Ok(LeaseNote::read(&object.body, &object.metadata)),
        Read::Missing | Read::Unchanged => Ok(LeaseNote::default()),
    }
}

async fn hold(
    env: &Env,
    lane: &Lane,
    lease: Lease,
    mut note: LeaseNote,
    asked: Moment,
) -> Result<Acquired, StoreError> {
    if rests(env, lane, &note).await? {
        if let Err(error) = env.ports.objects.release_lease(&lease).await {
            tracing::debug!(tenant_id = lane.tenant().map(TenantId::as_str), %error, "the lease of a resting lane was not released by this worker");
        }
        return Ok(Acquired::Resting);
    }
    let (owner, number) = env.owner();
    let was_ending = note.state == OwnerState::Ending;
    note.owner = owner.clone();
    note.state = OwnerState::Working;
    // An owner that died while ending left its note: wake-ups would wait for us in vain.
    if was_ending {
        write_note(env, &lease, &note).await;
    }
    Ok(Acquired::Held(Box::new(HeldLease {
        lease,
        owner,
        number,
        asked,
        note,
    })))
}

/// Whether the lane must rest. Whoever adds, cancels, edits or resumes work changes its signal, and with that ends the
/// rest.
async fn rests(env: &Env, lane: &Lane, note: &LeaseNote) -> Result<bool, StoreError> {
    match &note.rest {
        Some(rest) if rest.is_ahead(env.ports.clock.wall()) => {
            let changed = signal::read_if_changed(env, lane, Some(&rest.signal)).await?;
            Ok(changed.is_none())
        }
        _ => Ok(false),
    }
}

/// Writes what this owner notes of itself, and does what follows.
pub(super) async fn note(context: &Context, note: OwnersNote, then: AfterNote) {
    // A rest ends with the wait that it was for.
    let waits = note.waiting.is_some();
    let note = LeaseNote {
        state: note.state,
        rest: context.note.rest.clone().filter(|_| waits),
        waiting: note.waiting,
        rate_limiter: note.rate_limiter,
        ..(*context.note).clone()
    };
    write_note(&context.env, &context.lease, &note).await;
    if then == AfterNote::WakeSuccessor {
        let lane = context.lane.clone();
        let wake_ups = &context.env.ports.wake_ups;
        wake_ups.send(WakeUp::Lane(lane), Duration::ZERO).await;
    }
}

/// Writes the lane's note; it only helps, so a failure is only logged.
pub(super) async fn write_note(env: &Env, lease: &Lease, note: &LeaseNote) {
    let body = match note.bytes() {
        Ok(body) => body,
        Err(error) => {
            tracing::warn!(%error, "the lane's note could not be made");
            return;
        }
    };
    let objects = &env.ports.objects;
    if let Err(error) = objects.write_leased(lease, body, &note.metadata()).await {
        tracing::warn!(lease = %lease.name, %error, "the lane's note could not be written");
    }
}
