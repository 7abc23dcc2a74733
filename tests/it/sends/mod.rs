//! Notifications from the POST to the last recipient's outcome.

mod answers;
mod audience;
mod chat;
mod content;
mod control;
mod detours;
mod idempotency;
mod opened;
mod outcomes;
mod rate;
mod recalls;
mod report;
mod size;

use crate::support::local_bot::LocalBot;
