#![doc = include_str!("../README.md")]

mod builder;
mod child;
mod clock;
mod core;
mod envelope;
mod framing;
mod http;
mod invocation;
mod queues;
mod running;
mod server;
mod timers;
mod upstream;

pub use ::http_server::{Shutdown, Signals, Stopped};
pub use builder::{
    EnvelopeFraming, ForwardingMode, Handler, LocalHost, LocalHostBuilder, StatusPings, TraceContext,
};
pub use child::StartError;
pub use child::lines::{HandlerLine, LineSink, LineSource, Severity};
pub use clock::Clock;
pub use http::keys::{HostKey, KeyPolicy};
pub use invocation::{Invocation, InvocationError};
pub use queues::{Delivery, MessageId, PushError, QueueMessage, Queues};
pub use running::{Running, StopMode};
pub use server::{BindError, bind, serve, serve_until};
pub use timers::{HistoryError, TimerHistory, TimerStart};
