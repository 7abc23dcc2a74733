//! The public HTTP side: routes, keys, and the three ways in which a request reaches the handler.

mod admin;
mod constraint;
mod envelope;
mod forward;
pub(crate) mod keys;
mod listener;
mod problem;
mod proxy;
mod query;
pub(crate) mod routes;
mod segment;
pub(crate) mod template;

pub(crate) use listener::router;
