//! The compiled form of a template.

use crate::json::Json;
use crate::syntax::Expr;

/// A value of the template.
#[derive(Debug)]
pub(super) enum Node {
    /// JSON text without expressions.
    Static { text: Box<str>, shape: Shape },
    /// A string with `${…}`.
    Dynamic(Box<Code>),
    /// A list with expressions somewhere in it.
    Array(Box<[Node]>),
    /// An object with expressions or reserved keys somewhere in it.
    Object(Box<Object>),
}

/// What a static value is to a list that it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Removed from lists.
    Null,
    /// Spliced into lists; empty ones leave nothing.
    EmptyList,
    List,
    Other,
}

/// An expression and where it stands.
#[derive(Debug)]
pub(super) struct Code {
    pub(super) expr: Expr,
    pub(super) pointer: Box<str>,
}

/// An object.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) context: Context,
    pub(super) condition: Condition,
    pub(super) members: Box<[Member]>,
    pub(super) pointer: Box<str>,
}

/// A run of members.
#[derive(Debug)]
pub(super) enum Member {
    /// `"a":1,"b":2` as it stands.
    Static(Box<str>),
    /// `"key":` and its value; left out when the value is undefined.
    Dynamic(Box<str>, Node),
}

/// `$data`.
#[derive(Debug)]
pub(super) enum Context {
    Inherited,
    Code(Box<Code>),
    Literal(Box<Json<'static>>),
}

/// `$when`.
#[derive(Debug)]
pub(super) enum Condition {
    Always,
    /// A literal that is not false.
    Never,
    Code(Box<Code>),
}
