//! How a wake-up is acted on.

pub mod in_process;
