//! Gives the lane back, and wakes whoever does what is left.

use super::{Context, lease::write_note};
use crate::{
    ports::{StoreError, WakeUp},
    store::keys,
    store::lease_note::{LeaseNote, OwnerState},
    worker::{
        WorkerRun,
        state::{Ownership, Release},
    },
};

/// Releases the lane and looks at what is left in it.
pub(in crate::worker) async fn release(context: &Context, release: Release) -> WorkerRun {
    let ports = &context.env.ports;
    let known = !release.rate_limiter.is_empty() || !context.note.rate_limiter.is_empty();
    if release.ownership == Ownership::Held && known {
        let note = LeaseNote {
            state: OwnerState::Working,
            rate_limiter: release.rate_limiter,
            ..(*context.note).clone()
        };
        write_note(context, &note).await;
    }
    if let Err(error) = ports.objects.release_lease(&context.lease).await {
        tracing::debug!(%error, "the lane's lease was not released by this worker");
    }
    let with_work = match release.ownership {
        Ownership::Lost => WorkerRun::Lost,
        Ownership::Held => WorkerRun::HandedOver,
    };
    match left(context, &release.quarantined).await {
        Ok(Left::Nothing) => WorkerRun::Empty,
        Ok(Left::Work) => {
            let tenant = context.tenant.clone();
            let wait = release.wait.unwrap_or_default();
            ports.wake_ups.send(WakeUp::Lane { tenant }, wait).await;
            with_work
        }
        Err(error) => {
            tracing::warn!(%error, "what is left in the lane could not be listed; the reconciler looks again");
            with_work
        }
    }
}

enum Left {
    Work,
    Nothing,
}

/// Work that this owner does not know to be quarantined.
async fn left(context: &Context, quarantined: &[String]) -> Result<Left, StoreError> {
    let prefix = keys::work(&context.env.settings.bot, &context.tenant);
    let mut from: Option<String> = None;
    loop {
        let objects = &context.env.ports.objects;
        let page = objects.list(&prefix, from.as_deref(), 1_000).await?;
        if page
            .entries
            .iter()
            .any(|entry| !quarantined.contains(&entry.name))
        {
            return Ok(Left::Work);
        }
        from = page.next;
        if from.is_none() {
            return Ok(Left::Nothing);
        }
    }
}
