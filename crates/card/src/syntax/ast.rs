//! The typed tree of an expression. It is shared between threads, so it holds no runtime value.

use crate::functions::{Function, Types};
use crate::value::{Text, Val};
use std::sync::Arc;

/// A literal.
#[derive(Clone, Debug)]
pub(crate) enum Const {
    Undefined,
    Null,
    Bool(bool),
    Number(f64),
    String(Arc<str>),
}

impl Const {
    pub(crate) fn value<'d>(&self) -> Val<'d> {
        match self {
            Const::Undefined => Val::Undefined,
            Const::Null => Val::Null,
            Const::Bool(b) => Val::Bool(*b),
            Const::Number(n) => Val::Number(*n),
            Const::String(s) => Val::String(Text::Shared(Arc::clone(s))),
        }
    }

    /// The literal for a computed scalar, if it is one.
    pub(crate) fn from_value(value: &Val<'_>) -> Option<Self> {
        match value {
            Val::Undefined => Some(Const::Undefined),
            Val::Null => Some(Const::Null),
            Val::Bool(b) => Some(Const::Bool(*b)),
            Val::Number(n) => Some(Const::Number(*n)),
            Val::String(s) => Some(Const::String(Arc::from(&**s))),
            _ => None,
        }
    }
}

/// One step of a path.
#[derive(Debug)]
pub(crate) enum Step {
    Name(Box<str>),
    Index(Expr),
}

/// A path whose every step is known when it is compiled.
#[derive(Debug)]
pub(crate) struct FixedPath {
    /// The path as it is shown when it is missing.
    pub(crate) text: Box<str>,
    /// The names and indices to walk.
    pub(crate) parts: Box<[Box<str>]>,
}

/// An expression.
#[derive(Debug)]
pub(crate) enum Expr {
    Const(Const),
    /// A path whose outermost step is `.name`, from memory or from a computed base.
    Access {
        base: Option<Box<Expr>>,
        steps: Box<[Step]>,
        fixed: Option<FixedPath>,
    },
    /// `base[index]` as the outermost step.
    Element {
        base: Box<Expr>,
        index: Box<Expr>,
    },
    Call {
        function: &'static Function,
        args: Box<[Expr]>,
    },
    /// `{key: value, …}`
    Object(Box<[(Arc<str>, Expr)]>),
    /// A function that does not exist, in a template: an error only when it is evaluated.
    Unknown {
        name: Box<str>,
        args: Box<[Expr]>,
    },
    /// A call of constants, computed when compiled; the source is kept for messages.
    Folded {
        value: Const,
        source: Box<Expr>,
    },
}

impl Expr {
    pub(crate) fn string(text: &str) -> Self {
        Expr::Const(Const::String(Arc::from(text)))
    }

    /// The types that this expression may return, as far as the reference knows them before evaluation.
    pub(crate) fn returns(&self) -> Types {
        match self {
            Expr::Const(Const::String(_)) | Expr::Unknown { .. } => Types::STRING,
            Expr::Const(Const::Number(_)) => Types::NUMBER,
            Expr::Const(Const::Bool(_)) => Types::BOOLEAN,
            Expr::Call { function, .. } => function.returns,
            Expr::Folded { source, .. } => source.returns(),
            Expr::Const(_) | Expr::Access { .. } | Expr::Element { .. } | Expr::Object(_) => Types::OBJECT,
        }
    }

    pub(crate) fn is_const(&self) -> bool {
        matches!(self, Expr::Const(_))
    }

    /// The value of a literal or folded call.
    pub(crate) fn known(&self) -> Option<&Const> {
        match self {
            Expr::Const(value) | Expr::Folded { value, .. } => Some(value),
            _ => None,
        }
    }

    /// Calls `visit` on this expression and on every expression below it.
    pub(crate) fn walk(&self, visit: &mut impl FnMut(&Expr)) {
        visit(self);
        match self {
            Expr::Const(_) => {}
            Expr::Access { base, steps, .. } => {
                if let Some(base) = base {
                    base.walk(visit);
                }
                for step in steps {
                    if let Step::Index(index) = step {
                        index.walk(visit);
                    }
                }
            }
            Expr::Element { base, index } => {
                base.walk(visit);
                index.walk(visit);
            }
            Expr::Call { args, .. } | Expr::Unknown { args, .. } => {
                args.iter().for_each(|arg| arg.walk(visit))
            }
            Expr::Object(members) => members.iter().for_each(|(_, value)| value.walk(visit)),
            Expr::Folded { source, .. } => source.walk(visit),
        }
    }
}
