//! Routes of HTTP functions, matched as ASP.NET matches them.

mod constraint;
mod segment;
mod table;
mod template;

pub use table::{Route, RouteTable};
pub use template::{RouteError, RouteTemplate, RouteValues};
