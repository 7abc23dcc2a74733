//! Notifications from the POST to the last recipient's outcome.

mod audience;
mod chat;
mod content;
mod control;
mod idempotency;
mod outcomes;
mod rate;
mod report;
mod size;

use crate::support::told::Told;
