//! Errors for card designers: the position in the template and in the string, and what was expected.

use crate::json::{JsonError, Position, position};
use crate::syntax::shortened;
use std::borrow::Cow;

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
    #[error("{name}: at {}, column {column}{}: {message}", shown(pointer), of_file(*position))]
    Expression {
        /// The template's name.
        name: String,
        /// JSON pointer (RFC 6901) to the string.
        pointer: String,
        /// Column inside the string, in characters from 1.
        column: usize,
        /// The same place in the template's text, where the template was read from a text.
        position: Option<Position>,
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
    #[error(
        "{name}: at {}: `${{{}}}`: {message}",
        shown(pointer),
        shortened(expression, SHOWN)
    )]
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

impl CompileError {
    /// With line and column in `text`, from which the template was read.
    #[must_use]
    pub fn in_text(mut self, text: &str) -> Self {
        if let Self::Expression {
            pointer,
            column,
            position: place,
            ..
        } = &mut self
        {
            *place = position(text, pointer, Some(*column));
        }
        self
    }
}

impl ExpandError {
    /// JSON pointer to the place in the template.
    #[must_use]
    pub fn pointer(&self) -> &str {
        match self {
            Self::Failed { pointer, .. } | Self::Limit { pointer, .. } => pointer,
        }
    }

    /// The message with line and column in `text`, from which the template was read.
    ///
    /// ```
    /// let text = "{\n  \"type\": \"TextBlock\",\n  \"text\": \"${formatNumber(price, 2)}\"\n}";
    /// let template = card::Template::parse(text, "price.json")?;
    /// let error = template.expand_to_string(&card::Data::default()).unwrap_err();
    /// assert!(error.in_text(text).starts_with("price.json: at /text (line 3, column 11): "));
    /// # Ok::<(), card::CompileError>(())
    /// ```
    #[must_use]
    pub fn in_text(&self, text: &str) -> String {
        let message = self.to_string();
        let place = shown(self.pointer());
        let Some(position) = position(text, self.pointer(), None) else {
            return message;
        };
        match message.split_once(&format!(": at {place}:")) {
            Some((name, rest)) => format!("{name}: at {place} ({position}):{rest}"),
            None => message,
        }
    }
}

/// How much of a pointer and of an expression is shown, bytes.
const SHOWN: usize = 200;

fn shown(pointer: &str) -> Cow<'_, str> {
    if pointer.is_empty() {
        return "the root".into();
    }
    shortened(pointer, SHOWN)
}

fn of_file(position: Option<Position>) -> String {
    position.map_or_else(String::new, |position| format!(" ({position})"))
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
