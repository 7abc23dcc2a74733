//! The compiled form of a template: one text with everything that is static, and a list that says what to
//! copy of it and what to compute in between. Nothing runs here.

use super::trail::{StepId, Trail};
use crate::json::Json;
use crate::syntax::Expr;

/// A compiled template.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) root: Root,
    /// JSON text that spans refer to.
    pub(super) text: Box<str>,
    /// What places refer to.
    pub(super) trail: Trail,
}

impl Program {
    pub(super) fn text(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or("")
    }

    pub(super) fn pointer(&self, place: Place) -> String {
        self.trail.pointer(place.step)
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

/// A piece of a text, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Where a part of the template stands in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The step that leads to it.
    pub(super) step: StepId,
    /// How deep it is nested, in the card as in the template.
    pub(super) depth: usize,
}

impl Place {
    pub(super) const ROOT: Self = Self {
        step: Trail::ROOT,
        depth: 0,
    };
}

/// What is written next. Commas are part of the static text where it is known that they are needed; where
/// what stands before may be left out, the last character written tells.
#[derive(Debug)]
pub(super) enum Part {
    /// Text as it stands, across strings, lists and objects.
    Static(Span),
    /// A `${…}` inside a string.
    Text(Code),
    /// A comma, if anything stands before it in its list or object.
    Comma,
    /// `"key":` and its value; left out when the value is undefined.
    Member(Span, Code),
    /// A value in a list, where nulls are left out and lists are written without brackets.
    Item(Code),
    /// An object in a list that can be left out or repeated.
    Items(Box<Object>),
    /// The same as the value of a member, where it can be null or a list.
    Object(Box<Object>),
}

/// An expression and where it stands.
#[derive(Debug)]
pub(super) struct Code {
    pub(super) expr: Expr,
    pub(super) place: Place,
}

/// An object with `$data` or `$when`.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) context: Context,
    pub(super) condition: Condition,
    /// The braces and what is between them.
    pub(super) body: Box<[Part]>,
    pub(super) place: Place,
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
