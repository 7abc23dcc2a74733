//! Builds tree nodes, with the checks that the reference makes before evaluation.

use super::ast::{Path, Unknown};
use super::{Const, Expr, FixedPath, FunctionLookup, Step};
use crate::functions::{self, PatternBudget, Types};
use crate::number::{Radix, number_text, parse_int};

pub(super) enum CallError {
    Unknown,
    Invalid(String),
}

/// A name read from memory.
pub(super) fn name(name: &str) -> Expr {
    let one = |b: u8| !matches!(b, b'.' | b'[' | b']' | b'\'' | b'"');
    if name.is_empty() || !name.bytes().all(one) {
        return access(None, vec![Step::Name(name.into())]);
    }
    Expr::Name(name.into())
}

/// `base.name`
pub(super) fn accessor(base: Expr, name: &str) -> Result<Expr, String> {
    if !base.returns().meets(Types::OBJECT) {
        return Err(format!(
            "`{}` is {}, which has no `.{name}`",
            base.brief(),
            base.returns()
        ));
    }
    let mut steps = Vec::new();
    let root = unfold(base, &mut steps);
    steps.push(Step::Name(name.into()));
    Ok(access(root, steps))
}

/// Moves the path steps of an expression to `steps`; returns the computed base, if there is one.
fn unfold(expr: Expr, steps: &mut Vec<Step>) -> Option<Expr> {
    match expr {
        Expr::Name(name) => {
            steps.push(Step::Name(name));
            None
        }
        Expr::Access(path) => {
            steps.extend(path.steps);
            path.base
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
    Expr::Access(Box::new(Path {
        base,
        steps: steps.into_boxed_slice(),
        fixed,
    }))
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
    Some(FixedPath::new(text))
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

/// A call, checked for the number and the static types of its arguments, which are taken from
/// `stack`, from `first` on.
pub(super) fn call(
    name: &str,
    stack: &mut Vec<Expr>,
    first: usize,
    lookup: FunctionLookup,
    pattern_budget: &mut PatternBudget,
) -> Result<Expr, CallError> {
    match name {
        "Accessor" => return accessor_call(stack.drain(first..)),
        "Element" if stack.len() == first + 2 => {
            if let (Some(index), Some(base)) = (stack.pop(), stack.pop()) {
                return Ok(Expr::Element {
                    base: Box::new(base),
                    index: Box::new(index),
                });
            }
        }
        _ => {}
    }
    let args: Box<[Expr]> = stack.drain(first..).collect();
    let Some(function) = functions::find(name) else {
        return match lookup {
            FunctionLookup::Strict => Err(CallError::Unknown),
            FunctionLookup::Late => Ok(Expr::Unknown(Box::new(Unknown {
                name: name.into(),
                args,
            }))),
        };
    };
    function
        .check
        .validate(name, &args, pattern_budget)
        .map_err(CallError::Invalid)?;
    Ok(Expr::Call { function, args })
}

fn accessor_call(mut args: impl Iterator<Item = Expr>) -> Result<Expr, CallError> {
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
