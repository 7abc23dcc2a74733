//! The maintenance schedule: what is woken again, deleted and purged, and how often. Whoever has a clock tick once a
//! minute calls [`Maintenance::run`]: the reconciling timer of the Functions host, or the in-process dispatcher.

use crate::{
    ports::StoreError,
    service::{Idle, NotificationService},
};
use jiff::Timestamp;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Minutes between listings of an idle bot: a change signal that got lost with the process that was to give it costs as
/// much.
const LOOK: i64 = 10;
/// Minutes between retention runs; each costs a listing.
const RETENTION: i64 = 10;
/// Notifications that one step of a retention run deletes at most.
const RETENTION_STEP: u32 = 50;
/// Steps of one retention run at most.
const RETENTION_STEPS: u32 = 10;
/// Minutes between purges of old removals; each lists all references.
const PURGE: i64 = 12 * 60;

/// Why a maintenance run is not complete. The next one repeats what is missing.
#[derive(Debug, thiserror::Error)]
#[error("{task}: {source}")]
pub struct MaintenanceError {
    task: &'static str,
    #[source]
    source: StoreError,
}

/// Runs what is due.
pub struct Maintenance {
    service: NotificationService,
    /// The minute of the run before, by the wall clock.
    last: Mutex<Option<i64>>,
    /// What the reconciler said at the run before, if nothing was unfinished.
    idle: Mutex<Option<Idle>>,
}

impl Maintenance {
    /// Maintenance of a service's stores. Nothing runs yet.
    pub fn new(service: NotificationService) -> Self {
        Self {
            service,
            last: Mutex::default(),
            idle: Mutex::default(),
        }
    }

    /// Runs what is due at a tick: the reconciler each time, which lists each minute while anything is unfinished and every
    /// ten minutes while nothing is, retention every ten minutes and at the first tick, the
    /// purge of old removals at 00:00 and 12:00 UTC. `tick` is the tick's own time, not that of its delivery, as an
    /// instance may live for a few ticks only.
    ///
    /// # Errors
    /// The first failure; what doesn't depend on it was tried all the same.
    pub async fn run(&self, tick: Timestamp) -> Result<(), MaintenanceError> {
        let (last, minute) = self.advance(tick);
        let look = match is_due(LOOK, last, minute) {
            true => Look::AtAll,
            false => Look::IfChanged,
        };
        let reconciled = self.reconcile(look).await;
        let retained = match is_due(RETENTION, last, minute) || last.is_none() {
            true => self.retain().await,
            false => Ok(()),
        };
        let purged = match is_due(PURGE, last, minute) {
            true => self.purge().await,
            false => Ok(()),
        };
        reconciled.and(retained).and(purged)
    }

    fn advance(&self, tick: Timestamp) -> (Option<i64>, i64) {
        let minute = tick.as_second().div_euclid(60);
        let mut last = lock(&self.last);
        (last.replace(minute), minute)
    }

    async fn reconcile(&self, look: Look) -> Result<(), MaintenanceError> {
        // Taken: a run that fails leaves nothing to rely on.
        let idle = lock(&self.idle).take().filter(|_| look == Look::IfChanged);
        let (found, idle) = self
            .service
            .reconcile(idle)
            .await
            .map_err(failed("unfinished work could not be looked for"))?;
        *lock(&self.idle) = idle;
        if found.plans + found.lanes + found.expired + found.resumed > 0 {
            tracing::info!(
                plans = found.plans,
                lanes = found.lanes,
                expired = found.expired,
                resumed = found.resumed,
                "reconciler: unfinished work was woken again"
            );
        }
        Ok(())
    }

    async fn retain(&self) -> Result<(), MaintenanceError> {
        let mut notifications = 0;
        for _ in 0..RETENTION_STEPS {
            let step = self
                .service
                .run_retention(RETENTION_STEP)
                .await
                .map_err(failed("old notifications could not be deleted"))?;
            notifications += step.notifications;
            if step.notifications < RETENTION_STEP {
                break;
            }
        }
        if notifications > 0 {
            tracing::info!(notifications, "retention: old notifications were deleted");
        }
        Ok(())
    }

    async fn purge(&self) -> Result<(), MaintenanceError> {
        let tombstones = self
            .service
            .purge_tombstones()
            .await
            .map_err(failed("old removals could not be purged"))?;
        if tombstones > 0 {
            tracing::info!(tombstones, "old removals were purged");
        }
        Ok(())
    }
}

/// What a process does at its start: the one before may have died in the midst of its work, and its wake-ups with it.
pub async fn recover(service: &NotificationService) {
    match service.recover().await {
        Ok(found) if found.plans + found.lanes > 0 => {
            tracing::info!(
                plans = found.plans,
                lanes = found.lanes,
                "unfinished work of an earlier process was woken again"
            );
        }
        Ok(_) => {}
        Err(error) => {
            tracing::warn!(%error, "unfinished work could not be looked for; maintenance looks once a minute");
        }
    }
}

/// What a tick looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// Everything.
    AtAll,
    /// Everything, unless the bot is idle and nothing was signalled.
    IfChanged,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn failed(task: &'static str) -> impl Fn(StoreError) -> MaintenanceError {
    move |source| MaintenanceError { task, source }
}

/// Whether a multiple of `every` minutes passed since the run before; of a first run, whether it is at one.
fn is_due(every: i64, last: Option<i64>, minute: i64) -> bool {
    match last {
        Some(last) => last.div_euclid(every) != minute.div_euclid(every),
        None => minute.rem_euclid(every) == 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs in a day of ticks, with a process for each `life` of them; `late` minutes are left out.
    fn runs(every: i64, life: i64, late: &[i64]) -> usize {
        let minutes = (0..24 * 60).filter(|minute| !late.contains(&(minute % 60)));
        let mut last = None;
        minutes
            .filter(|minute| {
                if minute % life == 0 {
                    last = None;
                }
                is_due(every, last.replace(*minute), *minute)
            })
            .count()
    }

    #[test]
    fn a_day_has_144_retention_runs_and_two_purges() {
        assert_eq!(
            (runs(RETENTION, 100_000, &[]), runs(PURGE, 100_000, &[])),
            (144, 2)
        );
    }

    #[test]
    fn processes_that_live_for_three_ticks_keep_the_schedule() {
        assert_eq!((runs(RETENTION, 3, &[]), runs(PURGE, 3, &[])), (144, 2));
    }

    #[test]
    fn a_minute_that_was_left_out_is_caught_up() {
        assert_eq!(
            (runs(RETENTION, 100_000, &[0, 30]), runs(PURGE, 100_000, &[0])),
            (143, 1)
        );
    }
}
