//! Makes tree nodes and checks them as the reference does before any evaluation.

use super::{Const, Expr, FixedPath, Lookup, Step};
use crate::functions::{self, Types};
use crate::number::{Radix, number_text, parse_int};
use crate::value::split_path;

pub(super) enum CallError {
    Unknown,
    Invalid(String),
}

/// A name read from memory.
pub(super) fn name(name: &str) -> Expr {
    access(None, vec![Step::Name(name.into())])
}

/// `base.name`
pub(super) fn accessor(base: Expr, name: &str) -> Result<Expr, String> {
    if !base.returns().meets(Types::OBJECT) {
        return Err(format!("`{base}` is {}, which has no `.{name}`", base.returns()));
    }
    let mut steps = Vec::new();
    let root = unfold(base, &mut steps);
    steps.push(Step::Name(name.into()));
    Ok(access(root, steps))
}

/// Takes the path steps off an expression; what is left, if anything, is the computed base.
fn unfold(expr: Expr, steps: &mut Vec<Step>) -> Option<Expr> {
    match expr {
        Expr::Access {
            base, steps: inner, ..
        } => {
            steps.extend(inner);
            base.map(|b| *b)
        }
        Expr::Element { base, index } => {
            let root = unfold(*base, steps);
            steps.push(Step::Index(*index));
            root
        }
        other => Some(other),
    }
}

fn access(base: Option<Expr>, steps: Vec<Step>) -> Expr {
    let fixed = fixed_path(&steps);
    Expr::Access {
        base: base.map(Box::new),
        steps: steps.into_boxed_slice(),
        fixed,
    }
}

fn fixed_path(steps: &[Step]) -> Option<FixedPath> {
    let mut text = String::new();
    for step in steps {
        match step {
            Step::Name(name) => push_name(&mut text, name),
            Step::Index(Expr::Const(Const::Number(n))) => push_index(&mut text, &number_text(*n)),
            Step::Index(Expr::Const(Const::String(s))) => push_index(&mut text, s),
            Step::Index(_) => return None,
        }
    }
    let parts = split_path(&text).map(Box::from).collect();
    Some(FixedPath {
        text: text.into(),
        parts,
    })
}

/// Appends `.name` to a path text.
pub(crate) fn push_name(path: &mut String, name: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(name);
}

/// Appends an index to a path text: bare when it begins like a number, else quoted.
pub(crate) fn push_index(path: &mut String, index: &str) {
    path.push('[');
    if parse_int(index, Radix::Guess).is_some() {
        path.push_str(index);
    } else {
        path.push('\'');
        path.push_str(index);
        path.push('\'');
    }
    path.push(']');
}

/// A call, checked for the number and the static types of its arguments.
pub(super) fn call(name: &str, mut args: Vec<Expr>, lookup: Lookup) -> Result<Expr, CallError> {
    match name {
        "Accessor" => return accessor_call(args),
        "Element" if args.len() == 2 => {
            if let (Some(index), Some(base)) = (args.pop(), args.pop()) {
                return Ok(Expr::Element {
                    base: Box::new(base),
                    index: Box::new(index),
                });
            }
        }
        _ => {}
    }
    let Some(function) = functions::find(name) else {
        return match lookup {
            Lookup::Strict => Err(CallError::Unknown),
            Lookup::Late => Ok(Expr::Unknown {
                name: name.into(),
                args: args.into_boxed_slice(),
            }),
        };
    };
    function.check.validate(name, &args).map_err(CallError::Invalid)?;
    Ok(Expr::Call {
        function,
        args: args.into_boxed_slice(),
    })
}

fn accessor_call(args: Vec<Expr>) -> Result<Expr, CallError> {
    let mut args = args.into_iter();
    match (args.next(), args.next(), args.next()) {
        (Some(Expr::Const(Const::String(name))), None, None) => Ok(self::name(&name)),
        (Some(Expr::Const(Const::String(name))), Some(base), None) => {
            accessor(base, &name).map_err(CallError::Invalid)
        }
        _ => Err(CallError::Invalid(
            "Accessor needs a name in quotes, then at most an object".to_owned(),
        )),
    }
}
