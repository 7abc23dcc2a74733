//! HTTP in an envelope: the host's JSON form of a request made into a real one for the same routes, and their
//! answer put into `Outputs`. The host does this when neither proxying nor forwarding is on, or when an HTTP
//! function has bindings beside its trigger and its answer.

mod reply;
mod request;

pub(crate) use reply::reply;
pub(crate) use request::request;
