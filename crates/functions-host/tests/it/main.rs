//! The Functions host's double against fake handlers: over loopback sockets, and as child processes.
#![allow(missing_docs, reason = "tests")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test's panic is its message"
)]

mod alike;
mod child;
mod connections;
mod support;
