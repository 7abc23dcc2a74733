//! Adaptive Card Templating and Adaptive Expressions. Knows nothing of Teams, HTTP or storage.

mod budget;
mod eval;
mod functions;
mod json;
pub mod jsonl;
mod locales;
mod number;
mod syntax;
mod template;
mod value;

pub use budget::{Limits, MAX_LEVELS};
pub use eval::{Environment, EvalError, Expression, SystemEnvironment};
pub use functions::function_names;
pub use json::{Duplicate, Json, JsonError, MAX_DEPTH, Position, duplicates, position, utf8};
pub use syntax::{MAX_EXPRESSION, MAX_NESTING, SyntaxError, closest};
pub use template::{CompileError, Data, ExpandError, Fields, MAX_TEMPLATE, Presence, Reads, Template};
pub use value::Value;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
