//! Type tests.

use super::{Check, Cost, Function, Run, Types, Verify};
use crate::value::Val;

const B: Types = Types::BOOLEAN;
const ONE: Check = Check::any(1);

const fn of(name: &'static str, run: super::Eager) -> Function {
    Function::new(name, B, ONE, Run::Eager(Verify::Nothing, run)).costs(Cost::Nothing)
}

pub(super) const FUNCTIONS: &[Function] = &[
    of("isString", |_, v| Ok(Val::Bool(v[0].text().is_some()))),
    of("isInteger", |_, v| Ok(Val::Bool(v[0].integer().is_some()))),
    of("isFloat", |_, v| {
        Ok(Val::Bool(v[0].number().is_some() && v[0].integer().is_none()))
    }),
    of("isArray", |_, v| Ok(Val::Bool(matches!(v[0], Val::Array(_))))),
    of("isObject", |_, v| Ok(Val::Bool(v[0].is_object_type()))),
    of("isBoolean", |_, v| Ok(Val::Bool(matches!(v[0], Val::Bool(_))))),
];
