//! One tick of a timer, as the triggers see it: which function, and which occurrence it stands for.

use custom_handler::{Invocation, Timer};
use jiff::{SignedDuration, Timestamp};

/// How much before its occurrence a timer may fire.
const EARLY: SignedDuration = SignedDuration::from_secs(1);

/// A timer's tick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tick {
    function: &'static str,
    occurrence: Timestamp,
}

impl Tick {
    /// The host tells the occurrence where it keeps a record; at a run by hand or at start it tells the coming one,
    /// which is not this run's. For schedules under a minute it keeps no record. Its clock at the tick is then the
    /// occurrence.
    pub(crate) fn new(function: &'static str, timer: &Timer, call: &Invocation, now: Timestamp) -> Self {
        let host_time = call.host_time().unwrap_or(now);
        let scheduled = timer
            .occurrence()
            .filter(|at| *at <= host_time.saturating_add(EARLY).unwrap_or(host_time));
        Self {
            function,
            occurrence: scheduled.unwrap_or(host_time),
        }
    }

    pub(crate) fn function(&self) -> &'static str {
        self.function
    }

    pub(crate) fn occurrence(&self) -> Timestamp {
        self.occurrence
    }
}
