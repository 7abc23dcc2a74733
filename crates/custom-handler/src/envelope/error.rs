//! Why a body is not an envelope. Texts name places and kinds, never content: they end up in logs.

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
        /// The place.
        what: &'static str,
        /// The kind of value found there.
        found: &'static str,
    },
    /// The object has no `Data`.
    #[error("the body has no `Data`; its members are: {}", listed(.found))]
    NoData {
        /// The members that are there.
        found: Vec<String>,
    },
    /// `Data` has no member.
    #[error("`Data` is empty; it must hold the trigger's value under its binding name")]
    EmptyData,
    /// `Data` has no member of the trigger's name.
    #[error("`Data` has no `{wanted}`; it has: {}. Give the `name` of the trigger binding in function.json", listed(.found))]
    NoBinding {
        /// The name that was asked for.
        wanted: String,
        /// The names that are there.
        found: Vec<String>,
    },
    /// The trigger's value is of another kind than the function wants.
    #[error("`Data.{binding}` is {found}, expected {expected}")]
    WrongShape {
        /// Binding name.
        binding: String,
        /// What the function wants.
        expected: &'static str,
        /// What came.
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
