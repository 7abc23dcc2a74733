#![doc = include_str!("../README.md")]

mod body;
mod builder;
mod clock;
mod core;
pub mod dotnet;
mod envelope;
mod handler;
mod http;
mod invocation;
mod running;
mod server;
mod timers;

pub use ::http_server::{Shutdown, Signals, Stopped};
pub use builder::{ForwardingMode, LocalHost, LocalHostBuilder};
pub use clock::Clock;
pub use envelope::MessageFacts;
pub use handler::{Handler, InProcess, Run};
pub use http::keys::{HostKey, KeyPolicy};
pub use invocation::{Invocation, InvocationError};
pub use running::Running;
pub use server::{BindError, bind, serve, serve_until};
pub use timers::{HistoryError, TimerHistory, TimerStart};
