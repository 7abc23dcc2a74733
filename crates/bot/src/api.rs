//! The HTTP API: what comes in is checked here, what the domain says goes out as the contract words it. No sending, no
//! storing.
//!
//! Routers have paths relative to where they are mounted (`path`); what they have in common is in `edge`. The types of
//! bodies (`body::request`) and answers (`answers`) are also what the description (`openapi`) is made from.

mod answers;
mod body;
mod call;
mod edge;
mod health;
mod list;
mod openapi;
mod path;
mod problem;
mod query;
mod report;
mod router;
mod similar;

pub(crate) use answers::StatusAnswer;
pub(crate) use body::parse_notification;
pub use call::Call;
pub(crate) use health::router as health_router;
pub(crate) use openapi::{PublicPaths, router as openapi_router};
pub(crate) use path::{PublicPath, mounted};
pub use problem::Problem;
pub(crate) use report::{csv_header, csv_row, ndjson};
pub(crate) use router::router;
