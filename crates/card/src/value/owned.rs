//! A value that has left the engine.

use super::{MAX_OUTPUT, TooDeep, Val, js_string};
use crate::json::MAX_DEPTH;

/// What an expression gives: JSON and the values that JSON lacks.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// Absent, as opposed to null.
    Undefined,
    /// `null`
    Null,
    /// A truth value.
    Bool(bool),
    /// A number; may be NaN, infinite or minus zero.
    Number(f64),
    /// Text.
    String(String),
    /// A list.
    Array(Vec<Value>),
    /// An object, keys in JavaScript's order.
    Object(Vec<(String, Value)>),
    /// An exact integer; only `ticks` makes one.
    BigInt(i128),
    /// Bytes; only `binary` and its kin make them.
    Bytes(Vec<u8>),
}

impl Value {
    pub(crate) fn from_val(value: &Val<'_>) -> Result<Self, TooDeep> {
        let mut budget = MAX_OUTPUT / 8;
        Self::copy(value, 0, &mut budget)
    }

    fn copy(value: &Val<'_>, depth: usize, budget: &mut usize) -> Result<Self, TooDeep> {
        if depth > MAX_DEPTH || *budget == 0 {
            return Err(TooDeep);
        }
        *budget -= 1;
        Ok(match value {
            Val::Undefined => Value::Undefined,
            Val::Null => Value::Null,
            Val::Bool(b) => Value::Bool(*b),
            Val::Number(n) => Value::Number(*n),
            Val::String(s) => Value::String(s.to_string()),
            Val::Array(items) => Value::Array(
                items
                    .iter()
                    .map(|v| Value::copy(&v, depth + 1, budget))
                    .collect::<Result<_, _>>()?,
            ),
            Val::Object(map) => Value::Object(
                map.iter()
                    .map(|(k, v)| Ok((k.to_string(), Value::copy(&v, depth + 1, budget)?)))
                    .collect::<Result<_, TooDeep>>()?,
            ),
            Val::BigInt(n) => Value::BigInt(**n),
            Val::Bytes(bytes) => Value::Bytes(bytes.to_vec()),
            Val::Code(_) => Value::String(js_string(value)),
        })
    }
}
