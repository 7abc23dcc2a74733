//! The compiled form of a template: one text with everything static, and a list of parts: text to copy and values to
//! compute. No behaviour.

use super::pointers::{PointerTree, StepId};
use crate::json::Json;
use crate::syntax::Expr;

/// A compiled template.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) root: Root,
    /// JSON text that spans refer to.
    pub(super) text: Box<str>,
    /// What places refer to.
    pub(super) pointers: PointerTree,
}

impl Program {
    pub(super) fn text(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or("")
    }

    pub(super) fn pointer(&self, location: Location) -> String {
        self.pointers.pointer(location.step)
    }
}

/// The whole template.
#[derive(Debug)]
pub(super) enum Root {
    /// One expression, whose value may be undefined.
    Value(Code),
    /// An object that can be left out or repeated.
    Object(Box<Object>),
    Parts(Box<[Part]>),
}

/// A range of the text, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The position of a part of the template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Location {
    /// Its pointer.
    pub(super) step: StepId,
    /// How deep it is nested, in the card as in the template.
    pub(super) depth: usize,
}

impl Location {
    pub(super) const ROOT: Self = Self {
        step: PointerTree::ROOT,
        depth: 0,
    };
}

/// A part of the output. Commas are in the static text where they are known to be needed; where the preceding
/// value may be left out, the last written character decides.
#[derive(Debug)]
pub(super) enum Part {
    /// Text to copy; may span strings, arrays and objects.
    Static(Span),
    /// A `${…}` inside a string.
    Text(Code),
    /// A comma, if anything precedes it in its array or object.
    Comma,
    /// `"key":` and its value; left out when the value is undefined.
    Property(Span, Code),
    /// A value in an array, where nulls are left out and arrays are written without brackets.
    Item(Code),
    /// An object in an array that can be left out or repeated.
    Items(Box<Object>),
    /// The same as a property's value, where it can become null or an array.
    Object(Box<Object>),
}

/// An expression and its position.
#[derive(Debug)]
pub(super) struct Code {
    pub(super) expr: Expr,
    pub(super) location: Location,
}

/// An object with `$data` or `$when`.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) context: Context,
    pub(super) condition: Condition,
    /// The braces and what is between them.
    pub(super) body: Box<[Part]>,
    pub(super) location: Location,
}

/// `$data`.
#[derive(Debug)]
pub(super) enum Context {
    Inherited,
    Code(Code),
    Literal(Json<'static>),
}

/// `$when`.
#[derive(Debug)]
pub(super) enum Condition {
    Always,
    /// A literal that is not false.
    Never,
    Code(Code),
}
