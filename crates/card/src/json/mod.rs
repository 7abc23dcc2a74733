//! JSON documents as the engine reads them: numbers are f64, keys are in JavaScript's order, strings borrow
//! from the text where possible. No expressions here.

mod convert;
mod encoding;
mod order;
mod parse;
mod plain;
mod position;
mod write;

use std::borrow::Cow;

pub use encoding::utf8;
pub(crate) use order::{array_index, insert_position};
pub(crate) use parse::up_to;
pub use parse::{JsonError, MAX_DEPTH};
pub use position::{Duplicate, Position, duplicates, position};
pub(crate) use write::{push_escaped, push_json, push_string};

/// A JSON document, read once and borrowed by every expansion.
///
/// Numbers are f64, as in the reference (an integer above 2^53 is rounded). Objects keep the key order of
/// JavaScript: keys that are array indices first, ascending, then the others in insertion order; of duplicate
/// keys the last value wins. A lone surrogate escape becomes U+FFFD.
///
/// ```
/// use card::Json;
/// let data = Json::parse(r#"{"title": "Hello"}"#)?;
/// assert_eq!(data.to_string(), r#"{"title":"Hello"}"#);
/// # Ok::<(), card::JsonError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Json<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// Any number.
    Number(f64),
    /// A string.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Json<'a>>),
    /// An object in JavaScript's key order, without duplicate keys.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
    /// The canonical text of an expression that stands in a template's literal `$data`, where it is never
    /// evaluated. `Json::parse` never returns this.
    #[doc(hidden)]
    Code(Cow<'a, str>),
}

impl<'a> Json<'a> {
    /// Reads a document.
    ///
    /// # Errors
    /// With line, column and what was expected, when `text` is not JSON or is nested deeper than
    /// [`MAX_DEPTH`].
    pub fn parse(text: &'a str) -> Result<Self, JsonError> {
        parse::parse(text)
    }

    /// The property `key` of an object (exact case).
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Json<'a>> {
        match self {
            Json::Object(properties) => properties.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// A copy that borrows nothing.
    #[must_use]
    pub fn into_owned(self) -> Json<'static> {
        match self {
            Json::Null => Json::Null,
            Json::Bool(b) => Json::Bool(b),
            Json::Number(n) => Json::Number(n),
            Json::String(s) => Json::String(Cow::Owned(s.into_owned())),
            Json::Code(s) => Json::Code(Cow::Owned(s.into_owned())),
            Json::Array(items) => Json::Array(items.into_iter().map(Json::into_owned).collect()),
            Json::Object(properties) => Json::Object(
                properties
                    .into_iter()
                    .map(|(k, v)| (Cow::Owned(k.into_owned()), v.into_owned()))
                    .collect(),
            ),
        }
    }
}

impl std::fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = String::new();
        push_json(&mut out, self);
        f.write_str(&out)
    }
}
