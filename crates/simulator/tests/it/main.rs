//! The domain under virtual time.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test's panic is its message, in its helpers too"
)]

mod basics;
mod children;
mod claims;
mod clocks;
mod command;
mod contents;
mod detours;
mod kills;
mod limiters;
mod limits;
mod pauses;
mod persons;
mod planners;
mod plans;
mod planted_bugs;
mod requests;
mod schedules;
mod spawned;
mod stage;
mod storms;
mod waiting;
