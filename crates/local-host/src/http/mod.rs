//! The public HTTP side: routes, keys, and the three ways in which a request reaches the handler.

mod constraint;
mod segment;
pub(crate) mod template;
