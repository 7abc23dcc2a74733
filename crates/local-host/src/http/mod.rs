//! The public HTTP side: routes, keys, and the three ways in which a request reaches the handler.

mod admin;
mod cors;
mod envelope;
mod forward;
pub(crate) mod keys;
mod listener;
mod problem;
mod proxy;
mod query;

pub(crate) use listener::router;
