//! Applies a JSPath to a value. Every path gives an array; comparisons hold if any pair of items holds.

use super::jpath_parse::{Node, Part, Root};
use crate::budget::{ArrayBuilder, Budget};
use crate::eval::{Fail, Outcome};
use crate::value::{SortKey, Val, js_string, strict_equals};
use std::cmp::Ordering;

/// The result of applying `path`; a path that ends with an index gives the item itself.
pub(super) fn apply<'d>(budget: &Budget, path: &Node, source: &Val<'d>) -> Outcome<'d> {
    let engine = Engine {
        budget,
        document: source.clone(),
    };
    let found = engine.evaluate(path, source)?;
    if let Node::Path { parts, .. } = path
        && let Some(Part::Index(_)) = parts.last()
        && let Val::Array(items) = &found
    {
        return Ok(items.get(0).unwrap_or(Val::Undefined));
    }
    Ok(found)
}

struct Engine<'c, 'd> {
    budget: &'c Budget,
    document: Val<'d>,
}

impl<'d> Engine<'_, 'd> {
    fn evaluate(&self, node: &Node, context: &Val<'d>) -> Outcome<'d> {
        self.budget.step()?;
        let _level = self.budget.level()?;
        Ok(match node {
            Node::Path { root, parts } => self.budget.list(self.path(*root, parts, context)?)?,
            Node::Concat(args) => {
                let mut out = ArrayBuilder::new(self.budget);
                for arg in args {
                    for item in self.items(self.evaluate(arg, context)?)? {
                        out.push(item)?;
                    }
                }
                out.finish()?
            }
            Node::Logical { all, args } => {
                for arg in args {
                    if self.holds(arg, context)? != *all {
                        return Ok(Val::Bool(!*all));
                    }
                }
                Val::Bool(*all)
            }
            Node::Compare { op, args } => {
                let left = self.items(self.evaluate(&args.0, context)?)?;
                let right = self.items(self.evaluate(&args.1, context)?)?;
                Val::Bool(self.any_pair(op, &left, &right)?)
            }
            Node::Math { op, args } => {
                let left = single(self.evaluate(&args.0, context)?);
                let right = single(self.evaluate(&args.1, context)?);
                self.math(*op, &left, &right)?
            }
            Node::Not(arg) => Val::Bool(!self.holds(arg, context)?),
            Node::Negate(arg) => Val::Number(-number(self.budget, &single(self.evaluate(arg, context)?))?),
            Node::Number(n) => Val::Number(*n),
            Node::Text(text) => self.budget.text(text.as_str())?,
            Node::Bool(b) => Val::Bool(*b),
            Node::Null => Val::Null,
        })
    }

    fn any_pair(&self, op: &str, left: &[Val<'d>], right: &[Val<'d>]) -> Result<bool, Fail> {
        for a in left {
            for b in right {
                self.budget.step()?;
                if compare(self.budget, op, a, b)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// The items of an array, or the value alone.
    fn items(&self, value: Val<'d>) -> Result<Vec<Val<'d>>, Fail> {
        match value {
            Val::Array(list) => list.to_vec(self.budget),
            other => Ok(vec![other]),
        }
    }

    fn holds(&self, node: &Node, context: &Val<'d>) -> Result<bool, Fail> {
        Ok(match self.evaluate(node, context)? {
            Val::Array(items) => items.len() > 0,
            other => !other.is_falsy(),
        })
    }

    fn math(&self, op: char, left: &Val<'d>, right: &Val<'d>) -> Outcome<'d> {
        let texts = left.text().is_some() || right.text().is_some();
        if op == '+' && (texts || matches!(left, Val::Object(_)) || matches!(right, Val::Object(_))) {
            let joined = js_string(self.budget, left)? + &js_string(self.budget, right)?;
            return self.budget.text(joined);
        }
        let (a, b) = (number(self.budget, left)?, number(self.budget, right)?);
        Ok(Val::Number(match op {
            '+' => a + b,
            '-' => a - b,
            '*' => a * b,
            '/' => a / b,
            _ => a % b,
        }))
    }

    fn path(&self, root: Root, parts: &[Part], context: &Val<'d>) -> Result<Vec<Val<'d>>, Fail> {
        let start = match root {
            Root::Context => context.clone(),
            Root::Document => self.document.clone(),
            Root::Substitution => Val::Undefined,
        };
        let mut found = self.items(start)?;
        for part in parts {
            self.budget.items(1 + found.len())?;
            found = match part {
                Part::Child(None) => found,
                Part::Child(Some(name)) => self.children(&found, name)?,
                Part::Descendant(name) => self.descendants(found, name.as_deref())?,
                Part::Filter(test) => {
                    let mut kept = Vec::new();
                    for item in found {
                        if self.holds(test, &item)? {
                            kept.push(item);
                        }
                    }
                    kept
                }
                Part::Index(index) => {
                    let at = self.position(index, &found)?;
                    let at = if at < 0.0 { at + found.len() as f64 } else { at };
                    let item = if at >= 0.0 && at.fract() == 0.0 {
                        found.get(at as usize)
                    } else {
                        None
                    };
                    item.filter(|v| !v.is_nullish()).cloned().into_iter().collect()
                }
                Part::Slice(from, to) => {
                    let len = found.len() as f64;
                    let bound = |node: &Option<Node>, default: f64| match node {
                        Some(node) => self
                            .position(node, &found)
                            .map(|at| if at < 0.0 { at + len } else { at }),
                        None => Ok(default),
                    };
                    let (from, to) = (bound(from, 0.0)?.clamp(0.0, len), bound(to, len)?.clamp(0.0, len));
                    if from < to {
                        self.budget.items((to - from) as usize)?;
                        found[from as usize..to as usize].to_vec()
                    } else {
                        Vec::new()
                    }
                }
                Part::Group(node) => self.items(self.evaluate(node, &self.budget.list(found)?)?)?,
            };
        }
        Ok(found)
    }

    fn position(&self, node: &Node, found: &[Val<'d>]) -> Result<f64, Fail> {
        let context = self.budget.list(found.to_vec())?;
        let value = single(self.evaluate(node, &context)?);
        Ok(number(self.budget, &value)?.trunc())
    }

    fn children(&self, found: &[Val<'d>], name: &str) -> Result<Vec<Val<'d>>, Fail> {
        let mut out = ArrayBuilder::new(self.budget);
        for item in found {
            match item {
                Val::Array(inner) if name == "*" => {
                    for item in inner.iter(self.budget)? {
                        out.push(item)?;
                    }
                }
                Val::Object(map) if name == "*" => {
                    for (_, value) in map.iter(self.budget)? {
                        self.push(&mut out, value)?;
                    }
                }
                _ => {
                    let value = own_property(self.budget, item, name)?;
                    self.push(&mut out, value)?;
                }
            }
        }
        Ok(out.into_items())
    }

    /// Appends a value; an array adds its items, undefined nothing.
    fn push(&self, out: &mut ArrayBuilder<'_, 'd>, value: Val<'d>) -> Result<(), Fail> {
        match value {
            Val::Undefined => Ok(()),
            Val::Array(inner) => inner.iter(self.budget)?.try_for_each(|item| out.push(item)),
            other => out.push(other),
        }
    }

    /// Everything below, in document order.
    fn descendants(&self, found: Vec<Val<'d>>, name: Option<&str>) -> Result<Vec<Val<'d>>, Fail> {
        let mut out = ArrayBuilder::new(self.budget);
        let mut pending: Vec<Val<'d>> = found.into_iter().rev().collect();
        while let Some(current) = pending.pop() {
            self.budget.step()?;
            let mut below = ArrayBuilder::new(self.budget);
            match &current {
                Val::Array(inner) => {
                    for item in inner.iter(self.budget)? {
                        if name.is_none() || item.is_object_type() {
                            self.push(&mut below, item)?;
                        }
                    }
                }
                Val::Object(map) => {
                    match name {
                        None => out.push(current.clone())?,
                        Some("*") => {}
                        Some(name) => self.push(&mut out, own_property(self.budget, &current, name)?)?,
                    }
                    for (_, value) in map.iter(self.budget)? {
                        if name == Some("*") {
                            self.push(&mut out, value.clone())?;
                        }
                        self.push(&mut below, value)?;
                    }
                }
                other if name.is_none() && !other.is_undefined() => out.push(other.clone())?,
                _ => {}
            }
            pending.extend(below.into_items().into_iter().rev());
        }
        Ok(out.into_items())
    }
}

/// An own property, case-sensitive.
fn own_property<'d>(budget: &Budget, value: &Val<'d>, name: &str) -> Outcome<'d> {
    Ok(match value {
        Val::Object(map) => map.get(budget, name)?.unwrap_or(Val::Undefined),
        Val::Array(list) if name == "length" => Val::Number(list.len() as f64),
        Val::String(text) if name == "length" => {
            budget.bytes(text.len())?;
            Val::Number(crate::functions::strings::units(text) as f64)
        }
        _ => Val::Undefined,
    })
}

fn single(value: Val<'_>) -> Val<'_> {
    match value {
        Val::Array(list) => list.get(0).unwrap_or(Val::Undefined),
        other => other,
    }
}

/// JavaScript's number of a value.
fn number(budget: &Budget, value: &Val<'_>) -> Result<f64, Fail> {
    Ok(match value {
        Val::Number(n) => *n,
        Val::Bool(b) => f64::from(u8::from(*b)),
        Val::Null => 0.0,
        Val::String(s) => {
            budget.bytes(s.len())?;
            match s.trim() {
                "" => 0.0,
                text => text.parse().unwrap_or(f64::NAN),
            }
        }
        _ => f64::NAN,
    })
}

/// A test of two strings, such as `starts_with`.
type Test = fn(&str, &str) -> bool;

fn compare(budget: &Budget, op: &str, a: &Val<'_>, b: &Val<'_>) -> Result<bool, Fail> {
    let strict = |test: Test| -> Result<bool, Fail> {
        let Some((a, b)) = a.text().zip(b.text()) else {
            return Ok(false);
        };
        budget.bytes(a.len() + b.len())?;
        Ok(test(a, b))
    };
    let loose = |test: Test| -> Result<bool, Fail> {
        if a.is_nullish() || b.is_nullish() {
            return Ok(false);
        }
        Ok(test(&lower(budget, a)?, &lower(budget, b)?))
    };
    let ordered = |wanted: fn(Ordering) -> bool| -> Result<bool, Fail> {
        let texts = a.text().is_some() && b.text().is_some();
        let comparable = texts || !(number(budget, a)?.is_nan() || number(budget, b)?.is_nan());
        budget.bytes(a.text().map_or(0, str::len))?;
        Ok(comparable && wanted(SortKey::of(budget, a.clone())?.order(&SortKey::of(budget, b.clone())?)))
    };
    match op {
        "===" => strict_equals(budget, a, b),
        "!==" => Ok(!strict_equals(budget, a, b)?),
        "==" => loosely_equal(budget, a, b),
        "!=" => Ok(!plainly_equal(budget, a, b)?),
        "<" => ordered(Ordering::is_lt),
        "<=" => ordered(Ordering::is_le),
        ">" => ordered(Ordering::is_gt),
        ">=" => ordered(Ordering::is_ge),
        "^==" => strict(|a, b| a.starts_with(b)),
        "==^" => strict(|a, b| b.starts_with(a)),
        "^=" => loose(|a, b| a.starts_with(b)),
        "=^" => loose(|a, b| b.starts_with(a)),
        "$==" => strict(|a, b| a.ends_with(b)),
        "==$" => strict(|a, b| b.ends_with(a)),
        "$=" => loose(|a, b| a.ends_with(b)),
        "=$" => loose(|a, b| b.ends_with(a)),
        "*==" => strict(|a, b| a.contains(b)),
        "==*" => strict(|a, b| b.contains(a)),
        "*=" => loose(|a, b| a.contains(b)),
        "=*" => loose(|a, b| b.contains(a)),
        _ => Ok(false),
    }
}

/// The text of a value in lower case.
fn lower(budget: &Budget, value: &Val<'_>) -> Result<String, Fail> {
    let text = js_string(budget, value)?;
    budget.bytes(text.len().saturating_mul(4))?;
    Ok(text.to_lowercase())
}

/// `==` of JSPath: strings case-insensitively.
fn loosely_equal(budget: &Budget, a: &Val<'_>, b: &Val<'_>) -> Result<bool, Fail> {
    if a.text().is_some() && b.text().is_some() {
        Ok(lower(budget, a)? == lower(budget, b)?)
    } else {
        plainly_equal(budget, a, b)
    }
}

/// `==` of JavaScript.
fn plainly_equal(budget: &Budget, a: &Val<'_>, b: &Val<'_>) -> Result<bool, Fail> {
    if a.is_nullish() || b.is_nullish() {
        return Ok(a.is_nullish() && b.is_nullish());
    }
    let scalar = |v: &Val<'_>| matches!(v, Val::Number(_) | Val::Bool(_));
    if scalar(a) || scalar(b) {
        Ok(number(budget, a)? == number(budget, b)?)
    } else {
        strict_equals(budget, a, b)
    }
}
