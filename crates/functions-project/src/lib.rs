#![doc = include_str!("../README.md")]

mod binding_types;
mod bindings;
mod error_stream;
mod function;
mod function_json;
mod host_json;
mod json;
mod names;
pub mod ncrontab;
mod overrides;
mod problem;
mod project;
mod retry;
mod route;
mod section;
mod settings;
#[cfg(test)]
mod tests;

pub use error_stream::stderr_is_for_errors;
pub use function::{
    AuthLevel, DataType, Function, FunctionState, HttpTrigger, Output, OutputKind, QueueTrigger,
    TimerTrigger, Trigger,
};
pub use host_json::{CustomHandler, HostConfig, HttpConfig, MessageEncoding, QueuesConfig};
pub use names::{BindingName, FunctionName, QueueName};
pub use problem::{Place, Problem};
pub use project::Project;
pub use retry::{Retry, RetryDelay};
pub use route::{Route, RouteError, RouteTable, RouteTemplate, RouteValues};
pub use settings::Settings;
