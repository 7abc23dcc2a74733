//! Questions about a value's type.

use super::{Check, Function, Run, Types, Verify};
use crate::value::Val;

const B: Types = Types::BOOLEAN;
const ONE: Check = Check::any(1);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "isString",
        B,
        ONE,
        Run::Eager(Verify::Nothing, |_, v| Ok(Val::Bool(v[0].text().is_some()))),
    ),
    Function::new(
        "isInteger",
        B,
        ONE,
        Run::Eager(Verify::Nothing, |_, v| Ok(Val::Bool(v[0].integer().is_some()))),
    ),
    Function::new(
        "isFloat",
        B,
        ONE,
        Run::Eager(Verify::Nothing, |_, v| {
            Ok(Val::Bool(v[0].number().is_some() && v[0].integer().is_none()))
        }),
    ),
    Function::new(
        "isArray",
        B,
        ONE,
        Run::Eager(Verify::Nothing, |_, v| {
            Ok(Val::Bool(matches!(v[0], Val::Array(_))))
        }),
    ),
    Function::new(
        "isObject",
        B,
        ONE,
        Run::Eager(Verify::Nothing, |_, v| Ok(Val::Bool(v[0].is_object_type()))),
    ),
    Function::new(
        "isBoolean",
        B,
        ONE,
        Run::Eager(Verify::Nothing, |_, v| {
            Ok(Val::Bool(matches!(v[0], Val::Bool(_))))
        }),
    ),
];
