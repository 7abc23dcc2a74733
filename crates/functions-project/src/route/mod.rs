//! Routes of HTTP functions, matched as ASP.NET matches them.

mod constraint;
mod segment;
mod template;

pub use template::{RouteError, RouteTemplate, RouteValues};
