//! The HTTP API: what comes in is checked here, what the domain says goes out as the contract words it. No sending, no
//! storing.
//!
//! Routers have paths relative to where they are mounted (`path`); what they have in common is in `edge`. The types of
//! bodies (`body::request`) and answers (`answers`) are also what the description (`openapi`) is made from.

mod answers;
mod body;
mod call;
mod health;
mod layers;
mod list;
mod openapi;
mod path;
mod problem;
mod query;
mod report;
mod router;
mod suggestion;
mod warnings;

pub(crate) use answers::StatusAnswer;
pub(crate) use body::parse_notification;
pub(crate) use call::Call;
pub(crate) use health::router as health_router;
pub(crate) use layers::nowhere;
pub(crate) use openapi::{PublicPaths, router as openapi_router};
pub(crate) use path::PublicPath;
pub use problem::Problem;
pub(crate) use report::{csv_header, csv_row, ndjson};
pub(crate) use router::router;

/// The notification API, for [`App::http`](crate::App::http).
#[derive(Clone, Copy, Debug)]
pub struct Api;

/// The notification API: accepts notifications, tells where they stand, cancels, edits and recalls them.
#[must_use]
pub fn api() -> Api {
    Api
}
