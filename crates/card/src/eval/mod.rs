//! Evaluation of the expression tree, with missing values substituted where the reference substitutes them.

mod context;
mod expression;
mod fail;
mod fold;
mod missing;
mod verify;

pub(crate) use context::{Binding, CardMemory, Cx, Frame, Memory};
pub use context::{Environment, SystemEnvironment};
pub(crate) use expression::mutates;
pub use expression::{EvalError, Expression};
pub(crate) use fail::{Fail, FailKind, Outcome};
pub(crate) use fold::{Folding, fold};
pub(crate) use missing::MAX_SUGGESTIONS;
pub(crate) use verify::kind;

use crate::functions::{Call, Function, Run};
use crate::number::{Radix, parse_int};
use crate::syntax::build::{push_index, push_name};
use crate::syntax::{Expr, Step};
use crate::value::{Map, Text, Val, js_string, property, split_path};
use std::sync::Arc;

impl<'d> Cx<'d> {
    /// Evaluates `expr`.
    pub(crate) fn eval(&self, frame: Frame<'_, 'd>, expr: &Expr) -> Outcome<'d> {
        match expr {
            Expr::Const(value) => Ok(value.value()),
            Expr::Folded(folded) => Ok(folded.value.value()),
            Expr::Name(name) => {
                self.budget.step()?;
                let found = frame.read_name(&self.budget, name)?;
                self.or_substitute(frame, found, name)
            }
            Expr::Access(path) => match (&path.base, &path.fixed) {
                (None, Some(fixed)) => {
                    self.budget.step()?;
                    let found = frame.read(&self.budget, fixed)?;
                    self.or_substitute(frame, found, &fixed.text)
                }
                (base, _) => self.access(frame, base.as_ref(), &path.steps),
            },
            Expr::Element { base, index } => self.element(frame, base, index),
            Expr::Call { function, args } => self.call(frame, function, args),
            Expr::Object(properties) => self.object(frame, properties),
            Expr::Unknown(unknown) => {
                // The cost of the suggestion: the name is compared with all known ones.
                self.budget.steps(2_000)?;
                Err(Fail::unknown(&unknown.name))
            }
        }
    }

    fn call(&self, frame: Frame<'_, 'd>, function: &'static Function, args: &[Expr]) -> Outcome<'d> {
        self.budget.step()?;
        let _level = self.budget.level()?;
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

    fn object(&self, frame: Frame<'_, 'd>, properties: &[(Arc<str>, Expr)]) -> Outcome<'d> {
        self.budget.step()?;
        let _level = self.budget.level()?;
        let mut map = Map::new();
        for (key, value) in properties {
            map = map.set(&self.budget, Text::shared(key), self.eval(frame, value)?)?;
        }
        Ok(Val::Object(map))
    }

    #[inline]
    fn or_substitute(&self, frame: Frame<'_, 'd>, found: Val<'d>, path: &str) -> Outcome<'d> {
        if !found.is_undefined() || !frame.substitute_missing() {
            return Ok(found);
        }
        self.substitute(path)
    }

    /// Reads `path` from memory, substituting when it is missing.
    pub(crate) fn read_path(&self, frame: Frame<'_, 'd>, path: &str) -> Outcome<'d> {
        let found = if path.is_empty() {
            Val::Undefined
        } else {
            let parts = self.parts(path)?;
            frame.read_dynamic(&self.budget, path, &parts)?
        };
        self.or_substitute(frame, found, path)
    }

    /// The parts of a path, counted: there can be one per two bytes.
    fn parts<'p>(&self, path: &'p str) -> Result<Vec<&'p str>, Fail> {
        self.budget.bytes(path.len().saturating_mul(4))?;
        self.budget.check_available(path.len().saturating_mul(16))?;
        Ok(split_path(path).collect())
    }

    /// Reads `path` from a computed value, substituting when it is missing.
    pub(crate) fn read_from(&self, frame: Frame<'_, 'd>, base: &Val<'d>, path: &str) -> Outcome<'d> {
        self.budget.bytes(path.len().saturating_mul(4))?;
        let found = crate::value::get_path(&self.budget, base, split_path(path))?;
        self.or_substitute(frame, found, path)
    }

    fn access(&self, frame: Frame<'_, 'd>, base: Option<&Expr>, steps: &[Step]) -> Outcome<'d> {
        self.budget.step()?;
        let _level = self.budget.level()?;
        let path = self.path_text(frame, steps)?;
        match base {
            None => self.read_path(frame, &path),
            Some(base) => {
                let value = self.eval(frame, base)?;
                self.read_from(frame, &value, &path)
            }
        }
    }

    /// The path text of steps, their indices evaluated from the last to the first as the reference does.
    pub(crate) fn path_text(&self, frame: Frame<'_, 'd>, steps: &[Step]) -> Result<String, Fail> {
        let mut indices = Vec::new();
        for step in steps.iter().rev() {
            if let Step::Index(index) = step {
                let value = self.eval(frame, index)?;
                let text = self.index_text(index, &value)?;
                indices.push(text);
            }
        }
        let mut path = String::new();
        for step in steps {
            match step {
                Step::Name(name) => {
                    self.budget.bytes(name.len())?;
                    push_name(&mut path, name);
                }
                Step::Index(_) => push_index(&mut path, &indices.pop().unwrap_or_default()),
            }
        }
        Ok(path)
    }

    /// An index as part of a path.
    pub(crate) fn index_text(&self, index: &Expr, value: &Val<'d>) -> Result<String, Fail> {
        let text = js_string(&self.budget, value)?;
        // It is read as a number, then copied.
        self.budget.allocate(text.len().saturating_mul(2))?;
        if parse_int(&text, Radix::Guess).is_none() && value.text().is_none() {
            return Err(Fail::error(format!(
                "the index `{}` is neither a number nor a string",
                index.brief()
            )));
        }
        Ok(text)
    }

    fn element(&self, frame: Frame<'_, 'd>, base: &Expr, index: &Expr) -> Outcome<'d> {
        self.budget.step()?;
        let _level = self.budget.level()?;
        let instance = self.eval(frame, base).map_err(Fail::into_lost)?;
        let key = self.eval(frame.raw(), index).map_err(Fail::into_lost)?;
        if let Some(at) = key.integer() {
            return match &instance {
                Val::Undefined | Val::Null => Ok(Val::Undefined),
                Val::Array(items) if at >= 0.0 => items.get(at as usize).ok_or_else(|| {
                    Fail::error(format!(
                        "index {at} is out of range: `{}` has {} items",
                        base.brief(),
                        items.len()
                    ))
                }),
                Val::Array(_) => Err(Fail::error(format!("index {at} is negative"))),
                _ => Err(Fail::error(format!("`{}` is not an array", base.brief()))),
            };
        }
        match key {
            Val::String(name) => {
                if instance.is_falsy() {
                    Ok(Val::Undefined)
                } else {
                    property(&self.budget, &instance, &name)
                }
            }
            _ => Err(Fail::error(format!(
                "the index `{}` is neither an integer nor a string",
                index.brief()
            ))),
        }
    }
}
