//! The result type of the checks: what is wrong, where, and how to fix it.

use crate::rule::Rule;
use card::position;
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

/// A problem in a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// JSON pointer (RFC 6901) into the template; empty for the whole card.
    pub pointer: String,
    /// Line in the file, from 1; none for the card as a whole.
    pub line: Option<usize>,
    /// Column in that line, from 1, in characters. Until a finding is placed in its file, the one in the string at the pointer.
    pub column: Option<usize>,
    /// Its severity.
    pub level: Level,
    /// Which rule it breaks.
    pub rule: Rule,
    /// What is wrong.
    pub message: String,
    /// How to fix it; may be empty.
    pub suggestion: String,
    /// The names of the sample data that it was found with, where others were clean; empty for all, and without data.
    pub samples: Vec<String>,
}

impl Finding {
    /// The finding of a file that can't be read.
    #[must_use]
    pub fn unreadable(why: impl Into<String>) -> Self {
        Self::error(Rule::File, "", why)
    }

    pub(crate) fn error(rule: Rule, pointer: &str, what: impl Into<String>) -> Self {
        Self {
            pointer: pointer.to_owned(),
            line: None,
            column: None,
            level: Level::Error,
            rule,
            message: what.into(),
            suggestion: String::new(),
            samples: Vec::new(),
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

    /// Looks up line and column in the template's text: of the character in the string, of the value at the pointer, or of
    /// what is nearest around it, as a finding may be about a property that is not there.
    pub(crate) fn place(&mut self, template: &str) {
        if self.line.is_some() || self.pointer.is_empty() {
            return;
        }
        let mut column = self.column.take();
        let mut pointer = self.pointer.as_str();
        while !pointer.is_empty() {
            if let Some(found) = position(template, pointer, column.take()) {
                (self.line, self.column) = (Some(found.line), Some(found.column));
                return;
            }
            pointer = pointer.rsplit_once('/').map_or("", |(outer, _)| outer);
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
    /// `error: /body/0/text: what; how to suggestion (with sample.json)`, behind `line:column: ` where they are known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, "{line}:{column}: ")?;
        }
        write!(f, "{}: ", self.level.as_str())?;
        if !self.pointer.is_empty() {
            write!(f, "{}: ", self.pointer)?;
        }
        f.write_str(&self.message)?;
        if !self.suggestion.is_empty() {
            write!(f, "; {}", self.suggestion)?;
        }
        if !self.samples.is_empty() {
            write!(f, " (with {})", self.samples.join(", "))?;
        }
        Ok(())
    }
}
