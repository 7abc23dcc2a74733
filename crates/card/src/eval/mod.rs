//! Evaluation: one walk over the tree, with missing values replaced where the reference replaces them.

mod context;
mod expression;
mod fail;
mod fold;
mod verify;

pub(crate) use context::{CardMemory, Cx, Frame, Layer, Memory};
pub use context::{Environment, Limits, SystemEnvironment};
pub(crate) use expression::mutates;
pub use expression::{EvalError, Expression};
pub(crate) use fail::{Fail, FailKind, Outcome};
pub(crate) use fold::fold;
pub(crate) use verify::kind;

use crate::functions::{Call, Run};
use crate::json::MAX_DEPTH;
use crate::number::{Radix, parse_int};
use crate::syntax::build::{push_index, push_name};
use crate::syntax::{Expr, Step};
use crate::value::{Map, Val, js_string, property, split_path};

impl<'d> Cx<'d> {
    /// Evaluates `expr`.
    pub(crate) fn eval(&self, frame: Frame<'_, 'd>, expr: &Expr) -> Outcome<'d> {
        match expr {
            Expr::Const(value) => Ok(value.value()),
            Expr::Folded(folded) => Ok(folded.value.value()),
            Expr::Name(name) => {
                self.step()?;
                Ok(self.or_substitute(frame, frame.read_name(name), name))
            }
            Expr::Access(path) => match (&path.base, &path.fixed) {
                (None, Some(fixed)) => {
                    self.step()?;
                    let found = frame.read(fixed);
                    Ok(self.or_substitute(frame, found, &fixed.text))
                }
                (base, _) => self.access(frame, base.as_ref(), &path.steps),
            },
            Expr::Element { base, index } => self.element(frame, base, index),
            Expr::Call { function, args } => {
                self.step()?;
                let call = Call {
                    cx: self,
                    frame,
                    function,
                    args,
                };
                match function.run {
                    Run::Lazy(run) => run(&call),
                    Run::Eager(verify, run) => call.with_args(verify, run),
                    Run::Comparison(verify, run) => {
                        let call = Call {
                            frame: frame.raw(),
                            ..call
                        };
                        call.compare(verify, run)
                    }
                }
            }
            Expr::Object(members) => {
                self.step()?;
                let mut map = Map::new();
                for (key, value) in members {
                    map = map.set(key.clone().into(), self.eval(frame, value)?);
                }
                Ok(Val::Object(map))
            }
            Expr::Unknown(unknown) => Err(Fail::unknown(&unknown.name)),
        }
    }

    fn or_substitute(&self, frame: Frame<'_, 'd>, found: Val<'d>, path: &str) -> Val<'d> {
        if found.is_undefined() && frame.substitutes() {
            self.substitute(path)
        } else {
            found
        }
    }

    /// Reads `path` from memory, substituting when it is missing.
    pub(crate) fn read_path(&self, frame: Frame<'_, 'd>, path: &str) -> Val<'d> {
        let parts: Vec<&str> = split_path(path).collect();
        let found = if path.is_empty() {
            Val::Undefined
        } else {
            frame.read_dynamic(path, &parts)
        };
        self.or_substitute(frame, found, path)
    }

    /// Reads `path` from a computed value, substituting when it is missing.
    pub(crate) fn read_from(&self, frame: Frame<'_, 'd>, base: &Val<'d>, path: &str) -> Val<'d> {
        let found = crate::value::get_path(base, split_path(path));
        self.or_substitute(frame, found, path)
    }

    fn access(&self, frame: Frame<'_, 'd>, base: Option<&Expr>, steps: &[Step]) -> Outcome<'d> {
        self.step()?;
        let path = self.path_text(frame, steps)?;
        match base {
            None => Ok(self.read_path(frame, &path)),
            Some(base) => {
                let value = self.eval(frame, base)?;
                Ok(self.read_from(frame, &value, &path))
            }
        }
    }

    /// The path text of steps, their indices evaluated from the last to the first as the reference does.
    pub(crate) fn path_text(&self, frame: Frame<'_, 'd>, steps: &[Step]) -> Result<String, Fail> {
        let mut indices = Vec::new();
        for step in steps.iter().rev() {
            if let Step::Index(index) = step {
                let value = self.eval(frame, index)?;
                let text = js_string(&value);
                if parse_int(&text, Radix::Guess).is_none() && value.text().is_none() {
                    return Err(Fail::error(format!(
                        "the index `{index}` is neither a number nor text"
                    )));
                }
                indices.push(text);
            }
        }
        let mut path = String::new();
        for step in steps {
            match step {
                Step::Name(name) => push_name(&mut path, name),
                Step::Index(_) => push_index(&mut path, &indices.pop().unwrap_or_default()),
            }
        }
        Ok(path)
    }

    fn element(&self, frame: Frame<'_, 'd>, base: &Expr, index: &Expr) -> Outcome<'d> {
        self.step()?;
        // In the reference a failing part of an element access escapes as an exception.
        let instance = self.eval(frame, base).map_err(Fail::into_throw)?;
        let key = self.eval(frame.raw(), index).map_err(Fail::into_throw)?;
        if let Some(at) = key.integer() {
            return match &instance {
                Val::Undefined | Val::Null => Ok(Val::Undefined),
                Val::Array(items) if at >= 0.0 => items.get(at as usize).ok_or_else(|| {
                    Fail::error(format!(
                        "index {at} is out of range: `{base}` has {} items",
                        items.len()
                    ))
                }),
                Val::Array(_) => Err(Fail::error(format!("index {at} is negative"))),
                _ => Err(Fail::error(format!("`{base}` is not a list"))),
            };
        }
        match key {
            Val::String(name) => Ok(if instance.is_falsy() {
                Val::Undefined
            } else {
                property(&instance, &name)
            }),
            _ => Err(Fail::error(format!(
                "the index `{index}` is neither an integer nor text"
            ))),
        }
    }

    /// An error for a value that is nested too deep or grows too long.
    pub(crate) fn too_deep(&self) -> Fail {
        Fail::limit(format!(
            "the result is nested deeper than {MAX_DEPTH} levels or too long"
        ))
    }
}
