//! The public, owned result of an expression.

use super::Val;
use crate::budget::Budget;
use crate::eval::Fail;
use crate::json::MAX_DEPTH;

/// The result of an expression: JSON, and values that JSON lacks.
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
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Value>),
    /// An object, keys in JavaScript's order.
    Object(Vec<(String, Value)>),
    /// An exact integer; only `ticks` makes one.
    BigInt(i128),
    /// Bytes; only `binary` and its kin make them.
    Bytes(Vec<u8>),
}

impl Value {
    /// A copy, counted: shared parts are duplicated.
    pub(crate) fn from_val(budget: &Budget, value: &Val<'_>) -> Result<Self, Fail> {
        Self::copy(budget, value, 0)
    }

    fn copy(budget: &Budget, value: &Val<'_>, depth: usize) -> Result<Self, Fail> {
        if depth > MAX_DEPTH {
            return Err(Fail::limit(format!(
                "the result is nested deeper than {MAX_DEPTH} levels; nest fewer arrays and objects"
            )));
        }
        let _level = budget.level()?;
        budget.allocate(size_of::<Value>())?;
        let text = |text: &str| {
            budget.allocate(text.len())?;
            Ok(text.to_owned())
        };
        Ok(match value {
            Val::Undefined => Value::Undefined,
            Val::Null => Value::Null,
            Val::Bool(b) => Value::Bool(*b),
            Val::Number(n) => Value::Number(*n),
            Val::String(s) => Value::String(text(s)?),
            Val::Code(s) => Value::String(text(s)?),
            Val::Array(items) => Value::Array(
                items
                    .iter(budget)?
                    .map(|v| Value::copy(budget, &v, depth + 1))
                    .collect::<Result<_, _>>()?,
            ),
            Val::Object(map) => Value::Object(
                map.iter(budget)?
                    .map(|(k, v)| {
                        budget.allocate(size_of::<String>())?;
                        Ok((text(&k)?, Value::copy(budget, &v, depth + 1)?))
                    })
                    .collect::<Result<_, Fail>>()?,
            ),
            Val::BigInt(n) => Value::BigInt(**n),
            Val::Bytes(bytes) => {
                budget.allocate(bytes.len())?;
                Value::Bytes(bytes.to_vec())
            }
        })
    }
}
