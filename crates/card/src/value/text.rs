//! Strings, and conversion of values to text: JavaScript's `toString` and `JSON.stringify`.

use super::Val;
use crate::budget::Budget;
use crate::eval::Fail;
use crate::json::{MAX_DEPTH, push_string};
use crate::number::push_number;
use std::ops::Deref;
use std::sync::Arc;

/// A string that is cheap to copy: borrowed from data or template, or shared.
#[derive(Clone, Debug)]
pub(crate) struct Text<'d>(TextStorage<'d>);

#[derive(Clone, Debug)]
enum TextStorage<'d> {
    Borrowed(&'d str),
    Shared(Arc<str>),
}

impl<'d> Text<'d> {
    /// Borrows a string.
    pub(crate) const fn borrowed(text: &'d str) -> Self {
        Self(TextStorage::Borrowed(text))
    }

    /// Shares a string.
    pub(crate) fn shared(text: &Arc<str>) -> Self {
        Self(TextStorage::Shared(Arc::clone(text)))
    }

    /// A computed string; its memory is counted.
    pub(crate) fn allocate(budget: &Budget, text: impl AsRef<str> + Into<Arc<str>>) -> Result<Self, Fail> {
        budget.allocate(2 * size_of::<usize>() + text.as_ref().len())?;
        Ok(Self(TextStorage::Shared(text.into())))
    }
}

impl Deref for Text<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        match &self.0 {
            TextStorage::Borrowed(s) => s,
            TextStorage::Shared(s) => s,
        }
    }
}

/// Writes values to a text of at most `most` bytes. What is read is counted; what is written, by the caller.
pub(crate) struct Printer<'b, 'o> {
    budget: &'b Budget,
    out: &'o mut String,
    most: usize,
}

impl<'b, 'o> Printer<'b, 'o> {
    /// A printer for a computed string, limited by the remaining memory.
    pub(crate) fn new(budget: &'b Budget, out: &'o mut String) -> Self {
        let most = budget.memory_left();
        Self { budget, out, most }
    }

    /// A printer for the card, limited to `most` bytes.
    pub(crate) fn up_to(budget: &'b Budget, out: &'o mut String, most: usize) -> Self {
        Self { budget, out, most }
    }

    /// Appends a comma.
    pub(crate) fn comma(&mut self) {
        self.out.push(',');
    }

    /// Counts a value, and checks that `bytes` more fit.
    fn visit(&self, bytes: usize) -> Result<(), Fail> {
        self.budget.step()?;
        self.budget.bytes(bytes)?;
        if self.out.len() + bytes > self.most {
            return Err(Fail::limit(format!(
                "a string grows longer than the {} bytes that it may have; shorten the strings and arrays that it is made of",
                self.most
            )));
        }
        Ok(())
    }

    /// Appends `value.toString()`. Null and undefined print as those words; the callers that must not see them
    /// check before.
    pub(crate) fn js(&mut self, value: &Val<'_>) -> Result<(), Fail> {
        self.visit(value.text().map_or(0, str::len))?;
        match value {
            Val::Undefined => self.out.push_str("undefined"),
            Val::Null => self.out.push_str("null"),
            Val::Bool(b) => self.out.push_str(if *b { "true" } else { "false" }),
            Val::Number(n) => push_number(self.out, *n),
            Val::String(s) => self.out.push_str(s),
            Val::BigInt(n) => self.out.push_str(&n.to_string()),
            Val::Object(_) => self.out.push_str("[object Object]"),
            Val::Code(text) => self.out.push_str(text),
            Val::Bytes(bytes) => {
                self.visit(bytes.len() * 4)?;
                self.budget.items(bytes.len())?;
                for (at, b) in bytes.iter().enumerate() {
                    if at > 0 {
                        self.out.push(',');
                    }
                    push_number(self.out, f64::from(*b));
                }
            }
            Val::Array(items) => {
                let budget = self.budget;
                let _level = budget.level()?;
                for (at, item) in items.iter(budget)?.enumerate() {
                    if at > 0 {
                        self.out.push(',');
                    }
                    if !item.is_nullish() {
                        self.js(&item)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Appends `JSON.stringify(value)` at a depth of the document. The caller handles an undefined value; inside arrays it
    /// is `null`, as a property it is left out.
    pub(crate) fn json(&mut self, value: &Val<'_>, depth: usize) -> Result<(), Fail> {
        if depth > MAX_DEPTH {
            return Err(Fail::limit(format!(
                "the result is nested deeper than {MAX_DEPTH} levels; nest fewer arrays and objects"
            )));
        }
        self.visit(value.text().map_or(0, str::len))?;
        match value {
            Val::Undefined | Val::Null => self.out.push_str("null"),
            Val::Bool(b) => self.out.push_str(if *b { "true" } else { "false" }),
            Val::Number(n) if n.is_finite() => push_number(self.out, *n),
            Val::Number(_) => self.out.push_str("null"),
            Val::String(s) => push_string(self.out, s),
            Val::Code(text) => push_string(self.out, text),
            Val::BigInt(n) => {
                self.out.push('"');
                self.out.push_str(&n.to_string());
                self.out.push('"');
            }
            Val::Bytes(bytes) => {
                self.visit(bytes.len() * 16)?;
                self.budget.items(2 * bytes.len())?;
                self.out.push('{');
                for (at, b) in bytes.iter().enumerate() {
                    self.out.push_str(if at > 0 { ",\"" } else { "\"" });
                    push_number(self.out, at as f64);
                    self.out.push_str("\":");
                    push_number(self.out, f64::from(*b));
                }
                self.out.push('}');
            }
            Val::Array(items) => {
                let budget = self.budget;
                let _level = budget.level()?;
                self.out.push('[');
                for (at, item) in items.iter(budget)?.enumerate() {
                    if at > 0 {
                        self.out.push(',');
                    }
                    self.json(&item, depth + 1)?;
                }
                self.out.push(']');
            }
            Val::Object(map) => {
                let budget = self.budget;
                let _level = budget.level()?;
                self.out.push('{');
                let mut first = true;
                for (key, value) in map.iter(budget)? {
                    if value.is_undefined() {
                        continue;
                    }
                    if !first {
                        self.out.push(',');
                    }
                    first = false;
                    self.visit(key.len())?;
                    push_string(self.out, &key);
                    self.out.push(':');
                    self.json(&value, depth + 1)?;
                }
                self.out.push('}');
            }
        }
        Ok(())
    }
}

/// `value.toString()`.
pub(crate) fn js_string(budget: &Budget, value: &Val<'_>) -> Result<String, Fail> {
    let mut out = String::new();
    Printer::new(budget, &mut out).js(value)?;
    Ok(out)
}

/// `JSON.stringify(value)`.
pub(crate) fn json_text(budget: &Budget, value: &Val<'_>) -> Result<String, Fail> {
    let mut out = String::new();
    Printer::new(budget, &mut out).json(value, 0)?;
    Ok(out)
}
