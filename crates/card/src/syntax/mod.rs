//! The expression grammar: parsing to a typed tree, and printing a tree as canonical text. Nothing is evaluated here.

mod ast;
pub(crate) mod build;
mod hints;
mod interpolation;
mod lexer;
mod parser;
mod print;
mod suggest;

pub(crate) use ast::{Const, Expr, FixedPath, Folded, Path, Step};
pub(crate) use parser::{
    FunctionLookup, Piece, Scratch, parse, parse_template_string, parse_within, template_pieces,
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
    kind: SyntaxErrorKind,
}

/// What is wrong with an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SyntaxErrorKind {
    /// It is not an expression.
    Invalid,
    /// It is nested too deep.
    TooDeep,
}

impl SyntaxError {
    pub(crate) fn new(offset: usize, message: impl Into<String>) -> Self {
        Self {
            offset,
            message: message.into(),
            kind: SyntaxErrorKind::Invalid,
        }
    }

    /// The error for an expression that is nested deeper than `most` levels.
    pub(crate) fn too_deep(offset: usize, most: usize) -> Self {
        Self {
            offset,
            message: format!("this expression is nested deeper than {most} levels"),
            kind: SyntaxErrorKind::TooDeep,
        }
    }

    /// Whether the text is nested too deep.
    pub(crate) fn is_too_deep(&self) -> bool {
        self.kind == SyntaxErrorKind::TooDeep
    }

    /// The column of the fault in `text`, in characters from 1.
    #[must_use]
    pub fn column(&self, text: &str) -> usize {
        crate::json::up_to(text, self.offset).chars().count() + 1
    }
}
