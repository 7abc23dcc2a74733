//! One tick of a timer, as the triggers see it: which function, and which occurrence it stands for.

use custom_handler::{Invocation, Timer};
use jiff::{Timestamp, Unit};

/// A timer's tick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tick {
    function: &'static str,
    occurrence: Timestamp,
}

impl Tick {
    /// The host tells the occurrence where it keeps a record. For schedules under a minute it keeps none; its clock
    /// at the tick, to the second, is then the occurrence.
    pub(crate) fn new(function: &'static str, timer: &Timer, call: &Invocation, now: Timestamp) -> Self {
        let told = timer.occurrence().or_else(|| call.host_time()).unwrap_or(now);
        Self {
            function,
            occurrence: told.round(Unit::Second).unwrap_or(told),
        }
    }

    pub(crate) fn function(&self) -> &'static str {
        self.function
    }

    pub(crate) fn occurrence(&self) -> Timestamp {
        self.occurrence
    }
}
