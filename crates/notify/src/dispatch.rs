//! How a wake-up is acted on: one way (`follow`), whoever brings it. [`in_process`] for a process that is alone,
//! [`queue`] for messages of a queue that several processes share, [`fallback`] for when nobody takes them.

pub mod fallback;
mod follow;
pub mod in_process;
pub mod queue;

pub use follow::Followed;
