//! Timer functions: one task each, no overlap, one catch-up run for anything that was missed.

mod history;
mod run;

pub(crate) use history::TimerRecord;
pub use history::{HistoryError, TimerHistory};
pub(crate) use run::{fire_by_hand, keep};

/// Which timers fire when the host starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimerStart {
    /// As on Azure: those that are past due or have `runOnStartup`, then by their schedules.
    #[default]
    OnSchedule,
    /// None at all; timers fire by hand only.
    Off,
}
