//! The expression grammar: text to typed tree, and tree back to canonical text. Nothing is evaluated here.

mod ast;
pub(crate) mod build;
mod interpolation;
mod lexer;
mod parser;
mod print;
mod suggest;

pub(crate) use ast::{Const, Expr, FixedPath, Folded, Step};
pub(crate) use parser::{
    Lookup, Piece, Scratch, parse, parse_template_string, parse_within, template_pieces,
};
pub(crate) use print::shortened;
pub use suggest::closest;

/// The longest expression (or string with `${`) that is read, in bytes.
pub const MAX_EXPRESSION: usize = 65_536;

/// The deepest nesting of an expression.
pub const MAX_NESTING: usize = 200;

/// Why a text is not an expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// Byte offset of the fault in the text.
    pub offset: usize,
    /// What was found, what was expected, and a suggestion where there is one.
    pub message: String,
    fault: Fault,
}

/// What is wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// It is no expression.
    Mistake,
    /// It is nested too deep.
    Depth,
}

impl SyntaxError {
    pub(crate) fn new(offset: usize, message: impl Into<String>) -> Self {
        Self {
            offset,
            message: message.into(),
            fault: Fault::Mistake,
        }
    }

    /// The same for a text that is nested deeper than so many levels.
    pub(crate) fn too_deep(offset: usize, most: usize) -> Self {
        Self {
            offset,
            message: format!("this expression is nested deeper than {most} levels"),
            fault: Fault::Depth,
        }
    }

    /// Whether the text is nested too deep.
    pub(crate) fn is_too_deep(&self) -> bool {
        self.fault == Fault::Depth
    }

    /// The column of the fault in `text`, in characters from 1.
    #[must_use]
    pub fn column(&self, text: &str) -> usize {
        crate::json::up_to(text, self.offset).chars().count() + 1
    }
}
