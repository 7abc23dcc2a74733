//! The result type of the checks: what is wrong, where, and how to fix it.

use std::fmt;

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Good to know: nothing is wrong.
    Note,
    /// Teams renders the card, but not as intended, or not for everyone.
    Warning,
    /// The card can't be filled, sent or rendered.
    Error,
}

impl Level {
    /// `note`, `warning` or `error`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Which rule a finding breaks; its name is stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// The text is not JSON.
    Json,
    /// A string with `${` is not an expression.
    Expression,
    /// A function that doesn't exist.
    Function,
    /// The data lack a field.
    Field,
    /// The template can't be filled with the data.
    Fill,
    /// A condition that is neither true nor false.
    Condition,
    /// A placeholder of another template language.
    Placeholder,
    /// A `{{DATE(…)}}` or `{{TIME(…)}}` that Teams can't read.
    Moment,
    /// Data that the card does not read.
    Unread,
    /// An element or action of an unknown type, or one that is not allowed there.
    Type,
    /// A required property is missing.
    Required,
    /// A property has a value of the wrong type, or one that isn't among the allowed ones.
    Value,
    /// A property that the schema doesn't know.
    Property,
    /// Newer than the version that Teams renders, or than the card's version.
    Version,
    /// The message is larger than Teams accepts, or nearly.
    Size,
    /// An image without an alternative text.
    AltText,
    /// A duplicate id, or a reference to an unknown id.
    Id,
    /// A mention that doesn't fit its entity.
    Mention,
    /// Something that Teams does not support for bots.
    Teams,
}

impl Rule {
    /// The rule's name, as `--json` prints it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Expression => "expression",
            Self::Function => "unknown-function",
            Self::Field => "missing-field",
            Self::Fill => "fill",
            Self::Condition => "condition",
            Self::Placeholder => "placeholder",
            Self::Moment => "date-time",
            Self::Unread => "unread-data",
            Self::Type => "unknown-type",
            Self::Required => "required-property",
            Self::Value => "property-value",
            Self::Property => "unknown-property",
            Self::Version => "version",
            Self::Size => "size",
            Self::AltText => "alt-text",
            Self::Id => "id",
            Self::Mention => "mention",
            Self::Teams => "teams",
        }
    }
}

/// A problem in a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// JSON pointer (RFC 6901) into the template; empty for the whole card.
    pub pointer: String,
    /// Line in the file, from 1; only where the text is not JSON.
    pub line: Option<usize>,
    /// Column from 1, in characters: in the line, or in the string at the pointer.
    pub column: Option<usize>,
    /// Its severity.
    pub level: Level,
    /// Which rule it breaks.
    pub rule: Rule,
    /// What is wrong.
    pub message: String,
    /// How to fix it; may be empty.
    pub suggestion: String,
}

impl Finding {
    pub(crate) fn error(rule: Rule, pointer: &str, what: impl Into<String>) -> Self {
        Self {
            pointer: pointer.to_owned(),
            line: None,
            column: None,
            level: Level::Error,
            rule,
            message: what.into(),
            suggestion: String::new(),
        }
    }

    pub(crate) fn warning(rule: Rule, pointer: &str, what: impl Into<String>) -> Self {
        Self {
            level: Level::Warning,
            ..Self::error(rule, pointer, what)
        }
    }

    pub(crate) fn note(rule: Rule, pointer: &str, what: impl Into<String>) -> Self {
        Self {
            level: Level::Note,
            ..Self::error(rule, pointer, what)
        }
    }

    pub(crate) fn suggest(self, suggestion: impl Into<String>) -> Self {
        Self {
            suggestion: suggestion.into(),
            ..self
        }
    }
}

impl fmt::Display for Finding {
    /// `/body/0/text: error: what; how to suggestion`, or `3:14: error: …` where the text is not JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (Some(line), Some(column)) => write!(f, "{line}:{column}: ")?,
            _ if self.pointer.is_empty() => {}
            _ => write!(f, "{}: ", self.pointer)?,
        }
        write!(f, "{}: ", self.level.as_str())?;
        if let (None, Some(column)) = (self.line, self.column) {
            write!(f, "column {column}: ")?;
        }
        f.write_str(&self.message)?;
        if !self.suggestion.is_empty() {
            write!(f, "; {}", self.suggestion)?;
        }
        Ok(())
    }
}
