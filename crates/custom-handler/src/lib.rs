#![doc = include_str!("../README.md")]
//!
//! # Map
//!
//! | file | contents |
//! |---|---|
//! | `launch`, `serve`, `port`, `starting` | a process that the host can start, ping and stop |
//! | `app` | registration of functions and routes; dispatch of requests |
//! | `envelope`, `trigger` | what the host sends, and typed views of it |
//! | `reply`, `failure`, `response` | what the host gets back |
//! | `http_envelope` | HTTP that arrives as an envelope instead of as HTTP |
//! | `layers`, `redact`, `logging` | correlation, one log line per invocation, redaction of secrets, panics |
//!
//! Nothing in this crate knows what a function is for.

mod app;
#[cfg(test)]
mod debug_output;
mod envelope;
mod failure;
mod http_envelope;
mod invocation;
mod launch;
mod layers;
pub mod logging;
mod port;
pub mod redact;
mod reply;
mod response;
mod serve;
mod starting;
mod trigger;

pub use app::{App, Function, HttpFunction, RouteName, WiringError};
pub use envelope::{Envelope, EnvelopeError, Payload, PayloadError};
pub use failure::Failure;
pub use http_server::{Shutdown, Signals, Stopped};
pub use invocation::{Invocation, InvocationId, RetryContext};
pub use launch::{LaunchError, launch};
pub use port::{Port, PortError};
pub use reply::Reply;
pub use serve::{ListenError, ServeError, listen, serve, serve_app};
pub use starting::DEFAULT_START_LIMIT;
pub use trigger::{Batch, Binary, QueueItem, ScheduleStatus, Text, Timer, Trigger};

/// Any error of an application's start.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
