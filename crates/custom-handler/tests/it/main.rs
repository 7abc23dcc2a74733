//! What the Functions host would see: constructed requests of its own shape, against the router, against a real
//! loopback socket, and against a real process.
#![allow(clippy::unwrap_used, clippy::panic)] // the panic is the test's message, in its helpers too

mod envelopes;
mod guide;
mod host;
mod http_modes;
mod logs;
mod paths;
mod process;
mod sockets;
mod starting;
