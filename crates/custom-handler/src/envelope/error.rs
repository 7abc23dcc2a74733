//! Why a body is not an envelope. Messages name positions and types, never content, as they are logged.

/// The body of an invocation cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// No bytes, or only white space.
    #[error("the body is empty; an invocation is a JSON object with `Data` and `Metadata`")]
    Empty,
    /// The body is not UTF-8.
    #[error("the body is not UTF-8 at byte {at}")]
    NotUtf8 {
        /// Offset of the first bad byte.
        at: usize,
    },
    /// The body is not JSON.
    #[error("the body is not JSON: {reason} at line {line}, column {column}")]
    NotJson {
        /// What is wrong there.
        reason: &'static str,
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
    },
    /// An object was expected.
    #[error("{what} must be a JSON object, but is {found}")]
    NotAnObject {
        /// The position.
        what: &'static str,
        /// The type of value found there.
        found: &'static str,
    },
    /// The object has no `Data`.
    #[error("the body has no `Data`; its properties are: {}", listed(.found))]
    NoData {
        /// The properties that it has.
        found: Vec<String>,
    },
    /// `Data` has no properties.
    #[error("`Data` is empty; it must hold the trigger's value under its binding name")]
    EmptyData,
    /// `Data` has no property with the trigger's name.
    #[error("`Data` has no `{wanted}`; it has: {}. Give the `name` of the trigger binding in function.json", listed(.found))]
    NoBinding {
        /// The requested name.
        wanted: String,
        /// The names that it has.
        found: Vec<String>,
    },
    /// The trigger's value has another type than the function expects.
    #[error("`Data.{binding}` is {found}, expected {expected}")]
    WrongShape {
        /// Binding name.
        binding: String,
        /// The expected type.
        expected: &'static str,
        /// The actual type.
        found: String,
    },
}

impl EnvelopeError {
    pub(super) fn not_json(error: &serde_json::Error, text: &str) -> Self {
        let reason = match error.classify() {
            serde_json::error::Category::Eof => "it ends too early",
            _ if text.trim_start().starts_with(['{', '[', '"']) => "a character that JSON does not allow",
            _ => "it does not start with `{`",
        };
        Self::NotJson {
            reason,
            line: error.line(),
            column: error.column(),
        }
    }
}

fn listed(names: &[String]) -> String {
    match names {
        [] => "none".to_owned(),
        names => names
            .iter()
            .take(20)
            .map(|n| format!("`{n}`"))
            .collect::<Vec<_>>()
            .join(", "),
    }
}
