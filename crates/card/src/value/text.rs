//! Strings, and how values become text: JavaScript's `toString` and `JSON.stringify`.

use super::Val;
use crate::json::{MAX_DEPTH, push_string};
use crate::number::push_number;
use std::ops::Deref;
use std::sync::Arc;

/// A string that is cheap to copy: borrowed from data or template, or shared.
#[derive(Clone, Debug)]
pub(crate) enum Text<'d> {
    Borrowed(&'d str),
    Shared(Arc<str>),
}

impl Deref for Text<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        match self {
            Text::Borrowed(s) => s,
            Text::Shared(s) => s,
        }
    }
}

/// A value is nested deeper, or prints longer, than is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooDeep;

/// The longest text that one expansion or one conversion writes, in bytes.
pub(crate) const MAX_OUTPUT: usize = 16 << 20;

/// Appends `value.toString()`. Null and undefined print as those words; the callers that must not see them
/// check before.
pub(crate) fn push_js_string(out: &mut String, value: &Val<'_>, depth: usize) -> Result<(), TooDeep> {
    if depth > MAX_DEPTH || out.len() > MAX_OUTPUT {
        return Err(TooDeep);
    }
    match value {
        Val::Undefined => out.push_str("undefined"),
        Val::Null => out.push_str("null"),
        Val::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Val::Number(n) => push_number(out, *n),
        Val::String(s) => out.push_str(s),
        Val::BigInt(n) => out.push_str(&n.to_string()),
        Val::Object(_) => out.push_str("[object Object]"),
        Val::Code(text) => out.push_str(text),
        Val::Bytes(bytes) => {
            for (at, b) in bytes.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                push_number(out, f64::from(*b));
            }
        }
        Val::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                if !item.is_nullish() {
                    push_js_string(out, &item, depth + 1)?;
                }
            }
        }
    }
    Ok(())
}

/// `value.toString()`, for messages and keys.
pub(crate) fn js_string(value: &Val<'_>) -> String {
    let mut out = String::new();
    match push_js_string(&mut out, value, 0) {
        Ok(()) | Err(TooDeep) => out,
    }
}

/// Appends `JSON.stringify(value)`. The caller handles an undefined value; inside arrays it is `null`,
/// as a member it vanishes.
pub(crate) fn push_value(out: &mut String, value: &Val<'_>, depth: usize) -> Result<(), TooDeep> {
    if depth > MAX_DEPTH || out.len() > MAX_OUTPUT {
        return Err(TooDeep);
    }
    match value {
        Val::Undefined | Val::Null => out.push_str("null"),
        Val::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Val::Number(n) if n.is_finite() => push_number(out, *n),
        Val::Number(_) => out.push_str("null"),
        Val::String(s) => push_string(out, s),
        Val::Code(text) => push_string(out, text),
        Val::BigInt(n) => {
            out.push('"');
            out.push_str(&n.to_string());
            out.push('"');
        }
        Val::Bytes(bytes) => {
            out.push('{');
            for (at, b) in bytes.iter().enumerate() {
                out.push_str(if at > 0 { ",\"" } else { "\"" });
                push_number(out, at as f64);
                out.push_str("\":");
                push_number(out, f64::from(*b));
            }
            out.push('}');
        }
        Val::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                push_value(out, &item, depth + 1)?;
            }
            out.push(']');
        }
        Val::Object(map) => {
            out.push('{');
            let mut first = true;
            for (key, value) in map.iter() {
                if value.is_undefined() {
                    continue;
                }
                if !first {
                    out.push(',');
                }
                first = false;
                push_string(out, &key);
                out.push(':');
                push_value(out, &value, depth + 1)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

/// `JSON.stringify(value)`.
pub(crate) fn json_text(value: &Val<'_>) -> Result<String, TooDeep> {
    let mut out = String::new();
    push_value(&mut out, value, 0)?;
    Ok(out)
}
