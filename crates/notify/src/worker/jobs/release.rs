//! Gives the lane back, and wakes whoever does what is left.

use super::{Context, lease::write_note, signal};
use crate::{
    ports::{StoreError, WakeUp},
    store::keys,
    store::lease_note::{LeaseNote, OwnerState, Rest, SignalVersion},
    worker::{
        WorkerRun,
        state::{LeftAt, Noted, Ownership, Release},
    },
};
use jiff::Timestamp;
use std::time::Duration;

/// Releases the lane and looks at what is left in it.
pub(in crate::worker) async fn release(context: &Context, release: Release) -> WorkerRun {
    let env = &context.env;
    let after = match release.ownership {
        Ownership::Held => {
            write_changed_note(context, &release).await;
            WorkerRun::HandedOver
        }
        Ownership::Lost => WorkerRun::Lost,
    };
    if let Err(error) = env.ports.objects.release_lease(&context.lease).await {
        tracing::debug!(%error, "the lane's lease was not released by this worker");
    }
    match left(context, &release).await {
        Ok(Left::Nothing) => WorkerRun::Empty,
        Ok(Left::Work { wait }) => {
            let lane = context.lane.clone();
            let wake_ups = &env.ports.wake_ups;
            wake_ups.send(WakeUp::Lane(lane), wait).await;
            after
        }
        Err(error) => {
            tracing::warn!(%error, "what is left in the lane could not be listed; the reconciler looks again");
            after
        }
    }
}

/// Releases a lane in which nothing was done.
pub(in crate::worker) async fn unused(context: &Context) {
    if let Err(error) = context.env.ports.objects.release_lease(&context.lease).await {
        tracing::debug!(%error, "the lane's lease was not released by this worker");
    }
}

/// Writes the lane's note if it says something new to the next owner.
async fn write_changed_note(context: &Context, release: &Release) {
    let wall = context.env.ports.clock.wall();
    let empty_at = match &release.left {
        LeftAt::Nothing(signal) => Some(signal.clone()),
        LeftAt::Unknown | LeftAt::Work(_) => None,
    };
    let note = LeaseNote {
        owner: context.owner.clone(),
        state: OwnerState::Working,
        rate_limiter: release.rate_limiter.clone(),
        empty_at,
        rest: rest(release, wall),
        waiting: release.waiting.clone(),
    };
    if release.noted == Noted::Anew || note != *context.note {
        write_note(&context.env, &context.lease, &note).await;
    }
}

/// What all must wait for, if the lane's work is known.
fn rest(release: &Release, wall: Timestamp) -> Option<Rest> {
    match (&release.left, release.wait) {
        (LeftAt::Work(signal), Some(wait)) => Some(Rest {
            not_before: wall.checked_add(wait.min(Rest::LONGEST)).ok()?,
            signal: signal.clone(),
        }),
        _ => None,
    }
}

enum Left {
    /// There is work, which must wait so long.
    Work {
        wait: Duration,
    },
    Nothing,
}

/// What is left, by the change signal where this owner knows what it leaves, else by a listing.
async fn left(context: &Context, release: &Release) -> Result<Left, StoreError> {
    let unchanged = async |signal: &SignalVersion| {
        let changed = signal::read_if_changed(&context.env, &context.lane, Some(signal)).await?;
        Ok::<bool, StoreError>(changed.is_none())
    };
    match (&release.left, release.wait) {
        (LeftAt::Nothing(signal), _) if unchanged(signal).await? => Ok(Left::Nothing),
        (LeftAt::Work(signal), Some(wait)) if unchanged(signal).await? => Ok(Left::Work { wait }),
        _ => listed(context, &release.quarantined).await,
    }
}

/// Work that this owner does not know to be quarantined.
async fn listed(context: &Context, quarantined: &[String]) -> Result<Left, StoreError> {
    let prefix = keys::work(&context.env.settings.bot, &context.lane);
    let mut from: Option<String> = None;
    loop {
        let objects = &context.env.ports.objects;
        let page = objects.list(&prefix, from.as_deref(), 1_000).await?;
        let mut names = page.entries.iter().map(|entry| &entry.name);
        if names.any(|name| !quarantined.contains(name)) {
            return Ok(Left::Work { wait: Duration::ZERO });
        }
        from = page.next;
        if from.is_none() {
            return Ok(Left::Nothing);
        }
    }
}
