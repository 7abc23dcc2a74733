//! Drives any Azure Functions custom handler from its own host.json and function.json files.

mod http;
pub mod ncrontab;
pub mod project;

pub use http::template::{RouteError, RouteTemplate};
