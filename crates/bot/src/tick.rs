//! One tick of a timer, as the triggers see it: which function, and which occurrence it stands for.

use crate::schedules::{EARLY, Schedules};
use custom_handler::{Invocation, Timer};
use jiff::Timestamp;

/// A timer's tick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    function: &'static str,
    occurrence: Timestamp,
}

impl Tick {
    /// The host tells the occurrence where it keeps a record; at a run by hand or at start it tells the coming one,
    /// which is not this run's: that is the host's time then. Where it keeps no record, as for schedules under a minute,
    /// the schedule says which occurrence the host's time belongs to.
    pub(crate) fn new(
        function: &'static str,
        timer: &Timer,
        call: &Invocation,
        schedules: &Schedules,
        now: Timestamp,
    ) -> Self {
        let host_time = call.host_time().unwrap_or(now);
        let occurrence = match timer.occurrence() {
            Some(named) if named <= host_time.saturating_add(EARLY).unwrap_or(host_time) => named,
            Some(_) => host_time,
            None => schedules.occurrence(function, host_time),
        };
        Self { function, occurrence }
    }

    /// The timer's function.
    pub fn function(&self) -> &'static str {
        self.function
    }

    /// The time that its schedule names.
    pub fn occurrence(&self) -> Timestamp {
        self.occurrence
    }
}
