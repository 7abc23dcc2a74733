//! Routes of HTTP functions, matched and filled in as ASP.NET does it.

mod constraint;
mod link;
mod segment;
mod table;
mod template;

pub use link::LinkError;
pub use table::RouteTable;
pub use template::{ParameterExtent, RouteError, RouteParameter, RouteTemplate, RouteValues};
