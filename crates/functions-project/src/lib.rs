#![doc = include_str!("../README.md")]

mod binding_types;
mod bindings;
mod configuration;
mod connection;
mod error_stream;
mod function;
mod function_json;
mod host_json;
mod json;
mod local_options;
mod names;
pub mod ncrontab;
mod problem;
mod project;
mod retry;
mod route;
mod section;
mod settings;
#[cfg(test)]
mod tests;

pub use connection::ConnectionSettings;
pub use error_stream::stderr_is_for_errors;
pub use function::{
    AuthLevel, DataType, Function, FunctionState, HttpTrigger, Output, OutputKind, QueueTrigger,
    TimerTrigger, Trigger,
};
pub use host_json::{CustomHandler, HostConfig, HttpConfig, MessageEncoding, QueuesConfig};
pub use local_options::{Cors, Credentials, LocalHostOptions};
pub use names::{BindingName, FunctionName, QueueName};
pub use problem::{Place, Problem};
pub use project::Project;
pub use retry::{Retry, RetryDelay};
pub use route::{
    LinkError, ParameterExtent, Route, RouteError, RouteParameter, RouteTable, RouteTemplate, RouteValues,
    decoded_path,
};
pub use settings::Settings;
