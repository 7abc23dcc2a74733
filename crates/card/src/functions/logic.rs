//! Logic and comparison. Missing values stay undefined here, and most errors count as false.

use super::{Call, Check, Cost, Function, Run, Types, Verify, lambda};
use crate::budget::Budget;
use crate::eval::{Fail, Outcome, kind};
use crate::syntax::Expr;
use crate::value::{Val, equals, js_string, utf16_order};
use std::cmp::Ordering;

const B: Types = Types::BOOLEAN;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("&&", B, Check::some(), Run::Lazy(and)).costs(Cost::Nothing),
    Function::new("||", B, Check::some(), Run::Lazy(or)).costs(Cost::Nothing),
    Function::new("!", B, Check::any(1), Run::Lazy(not)).costs(Cost::Nothing),
    Function::new("if", Types::OBJECT, Check::any(3), Run::Lazy(choose)).costs(Cost::Nothing),
    Function::new(
        "==",
        B,
        Check::any(2),
        Run::Comparison(Verify::Nothing, |c, v| {
            Ok(Val::Bool(equals(c.budget(), &v[0], &v[1])?))
        }),
    )
    .costs(Cost::Nothing),
    Function::new(
        "!=",
        B,
        Check::any(2),
        Run::Comparison(Verify::Nothing, |c, v| {
            Ok(Val::Bool(!equals(c.budget(), &v[0], &v[1])?))
        }),
    )
    .costs(Cost::Nothing),
    Function::new(
        "<",
        B,
        Check::any(2),
        Run::Comparison(Verify::NotNull, |c, v| compare(c, v, Ordering::is_lt)),
    ),
    Function::new(
        "<=",
        B,
        Check::any(2),
        Run::Comparison(Verify::NotNull, |c, v| compare(c, v, Ordering::is_le)),
    ),
    Function::new(
        ">",
        B,
        Check::any(2),
        Run::Comparison(Verify::NotNull, |c, v| compare(c, v, Ordering::is_gt)),
    ),
    Function::new(
        ">=",
        B,
        Check::any(2),
        Run::Comparison(Verify::NotNull, |c, v| compare(c, v, Ordering::is_ge)),
    ),
    Function::new(
        "exists",
        B,
        Check::any(1),
        Run::Comparison(Verify::NotNull, |_, v| Ok(Val::Bool(!v[0].is_nullish()))),
    )
    .costs(Cost::Nothing),
    Function::new(
        "empty",
        B,
        Check::any(1),
        Run::Comparison(Verify::ContainerOrNull, |_, v| Ok(Val::Bool(is_empty(&v[0])))),
    )
    .costs(Cost::Nothing),
    Function::new(
        "bool",
        B,
        Check::any(1),
        Run::Comparison(Verify::Nothing, |c, v| Ok(Val::Bool(to_bool(c.budget(), &v[0])?))),
    ),
    Function::new(
        "coalesce",
        Types::OBJECT,
        Check::some(),
        Run::Eager(Verify::Nothing, coalesce),
    )
    .costs(Cost::Nothing),
    Function::new("ignore", B, Check::order(&[B], &[]), Run::Lazy(|c| c.eval(0)))
        .impure()
        .costs(Cost::Nothing),
    Function::new(
        "optional",
        B,
        Check::order(&[B], &[]),
        Run::Lazy(|c| c.fail("has no value").map_err(Fail::into_throw)),
    )
    .impure()
    .costs(Cost::Nothing),
];

fn and<'d>(call: &Call<'_, 'd>) -> Outcome<'d> {
    for at in 0..call.args.len() {
        match call.eval_raw(at) {
            Ok(value) if value.is_true() => {}
            Ok(_) => return Ok(Val::Bool(false)),
            Err(fail) if fail.is_error() => return Ok(Val::Bool(false)),
            Err(fail) => return Err(fail),
        }
    }
    Ok(Val::Bool(true))
}

fn or<'d>(call: &Call<'_, 'd>) -> Outcome<'d> {
    let mut last = Val::Bool(false);
    for at in 0..call.args.len() {
        last = match call.eval_raw(at) {
            Ok(value) if value.is_true() => return Ok(Val::Bool(true)),
            Ok(value) => value,
            Err(fail) if fail.is_error() => beside_error(call, at)?,
            Err(fail) => return Err(fail),
        };
    }
    Ok(last)
}

/// The value that the reference returns along with an error, which is visible only in `||`.
fn beside_error<'d>(call: &Call<'_, 'd>, at: usize) -> Outcome<'d> {
    let Expr::Call { function, args } = &call.args[at] else {
        return Ok(Val::Undefined);
    };
    Ok(match (function.run, function.name) {
        (_, "all") => Val::Bool(true),
        (_, "select" | "foreach") => {
            let _level = call.budget().level()?;
            let frame = call.frame.raw();
            return lambda::before_failure(&Call {
                cx: call.cx,
                frame,
                function,
                args,
            });
        }
        (Run::Comparison(..), _) => Val::Bool(false),
        (
            _,
            "any" | "isDefinite" | "isTime" | "isDuration" | "isDate" | "isTimeRange" | "isDateRange"
            | "isPresent",
        ) => Val::Bool(false),
        (_, "resolve") => Val::Bool(false),
        (_, "indexOf" | "lastIndexOf") => Val::Number(-1.0),
        (_, "formatNumber") => Val::Null,
        _ => Val::Undefined,
    })
}

fn not<'d>(call: &Call<'_, 'd>) -> Outcome<'d> {
    match call.eval_raw(0) {
        Ok(value) => Ok(Val::Bool(!value.is_true())),
        Err(fail) if fail.is_error() => Ok(Val::Bool(true)),
        Err(fail) => Err(fail),
    }
}

fn choose<'d>(call: &Call<'_, 'd>) -> Outcome<'d> {
    let holds = match call.eval_raw(0) {
        Ok(value) => value.is_true(),
        Err(fail) if fail.is_error() => false,
        Err(fail) => return Err(fail),
    };
    call.eval(if holds { 1 } else { 2 })
}

fn compare<'d>(call: &Call<'_, 'd>, values: &[Val<'d>], holds: fn(Ordering) -> bool) -> Outcome<'d> {
    let order = match (&values[0], &values[1]) {
        (Val::Number(a), Val::Number(b)) => a.partial_cmp(b),
        (Val::String(a), Val::String(b)) => Some(utf16_order(a, b)),
        _ => None,
    };
    match order {
        Some(order) => Ok(Val::Bool(holds(order))),
        None => call.fail(format!(
            "two numbers or two strings were expected, but `{}` is {} and `{}` is {}",
            call.show(0),
            kind(&values[0]),
            call.show(1),
            kind(&values[1])
        )),
    }
}

fn is_empty(value: &Val<'_>) -> bool {
    match value {
        Val::Undefined | Val::Null => true,
        Val::String(s) => s.is_empty(),
        Val::Array(items) => items.len() == 0,
        Val::Object(map) => map.len() == 0,
        Val::Bytes(bytes) => bytes.is_empty(),
        _ => false,
    }
}

fn to_bool(budget: &Budget, value: &Val<'_>) -> Result<bool, Fail> {
    if let Some(n) = value.number() {
        return Ok(n != 0.0);
    }
    let text = js_string(budget, value)?;
    budget.allocate(text.len())?;
    Ok(!text.to_ascii_lowercase().contains("false") && value.is_true())
}

fn coalesce<'d>(_: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    Ok(values
        .iter()
        .find(|v| !v.is_nullish())
        .cloned()
        .unwrap_or(Val::Undefined))
}
