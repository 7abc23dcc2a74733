//! Routes of HTTP functions, matched as ASP.NET matches them.

mod constraint;
mod path;
mod segment;
mod table;
mod template;

pub use path::decoded_path;
pub use table::{Route, RouteTable};
pub use template::{RouteError, RouteTemplate, RouteValues};
