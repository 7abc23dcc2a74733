#![doc = include_str!("../README.md")]

mod builder;
mod child;
mod replay;
mod running;
mod upstream;

pub use builder::{FunctionsHost, FunctionsHostBuilder, HandlerProcess};
pub use child::StartError;
pub use child::lines::{HandlerLine, LineSink, LineSource, Severity};
pub use local_host::{ForwardingMode, Invocation, InvocationError, KeyPolicy, TimerStart, serve};
pub use running::{Running, StopMode};
