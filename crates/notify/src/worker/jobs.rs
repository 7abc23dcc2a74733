//! What the worker does outside: each effect of the state machine as a future whose output is an event.

mod addresses;
pub(super) mod append;
mod chunks;
mod claim;
mod contents;
mod finish;
mod fresh;
pub(super) mod lease;
mod marks;
mod perform;
mod reference_updates;
pub(super) mod release;
mod reopen;
mod signal;
mod stop;

pub(super) use fresh::open_fresh;
pub(super) use perform::{Context, Job};
