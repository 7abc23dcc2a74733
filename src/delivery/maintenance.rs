//! The reconciling timer: wake-ups that were lost are sent again, what is outlived is deleted. Where an in-process dispatcher runs in
//! this process it does that itself, and the timer has nothing to do.

use crate::{bot::NotificationBot, tick::Tick};
use custom_handler::Failure;
use jiff::Timestamp;
use std::sync::atomic::{AtomicBool, Ordering};

/// Minutes from one look for outlived notifications to the next; each costs a listing.
const HOUSEKEEPING: i64 = 10;
/// Notifications that one step deletes, and steps a look.
const STEP: u32 = 50;
const STEPS: u32 = 10;
/// Minutes from one purge of old removals to the next: it lists all references.
const SWEEP: i64 = 12 * 60;

/// Whether this process has ran retention.
static KEPT: AtomicBool = AtomicBool::new(false);

/// What a tick of the reconciling timer does. The minutes are those of its occurrence, as an instance may live only for a
/// few ticks; its first tick runs retention too.
pub(crate) async fn look(bot: NotificationBot, tick: Tick) -> Result<(), Failure> {
    if bot.runs_maintenance() {
        tracing::debug!("the in-process dispatcher of this process looks for what was left behind");
        return Ok(());
    }
    let failed =
        |what: &'static str| move |error: notify::ports::StoreError| Failure::new(format!("{what}: {error}"));
    let service = bot.service();
    let found = service
        .reconcile()
        .await
        .map_err(failed("the reconciler could not look"))?;
    if found.plans + found.lanes + found.expired > 0 {
        tracing::info!(
            plans = found.plans,
            lanes = found.lanes,
            expired = found.expired,
            "what waited was woken again"
        );
    }
    if is_due(tick.occurrence(), HOUSEKEEPING) || !KEPT.load(Ordering::Relaxed) {
        for _ in 0..STEPS {
            let kept = service
                .run_retention(STEP)
                .await
                .map_err(failed("old notifications could not be deleted"))?;
            if kept.notifications < STEP {
                break;
            }
        }
        KEPT.store(true, Ordering::Relaxed);
    }
    if is_due(tick.occurrence(), SWEEP) {
        let erased = service
            .purge_tombstones()
            .await
            .map_err(failed("old removals could not be forgotten"))?;
        if erased > 0 {
            tracing::info!(erased, "old removals forgotten");
        }
    }
    Ok(())
}

fn is_due(at: Timestamp, every: i64) -> bool {
    at.as_second().div_euclid(60).rem_euclid(every) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_ticks_keeps_house_every_ten_minutes_and_sweeps_twice() {
        let start: Timestamp = "2026-11-22T00:00:00.4Z".parse().unwrap();
        let due = |every| {
            (0..24 * 60)
                .filter(|minute| {
                    is_due(
                        Timestamp::from_second(start.as_second() + minute * 60).unwrap(),
                        every,
                    )
                })
                .count()
        };
        assert_eq!((due(HOUSEKEEPING), due(SWEEP)), (144, 2));
    }
}
