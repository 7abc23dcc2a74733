//! The task of one timer, and firing it by hand.

use jiff::Timestamp;

use super::TimerRecord;
use crate::core::Core;
use crate::envelope::{Envelope, ScheduleStatus, TimerFacts, timer_info};
use crate::invocation::{Invocation, InvocationError};
use functions_project::{Function, TimerTrigger};

/// Why a run happens: decides what the handler gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    Scheduled,
    PastDue,
}

/// Keeps a timer going until the task is dropped.
pub(crate) async fn keep(core: &Core, function: &Function, timer: &TimerTrigger) {
    let started = core.clock.now();
    let mut next = match first(core, function, timer, started) {
        First::PastDue(missed) => {
            run(core, function, timer, missed, Cause::PastDue).await;
            timer.schedule.next_after(core.clock.now())
        }
        First::Due(due) if timer.run_on_startup => {
            // As on Azure, such a run gets the occurrence to come.
            run(core, function, timer, due.unwrap_or(started), Cause::Scheduled).await;
            after_run(core, timer, due)
        }
        First::Due(due) => due,
    };
    while let Some(due) = next {
        core.clock.sleep_until(due).await;
        run(core, function, timer, due, Cause::Scheduled).await;
        next = after_run(core, timer, timer.schedule.next_after(due));
    }
    tracing::info!(function = %function.name, "the timer's schedule has no further occurrence");
}

enum First {
    /// An occurrence passed while no host ran.
    PastDue(Timestamp),
    Due(Option<Timestamp>),
}

fn first(core: &Core, function: &Function, timer: &TimerTrigger, now: Timestamp) -> First {
    let due = timer.schedule.next_after(now);
    if !timer.monitored {
        return First::Due(due);
    }
    match core.history.get(function.name.as_str()) {
        Some(record) if record.schedule == timer.schedule.as_str() => {
            if now > record.next {
                return First::PastDue(record.next);
            }
            // An interval goes on counting from the last run, also over a restart.
            First::Due(if timer.schedule.is_interval() {
                Some(record.next)
            } else {
                due
            })
        }
        _ => {
            if let Some(next) = due {
                let record = TimerRecord {
                    schedule: timer.schedule.as_str().to_owned(),
                    last: None,
                    next,
                    updated: now,
                };
                core.history.put(function.name.as_str(), record);
            }
            First::Due(due)
        }
    }
}

/// The next occurrence after a run: any number missed while it ran is caught up by one run at once.
fn after_run(core: &Core, timer: &TimerTrigger, planned: Option<Timestamp>) -> Option<Timestamp> {
    let now = core.clock.now();
    if timer.schedule.is_interval() {
        return timer.schedule.next_after(now);
    }
    match planned {
        Some(planned) if planned < now => Some(now),
        planned => planned,
    }
}

async fn run(core: &Core, function: &Function, timer: &TimerTrigger, due: Timestamp, cause: Cause) {
    let began = core.clock.now();
    let envelope = envelope(core, function, timer, due, cause);
    // A failure is logged by the invocation and does not disturb the schedule.
    let _ = core.invoke(function, envelope).await;
    if timer.monitored
        && let Some(next) = timer.schedule.next_after(began)
    {
        let record = TimerRecord {
            schedule: timer.schedule.as_str().to_owned(),
            last: Some(began),
            next,
            updated: core.clock.now(),
        };
        core.history.put(function.name.as_str(), record);
    }
}

fn envelope(
    core: &Core,
    function: &Function,
    timer: &TimerTrigger,
    due: Timestamp,
    cause: Cause,
) -> Envelope {
    let record = core.history.get(function.name.as_str());
    let status = timer.monitored.then(|| ScheduleStatus {
        last: record.as_ref().and_then(|record| record.last),
        next: due,
        updated: record
            .as_ref()
            .filter(|record| record.last.is_some())
            .map(|record| record.updated),
    });
    let facts = TimerFacts {
        adjusts_for_dst: !timer.schedule.is_interval(),
        status,
        past_due: cause == Cause::PastDue,
    };
    timer_info(
        &function.name,
        function.trigger_name.as_str(),
        &facts,
        core.clock.now(),
    )
}

/// Fires a timer now, beside its schedule, as the admin API does.
pub(crate) async fn fire_by_hand(
    core: &Core,
    function: &Function,
    timer: &TimerTrigger,
) -> Result<Invocation, InvocationError> {
    let now = core.clock.now();
    let due = timer.schedule.next_after(now).unwrap_or(now);
    core.invoke(function, envelope(core, function, timer, due, Cause::Scheduled))
        .await
}
