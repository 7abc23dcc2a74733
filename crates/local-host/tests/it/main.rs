//! The local host around fake handlers in the same process, called over loopback sockets.
#![allow(missing_docs, reason = "tests")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test's panic is its message")]

mod envelopes;
mod http_modes;
mod in_process;
mod keys_and_routes;
mod support;
mod timers;
