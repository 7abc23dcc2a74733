//! Routes of HTTP functions, matched and filled in as ASP.NET does it.

mod constraint;
mod link;
mod path;
mod segment;
mod table;
mod template;

pub use link::LinkError;
pub use path::decoded_path;
pub use table::{Route, RouteTable};
pub use template::{ParameterExtent, RouteError, RouteParameter, RouteTemplate, RouteValues};
