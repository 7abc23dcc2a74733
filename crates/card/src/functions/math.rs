//! Arithmetic.

use super::{Call, Check, Cost, Function, Run, Types, Verify};
use crate::budget::Budget;
use crate::eval::{Fail, Outcome};
use crate::number::{pow, push_number, round_half_up};
use crate::value::Val;

const N: Types = Types::NUMBER;
const NS: Types = Types::NUMBER.or(Types::STRING);
const ANY: usize = usize::MAX;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("+", NS, Check::each(2, ANY, NS), Run::Eager(Verify::Addend, add)),
    Function::new(
        "-",
        N,
        Check::each(2, ANY, N),
        Run::Eager(Verify::Number, |_, v| Ok(fold(v, |a, b| a - b))),
    ),
    Function::new(
        "*",
        N,
        Check::each(2, ANY, N),
        Run::Eager(Verify::Number, |_, v| Ok(fold(v, |a, b| a * b))),
    ),
    Function::new(
        "/",
        N,
        Check::each(2, ANY, N),
        Run::Eager(Verify::Divisor, |_, v| Ok(fold(v, divide))),
    ),
    Function::new("%", N, Check::each(2, 2, N), Run::Eager(Verify::Integer, modulo)),
    Function::new(
        "^",
        N,
        Check::each(2, ANY, N),
        Run::Eager(Verify::NumberOrNumbers, power),
    ),
    Function::new(
        "min",
        N,
        Check::some(),
        Run::Eager(Verify::NumberOrNumbers, |c, v| {
            extreme(c.budget(), v, f64::INFINITY, |a, b| b < a)
        }),
    )
    .costs(Cost::Strings),
    Function::new(
        "max",
        N,
        Check::some(),
        Run::Eager(Verify::NumberOrNumbers, |c, v| {
            extreme(c.budget(), v, f64::NEG_INFINITY, |a, b| b > a)
        }),
    )
    .costs(Cost::Strings),
    Function::new(
        "sum",
        N,
        Check::order(&[Types::ARRAY], &[]),
        Run::Eager(Verify::Numbers, |c, v| Ok(Val::Number(total(c, v)?.0))),
    ),
    Function::new(
        "average",
        N,
        Check::any(1),
        Run::Eager(Verify::Numbers, |c, v| {
            let (sum, count) = total(c, v)?;
            Ok(Val::Number(sum / count))
        }),
    ),
    Function::new(
        "range",
        Types::ARRAY,
        Check::each(2, 2, N),
        Run::Eager(Verify::Integer, range),
    ),
    Function::new(
        "round",
        N,
        Check::each(1, 2, N),
        Run::Eager(Verify::Number, round),
    ),
    Function::new(
        "floor",
        N,
        Check::each(1, 1, N),
        Run::Eager(Verify::Number, |_, v| Ok(one(v, f64::floor))),
    ),
    Function::new(
        "ceiling",
        N,
        Check::each(1, 1, N),
        Run::Eager(Verify::Number, |_, v| Ok(one(v, f64::ceil))),
    ),
    Function::new(
        "abs",
        N,
        Check::each(1, 1, N),
        Run::Eager(Verify::Number, |_, v| Ok(one(v, f64::abs))),
    ),
    Function::new(
        "sqrt",
        N,
        Check::each(1, 1, N),
        Run::Eager(Verify::Number, |c, v| match v[0].number() {
            Some(n) if n < 0.0 => c.fail("a negative number has no square root"),
            _ => Ok(one(v, f64::sqrt)),
        }),
    ),
    Function::new("rand", N, Check::each(2, 2, N), Run::Lazy(rand)).impure(),
];

fn number(value: &Val<'_>) -> f64 {
    value.number().unwrap_or(f64::NAN)
}

fn one<'d>(values: &[Val<'d>], apply: fn(f64) -> f64) -> Val<'d> {
    Val::Number(apply(number(&values[0])))
}

fn fold<'d>(values: &[Val<'d>], apply: fn(f64, f64) -> f64) -> Val<'d> {
    Val::Number(
        values[1..]
            .iter()
            .fold(number(&values[0]), |sum, v| apply(sum, number(v))),
    )
}

/// Adds numbers; if either side is a string, both are concatenated.
fn add<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let mut sum = values[0].clone();
    for next in &values[1..] {
        sum = match (&sum, next) {
            (Val::Number(a), Val::Number(b)) => Val::Number(a + b),
            (Val::Number(_), Val::Undefined) | (Val::Undefined, Val::Number(_)) => {
                return call.fail("a number and a missing value cannot be added");
            }
            (a, b) => {
                let length = a.text().map_or(0, str::len) + b.text().map_or(0, str::len);
                call.budget().check_available(length)?;
                let mut out = String::with_capacity(length);
                for side in [a, b] {
                    match side {
                        Val::Number(n) => push_number(&mut out, *n),
                        Val::String(s) => out.push_str(s),
                        _ => {}
                    }
                }
                call.text(out)?
            }
        };
    }
    Ok(sum)
}

/// Two integers divide to an integer, rounded down.
fn divide(a: f64, b: f64) -> f64 {
    let integers = a.is_finite() && b.is_finite() && a.fract() == 0.0 && b.fract() == 0.0;
    if integers { (a / b).floor() } else { a / b }
}

fn modulo<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let (a, b) = (number(&values[0]), number(&values[1]));
    if b == 0.0 {
        call.fail("the divisor is 0")
    } else {
        Ok(Val::Number(a % b))
    }
}

fn power<'d>(_: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    // An array is converted to a number as JavaScript does, as in the reference.
    let value = |v: &Val<'_>| match v {
        Val::Array(items) if items.len() == 0 => 0.0,
        Val::Array(items) if items.len() == 1 => items.get(0).as_ref().map_or(f64::NAN, number),
        other => number(other),
    };
    if values.len() == 1 {
        return Ok(values[0].clone());
    }
    Ok(Val::Number(
        values[1..]
            .iter()
            .fold(value(&values[0]), |sum, v| pow(sum, value(v))),
    ))
}

fn extreme<'d>(budget: &Budget, values: &[Val<'d>], start: f64, better: fn(f64, f64) -> bool) -> Outcome<'d> {
    let mut best = start;
    let mut take = |n: f64| {
        if better(best, n) || (n == 0.0 && best == 0.0 && better(best.signum(), n.signum())) {
            best = n;
        }
    };
    for value in values {
        match value {
            Val::Array(items) => items.iter(budget)?.for_each(|v| take(number(&v))),
            other => take(number(other)),
        }
    }
    Ok(Val::Number(best))
}

fn total(call: &Call<'_, '_>, values: &[Val<'_>]) -> Result<(f64, f64), Fail> {
    match &values[0] {
        Val::Array(items) if items.len() > 0 => {
            let mut items_left = items.iter(call.budget())?;
            let first = items_left.next().as_ref().map_or(0.0, number);
            Ok((
                items_left.fold(first, |sum, v| sum + number(&v)),
                items.len() as f64,
            ))
        }
        _ => call.fail("the array is empty"),
    }
}

fn range<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let (start, count) = (number(&values[0]), number(&values[1]));
    if count <= 0.0 {
        return call.fail("the count must be more than 0");
    }
    let count = count.min(1e15) as usize;
    call.budget().items(count)?;
    call.budget()
        .check_available(count.saturating_mul(size_of::<Val<'_>>()))?;
    call.budget()
        .list((0..count).map(|n| Val::Number(start + n as f64)).collect())
}

fn round<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let digits = match values.get(1) {
        None => 0.0,
        Some(digits) => match digits.integer() {
            Some(digits) if (0.0..=15.0).contains(&digits) => digits,
            _ => return call.fail("the digits must be an integer from 0 to 15"),
        },
    };
    let scale = pow(10.0, digits);
    Ok(Val::Number(round_half_up(number(&values[0]) * scale) / scale))
}

fn rand<'d>(call: &Call<'_, 'd>) -> Outcome<'d> {
    let least = match call.eval(0)?.integer() {
        Some(n) => n,
        None => return call.fail("the least value must be an integer"),
    };
    let most = match call.eval(1)?.integer() {
        Some(n) => n,
        None => return call.fail("the greatest value must be an integer"),
    };
    if least > most {
        return call.fail("the least value is greater than the greatest");
    }
    let unit = (call.cx.environment.random() >> 11) as f64 / (1u64 << 53) as f64;
    Ok(Val::Number((least + unit * (most - least)).floor()))
}
