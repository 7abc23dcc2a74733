//! The notification API over HTTP: what comes in is checked here, what the domain says goes out as the contract
//! words it. No sending, no storing.

mod body;
mod call;
mod problem;
mod report;
mod routes;
mod status;

pub(crate) use body::parse_notification;
pub use call::Call;
pub use problem::Problem;
pub(crate) use report::{csv_header, csv_row, ndjson};
pub(crate) use routes::answer;
pub(crate) use status::body as status_body;
