//! The notification API over HTTP: what comes in is checked here, what the domain says goes out as the contract
//! words it. No sending, no storing.

mod body;
mod call;
mod problem;
mod report;
mod routes;
mod status;

pub(crate) use body::parse_notification;
pub(crate) use call::Call;
pub use problem::Problem;
pub(crate) use report::{csv_header, csv_row, ndjson};
pub(crate) use routes::{nowhere, router};
pub(crate) use status::body as status_body;

/// The notification API, for [`App::http`](crate::App::http).
#[derive(Clone, Copy, Debug)]
pub struct Api;

/// The notification API: accepts notifications, tells where they stand, cancels, edits and recalls them.
#[must_use]
pub fn api() -> Api {
    Api
}
