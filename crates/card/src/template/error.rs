//! Errors for card designers: the position in the template and in the string, and what was expected.

use crate::json::JsonError;

/// Why a template cannot be compiled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompileError {
    /// The text is not JSON.
    #[error("{name}: {source}")]
    Json {
        /// The template's name.
        name: String,
        /// Line, column and what was expected.
        source: JsonError,
    },
    /// A string that contains `${` is not an expression.
    #[error("{name}: at {}, column {column}: {message}", shown(pointer))]
    Expression {
        /// The template's name.
        name: String,
        /// JSON pointer (RFC 6901) to the string.
        pointer: String,
        /// Column inside the string, in characters from 1.
        column: usize,
        /// What was found and what was expected.
        message: String,
    },
    /// The text is longer than [`MAX_TEMPLATE`](crate::MAX_TEMPLATE).
    #[error("{name}: the template is longer than {} bytes", super::MAX_TEMPLATE)]
    TooLarge {
        /// The template's name.
        name: String,
    },
}

/// Why a template cannot be expanded with some data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExpandError {
    /// An expression does not apply to the data.
    #[error("{name}: at {}: `${{{expression}}}`: {message}", shown(pointer))]
    Failed {
        /// The template's name.
        name: String,
        /// JSON pointer to the string in the template.
        pointer: String,
        /// The canonical text of the expression.
        expression: String,
        /// What was found and what was expected.
        message: String,
    },
    /// A limit of steps, depth or size was reached.
    #[error("{name}: at {}: {message}", shown(pointer))]
    Limit {
        /// The template's name.
        name: String,
        /// JSON pointer to the place in the template.
        pointer: String,
        /// Which limit.
        message: String,
    },
}

fn shown(pointer: &str) -> &str {
    if pointer.is_empty() { "the root" } else { pointer }
}

/// Appends a step to a JSON pointer.
pub(super) fn push_step(pointer: &mut String, step: &str) {
    pointer.push('/');
    if !step.contains(['~', '/']) {
        pointer.push_str(step);
        return;
    }
    for c in step.chars() {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}
