//! The typed tree of an expression. It is shared between threads, so it holds no runtime value.

use crate::functions::{Function, Types};
use crate::value::{Text, Val, split_path};
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
            Const::String(s) => Val::String(Text::shared(s)),
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

/// A path of several steps, or one that starts at a computed base.
#[derive(Debug)]
pub(crate) struct Path {
    /// The computed base; `None` means memory.
    pub(crate) base: Option<Expr>,
    pub(crate) steps: Box<[Step]>,
    /// Set if every step is constant.
    pub(crate) fixed: Option<FixedPath>,
}

/// A path with constant steps only.
#[derive(Debug)]
pub(crate) struct FixedPath {
    /// The path as text, for substitution.
    pub(crate) text: Box<str>,
    /// The names and indices to walk, as ranges of the text.
    parts: Box<[(u32, u32)]>,
}

impl FixedPath {
    pub(crate) fn new(text: String) -> Self {
        let from = text.as_ptr().addr();
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let parts = split_path(&text)
            .map(|part| {
                let start = part.as_ptr().addr().saturating_sub(from).min(text.len());
                (offset(start), offset(start + part.len()))
            })
            .collect();
        Self {
            text: text.into(),
            parts,
        }
    }

    /// The names and indices to walk.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &str> {
        let part = |&(start, end): &(u32, u32)| self.text.get(start as usize..end as usize);
        self.parts.iter().map(move |range| part(range).unwrap_or(""))
    }
}

/// An expression.
#[derive(Debug)]
pub(crate) enum Expr {
    Const(Const),
    /// One name read from memory: the most common path.
    Name(Box<str>),
    /// A path whose outermost step is `.name`, from memory or from a computed base.
    Access(Box<Path>),
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
    Unknown(Box<Unknown>),
    Folded(Box<Folded>),
}

/// A call of an unknown function in a template: an error only when it is evaluated.
#[derive(Debug)]
pub(crate) struct Unknown {
    pub(crate) name: Box<str>,
    pub(crate) args: Box<[Expr]>,
}

/// A call of constants, computed when compiled; the source is kept for messages.
#[derive(Debug)]
pub(crate) struct Folded {
    pub(crate) value: Const,
    pub(crate) source: Expr,
}

impl Expr {
    pub(crate) fn string(text: &str) -> Self {
        Expr::Const(Const::String(Arc::from(text)))
    }

    /// The types that this expression may return, as far as the reference knows them before evaluation.
    pub(crate) fn returns(&self) -> Types {
        match self {
            Expr::Const(Const::String(_)) | Expr::Unknown(_) => Types::STRING,
            Expr::Const(Const::Number(_)) => Types::NUMBER,
            Expr::Const(Const::Bool(_)) => Types::BOOLEAN,
            Expr::Call { function, .. } => function.returns,
            Expr::Folded(folded) => folded.source.returns(),
            Expr::Const(_) | Expr::Name(_) | Expr::Access(_) | Expr::Element { .. } | Expr::Object(_) => {
                Types::OBJECT
            }
        }
    }

    pub(crate) fn is_const(&self) -> bool {
        matches!(self, Expr::Const(_))
    }

    /// The value of a literal or folded call.
    pub(crate) fn known(&self) -> Option<&Const> {
        match self {
            Expr::Const(value) => Some(value),
            Expr::Folded(folded) => Some(&folded.value),
            _ => None,
        }
    }

    /// The name, if this is a single one read from memory.
    pub(crate) fn plain_name(&self) -> Option<&str> {
        match self {
            Expr::Name(name) => Some(name),
            Expr::Access(path) => match (&path.base, &path.steps[..]) {
                (None, [Step::Name(name)]) => Some(name),
                _ => None,
            },
            _ => None,
        }
    }

    /// Calls `visit` on this expression and on every expression below it.
    pub(crate) fn walk(&self, visit: &mut impl FnMut(&Expr)) {
        visit(self);
        match self {
            Expr::Const(_) | Expr::Name(_) => {}
            Expr::Access(path) => {
                if let Some(base) = &path.base {
                    base.walk(visit);
                }
                for step in &path.steps {
                    if let Step::Index(index) = step {
                        index.walk(visit);
                    }
                }
            }
            Expr::Element { base, index } => {
                base.walk(visit);
                index.walk(visit);
            }
            Expr::Call { args, .. } => args.iter().for_each(|arg| arg.walk(visit)),
            Expr::Unknown(unknown) => unknown.args.iter().for_each(|arg| arg.walk(visit)),
            Expr::Object(properties) => properties.iter().for_each(|(_, value)| value.walk(visit)),
            Expr::Folded(folded) => folded.source.walk(visit),
        }
    }
}
