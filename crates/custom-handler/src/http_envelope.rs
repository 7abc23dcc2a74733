//! HTTP requests in an envelope: converts the host's JSON form to an HTTP request for the same routes, and the response
//! to `Outputs`. The host sends this form when neither proxying nor forwarding is on, or when an HTTP function has
//! bindings besides its trigger and its output.

mod reply;
mod request;

pub(crate) use reply::reply;
pub(crate) use request::request;
