//! Applies a JSPath to a value. Every path gives a list; comparisons hold if any pair of items holds.

use super::jpath_parse::{Node, Part, Root};
use crate::eval::{Cx, Fail, Outcome};
use crate::value::{List, Val, js_string, order_by_key, strict_equals};
use std::cmp::Ordering;

/// The result of applying `path`; a path that ends with an index gives the item itself.
pub(super) fn apply<'d>(cx: &Cx<'d>, path: &Node, source: &Val<'d>) -> Outcome<'d> {
    let engine = Engine {
        cx,
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
    cx: &'c Cx<'d>,
    document: Val<'d>,
}

impl<'d> Engine<'_, 'd> {
    fn evaluate(&self, node: &Node, context: &Val<'d>) -> Outcome<'d> {
        self.cx.step()?;
        Ok(match node {
            Node::Path { root, parts } => Val::list(self.path(*root, parts, context)?),
            Node::Concat(args) => {
                let mut out = Vec::new();
                for arg in args {
                    out.extend(items(self.evaluate(arg, context)?));
                }
                Val::list(out)
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
                let left = side(self.evaluate(&args.0, context)?);
                let right = side(self.evaluate(&args.1, context)?);
                self.cx.use_steps((left.len() * right.len()) as u64)?;
                Val::Bool(left.iter().any(|a| right.iter().any(|b| compare(op, a, b))))
            }
            Node::Math { op, args } => {
                let left = single(self.evaluate(&args.0, context)?);
                let right = single(self.evaluate(&args.1, context)?);
                self.math(*op, &left, &right)?
            }
            Node::Not(arg) => Val::Bool(!self.holds(arg, context)?),
            Node::Negate(arg) => Val::Number(-number(&single(self.evaluate(arg, context)?))),
            Node::Number(n) => Val::Number(*n),
            Node::Text(text) => Val::string(text.as_str()),
            Node::Bool(b) => Val::Bool(*b),
            Node::Null => Val::Null,
        })
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
            let joined = js_string(left) + &js_string(right);
            self.cx.charge(joined.len())?;
            return Ok(Val::string(joined));
        }
        let (a, b) = (number(left), number(right));
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
        let mut found = items(start);
        for part in parts {
            self.cx.use_steps(1 + found.len() as u64)?;
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
                        found[from as usize..to as usize].to_vec()
                    } else {
                        Vec::new()
                    }
                }
                Part::Group(node) => items(self.evaluate(node, &Val::list(found))?),
            };
        }
        Ok(found)
    }

    fn position(&self, node: &Node, found: &[Val<'d>]) -> Result<f64, Fail> {
        Ok(number(&single(self.evaluate(node, &Val::list(found.to_vec()))?)).trunc())
    }

    fn children(&self, found: &[Val<'d>], name: &str) -> Result<Vec<Val<'d>>, Fail> {
        let mut out = Vec::new();
        for item in found {
            match item {
                Val::Array(inner) if name == "*" => {
                    self.cx.use_steps(inner.len() as u64)?;
                    out.extend(inner.iter());
                }
                Val::Object(map) if name == "*" => {
                    for (_, value) in map.iter() {
                        self.push(&mut out, value)?;
                    }
                }
                _ => {
                    let value = member(item, name);
                    self.push(&mut out, value)?;
                }
            }
        }
        Ok(out)
    }

    /// Appends a value; a list adds its items, undefined nothing.
    fn push(&self, out: &mut Vec<Val<'d>>, value: Val<'d>) -> Result<(), Fail> {
        match value {
            Val::Undefined => {}
            Val::Array(inner) => {
                self.cx.use_steps(inner.len() as u64)?;
                out.extend(inner.iter());
            }
            other => out.push(other),
        }
        Ok(())
    }

    /// Everything below, in document order.
    fn descendants(&self, found: Vec<Val<'d>>, name: Option<&str>) -> Result<Vec<Val<'d>>, Fail> {
        let mut out = Vec::new();
        let mut pending: Vec<Val<'d>> = found.into_iter().rev().collect();
        while let Some(current) = pending.pop() {
            self.cx.step()?;
            let mut below = Vec::new();
            match &current {
                Val::Array(inner) => {
                    for item in inner.iter() {
                        if name.is_none() || item.is_object_type() {
                            self.push(&mut below, item)?;
                        }
                    }
                }
                Val::Object(map) => {
                    match name {
                        None => out.push(current.clone()),
                        Some("*") => {}
                        Some(name) => self.push(&mut out, member(&current, name))?,
                    }
                    for (_, value) in map.iter() {
                        if name == Some("*") {
                            self.push(&mut out, value.clone())?;
                        }
                        self.push(&mut below, value)?;
                    }
                }
                other if name.is_none() && !other.is_undefined() => out.push(other.clone()),
                _ => {}
            }
            pending.extend(below.into_iter().rev());
        }
        Ok(out)
    }
}

/// An own member, its name with its case.
fn member<'d>(value: &Val<'d>, name: &str) -> Val<'d> {
    match value {
        Val::Object(map) => map.get(name).unwrap_or(Val::Undefined),
        Val::Array(list) if name == "length" => Val::Number(list.len() as f64),
        Val::String(text) if name == "length" => Val::Number(crate::functions::strings::units(text) as f64),
        _ => Val::Undefined,
    }
}

fn items(value: Val<'_>) -> Vec<Val<'_>> {
    match value {
        Val::Array(list) => List::to_vec(&list),
        other => vec![other],
    }
}

/// The values that one side of a comparison offers.
fn side(value: Val<'_>) -> Vec<Val<'_>> {
    items(value)
}

fn single(value: Val<'_>) -> Val<'_> {
    match value {
        Val::Array(list) => list.get(0).unwrap_or(Val::Undefined),
        other => other,
    }
}

/// JavaScript's number of a value.
fn number(value: &Val<'_>) -> f64 {
    match value {
        Val::Number(n) => *n,
        Val::Bool(b) => f64::from(u8::from(*b)),
        Val::Null => 0.0,
        Val::String(s) if s.trim().is_empty() => 0.0,
        Val::String(s) => s.trim().parse().unwrap_or(f64::NAN),
        _ => f64::NAN,
    }
}

fn compare(op: &str, a: &Val<'_>, b: &Val<'_>) -> bool {
    let texts = a.text().zip(b.text());
    let strict = |test: fn(&str, &str) -> bool| texts.is_some_and(|(a, b)| test(a, b));
    let loose = |test: fn(&str, &str) -> bool| {
        !a.is_nullish() && !b.is_nullish() && test(&js_string(a).to_lowercase(), &js_string(b).to_lowercase())
    };
    let ordered = |wanted: fn(Ordering) -> bool| {
        let comparable = texts.is_some() || !(number(a).is_nan() || number(b).is_nan());
        comparable && wanted(order_by_key(a, b))
    };
    match op {
        "===" => strict_equals(a, b),
        "!==" => !strict_equals(a, b),
        "==" => loosely_equal(a, b),
        "!=" => !plainly_equal(a, b),
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
        _ => false,
    }
}

/// `==` of JSPath: texts without regard to case.
fn loosely_equal(a: &Val<'_>, b: &Val<'_>) -> bool {
    match a.text().zip(b.text()) {
        Some((a, b)) => a.to_lowercase() == b.to_lowercase(),
        None => plainly_equal(a, b),
    }
}

/// `==` of JavaScript.
fn plainly_equal(a: &Val<'_>, b: &Val<'_>) -> bool {
    if a.is_nullish() || b.is_nullish() {
        return a.is_nullish() && b.is_nullish();
    }
    let scalar = |v: &Val<'_>| matches!(v, Val::Number(_) | Val::Bool(_));
    if scalar(a) || scalar(b) {
        number(a) == number(b)
    } else {
        strict_equals(a, b)
    }
}
