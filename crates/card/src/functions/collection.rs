//! Lists and objects as collections, without lambdas.

use super::{Call, Check, Function, Run, Types, Verify, strings};
use crate::eval::{Outcome, kind};
use crate::value::{List, Map, Text, Val, equals, property, same_value_zero};
use std::collections::HashSet;

const A: Types = Types::ARRAY;
const N: Types = Types::NUMBER;
const O: Types = Types::OBJECT;
const SA: Types = Types::STRING.or(Types::ARRAY);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "count",
        N,
        Check::order(&[SA], &[]),
        Run::Eager(Verify::Container, count),
    ),
    Function::new(
        "first",
        O,
        Check::any(1),
        Run::Eager(Verify::Nothing, |_, v| Ok(end(&v[0], Side::First))),
    ),
    Function::new(
        "last",
        O,
        Check::any(1),
        Run::Eager(Verify::Nothing, |_, v| Ok(end(&v[0], Side::Last))),
    ),
    Function::new("contains", Types::BOOLEAN, Check::any(2), Run::Lazy(contains)),
    Function::new("skip", A, Check::order(&[A, N], &[]), Run::Lazy(skip)),
    Function::new("take", SA, Check::order(&[SA, N], &[]), Run::Lazy(take)),
    Function::new("subArray", A, Check::order(&[A, N], &[N]), Run::Lazy(sub_array)),
    Function::new(
        "union",
        A,
        Check::each(1, usize::MAX, A),
        Run::Eager(Verify::List, union),
    ),
    Function::new(
        "intersection",
        A,
        Check::each(1, usize::MAX, A),
        Run::Eager(Verify::List, intersection),
    ),
    Function::new(
        "unique",
        A,
        Check::order(&[A], &[]),
        Run::Eager(Verify::List, union),
    ),
    Function::new(
        "flatten",
        A,
        Check::order(&[A], &[N]),
        Run::Eager(Verify::Nothing, flatten),
    ),
    Function::new(
        "indicesAndValues",
        A,
        Check::any(1),
        Run::Lazy(indices_and_values),
    ),
    Function::new(
        "reverse",
        SA,
        Check::order(&[SA], &[]),
        Run::Eager(Verify::Container, reverse),
    )
    .mutates(),
];

fn count<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let count = match &values[0] {
        Val::String(s) => strings::units(s),
        Val::Array(items) => items.len(),
        Val::Object(map) => map.len(),
        Val::Bytes(bytes) => bytes.len(),
        _ => return call.fail("null has no items"),
    };
    Ok(Val::Number(count as f64))
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    First,
    Last,
}

fn end<'d>(value: &Val<'d>, side: Side) -> Val<'d> {
    match value {
        Val::String(s) => {
            let mut units = s.encode_utf16();
            let unit = if side == Side::First {
                units.next()
            } else {
                units.last()
            };
            unit.map_or(Val::Undefined, |unit| {
                Val::string(String::from_utf16_lossy(&[unit]))
            })
        }
        Val::Array(items) => {
            let at = if side == Side::First {
                0
            } else {
                items.len().wrapping_sub(1)
            };
            items.get(at).unwrap_or(Val::Undefined)
        }
        _ => Val::Undefined,
    }
}

/// Never an error: what cannot be searched contains nothing.
fn contains<'d>(call: &Call<'_, 'd>) -> Outcome<'d> {
    let mut values = [Val::Undefined, Val::Undefined];
    for (at, value) in values.iter_mut().enumerate() {
        *value = match call.eval(at) {
            Ok(found) => found,
            Err(fail) if fail.is_error() => return Ok(Val::Bool(false)),
            Err(fail) => return Err(fail),
        };
    }
    let found = match (&values[0], &values[1]) {
        (Val::String(a), Val::String(b)) => a.contains(&**b),
        (Val::Array(items), wanted) => {
            call.cx.use_steps(items.len() as u64)?;
            items.iter().any(|item| equals(&item, wanted))
        }
        (holder, Val::String(name)) => !property(holder, name).is_undefined(),
        _ => false,
    };
    Ok(Val::Bool(found))
}

fn list<'d>(call: &Call<'_, 'd>) -> Result<List<'d>, crate::eval::Fail> {
    match call.eval(0)? {
        Val::Array(items) => Ok(items),
        other => call.fail(format!(
            "a list was expected, but `{}` is {}",
            call.show(0),
            kind(&other)
        )),
    }
}

fn integer(call: &Call<'_, '_>, at: usize) -> Result<f64, crate::eval::Fail> {
    match call.eval(at)?.integer() {
        Some(n) => Ok(n),
        None => call.fail(format!("`{}` is not an integer", call.show(at))),
    }
}

fn slice<'d>(call: &Call<'_, 'd>, items: &List<'d>, from: f64, to: f64) -> Outcome<'d> {
    let (from, to) = (from.max(0.0) as usize, to.max(0.0) as usize);
    call.charge(items.len().min(to).saturating_sub(from) * 16)?;
    Ok(Val::list(
        (from..to.min(items.len()))
            .filter_map(|at| items.get(at))
            .collect(),
    ))
}

fn skip<'d>(call: &Call<'_, 'd>) -> Outcome<'d> {
    let items = list(call)?;
    let start = integer(call, 1)?;
    slice(call, &items, start, items.len() as f64)
}

fn take<'d>(call: &Call<'_, 'd>) -> Outcome<'d> {
    let source = call.eval(0)?;
    match &source {
        Val::String(text) => {
            let count = integer(call, 1)?.max(0.0);
            call.charge(text.len())?;
            Ok(Val::string(strings::unit_range(
                text,
                0,
                (count as usize).min(strings::units(text)),
            )))
        }
        Val::Array(items) => slice(call, items, 0.0, integer(call, 1)?),
        other => call.fail(format!(
            "a list or text was expected, but `{}` is {}",
            call.show(0),
            kind(other)
        )),
    }
}

fn sub_array<'d>(call: &Call<'_, 'd>) -> Outcome<'d> {
    let items = list(call)?;
    let len = items.len() as f64;
    let within = |at: usize| match integer(call, at) {
        Ok(n) if (0.0..=len).contains(&n) => Ok(n),
        Ok(n) => call.fail(format!("{n} is outside the list of {len} items")),
        Err(fail) => Err(fail),
    };
    let start = within(1)?;
    let end = if call.args.len() == 2 { len } else { within(2)? };
    slice(call, &items, start, end)
}

/// A key under which equal primitives meet; containers are equal only to themselves.
#[derive(PartialEq, Eq, Hash)]
enum Identity {
    Undefined,
    Null,
    Bool(bool),
    Number(u64),
    Text(String),
    BigInt(i128),
}

fn identity(value: &Val<'_>) -> Option<Identity> {
    Some(match value {
        Val::Undefined => Identity::Undefined,
        Val::Null => Identity::Null,
        Val::Bool(b) => Identity::Bool(*b),
        Val::Number(n) => Identity::Number(if *n == 0.0 { 0 } else { n.to_bits() }),
        Val::String(s) => Identity::Text(s.to_string()),
        Val::BigInt(n) => Identity::BigInt(**n),
        _ => return None,
    })
}

/// Items in order, each once.
fn distinct<'d>(call: &Call<'_, 'd>, items: impl Iterator<Item = Val<'d>>) -> Outcome<'d> {
    let mut seen = HashSet::new();
    let mut containers = Vec::new();
    let mut kept = Vec::new();
    for item in items {
        call.cx.step()?;
        let new = match identity(&item) {
            Some(key) => seen.insert(key),
            None => {
                call.cx.use_steps(containers.len() as u64 / 8)?;
                let new = !containers.iter().any(|other| same_value_zero(other, &item));
                if new {
                    containers.push(item.clone());
                }
                new
            }
        };
        if new {
            kept.push(item);
        }
    }
    Ok(Val::list(kept))
}

fn items<'v, 'd>(value: &'v Val<'d>) -> impl Iterator<Item = Val<'d>> + 'v {
    let list = match value {
        Val::Array(items) => Some(items),
        _ => None,
    };
    list.into_iter().flat_map(List::iter)
}

fn union<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    distinct(call, values.iter().flat_map(items))
}

fn intersection<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let mut kept: Vec<Val<'d>> = items(&values[0]).collect();
    for other in values {
        let keys: HashSet<_> = items(other).filter_map(|v| identity(&v)).collect();
        let containers: Vec<_> = items(other).filter(|v| identity(v).is_none()).collect();
        call.cx
            .use_steps((kept.len() + keys.len()) as u64 + (kept.len() * containers.len()) as u64 / 8)?;
        // `indexOf` looks with `===`, so NaN is never found.
        kept.retain(|item| match identity(item) {
            Some(key) => !matches!(item, Val::Number(n) if n.is_nan()) && keys.contains(&key),
            None => containers.iter().any(|c| same_value_zero(c, item)),
        });
    }
    distinct(call, kept.into_iter())
}

fn flatten<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let Val::Array(source) = &values[0] else {
        return call.fail(format!(
            "a list was expected, but `{}` is {}",
            call.show(0),
            kind(&values[0])
        ));
    };
    let depth = match values.get(1).map(Val::number) {
        None => 100.0,
        Some(Some(depth)) if depth >= 1.0 => depth,
        Some(_) => 1.0,
    };
    let mut items = source.to_vec();
    let mut level = 0.0;
    while level < depth && items.iter().any(|v| matches!(v, Val::Array(_))) {
        let mut next = Vec::new();
        for item in items {
            call.cx.step()?;
            match item {
                Val::Array(inner) => {
                    call.cx.use_steps(inner.len() as u64)?;
                    next.extend(inner.iter());
                }
                other => next.push(other),
            }
        }
        items = next;
        level += 1.0;
    }
    // The reference copies through JSON text, which has neither undefined nor NaN.
    let json = |v: Val<'d>| match v {
        Val::Undefined => Val::Null,
        Val::Number(n) if !n.is_finite() => Val::Null,
        Val::Number(0.0) => Val::Number(0.0),
        Val::BigInt(n) => Val::string(n.to_string()),
        other => other,
    };
    Ok(Val::list(items.into_iter().map(json).collect()))
}

fn indices_and_values<'d>(call: &Call<'_, 'd>) -> Outcome<'d> {
    let pair = |index: Val<'d>, value: Val<'d>| {
        Val::Object(Map::from_members(vec![
            (Text::Borrowed("index"), index),
            (Text::Borrowed("value"), value),
        ]))
    };
    let source = call.eval(0)?;
    let pairs: Vec<_> = match &source {
        Val::Array(items) => {
            call.charge(items.len() * 128)?;
            items
                .iter()
                .enumerate()
                .map(|(at, v)| pair(Val::Number(at as f64), v))
                .collect()
        }
        Val::Object(map) => {
            call.charge(map.len() * 128)?;
            map.iter().map(|(k, v)| pair(Val::String(k), v)).collect()
        }
        Val::Bytes(bytes) => {
            call.charge(bytes.len() * 128)?;
            let number = |at: usize| Val::string(at.to_string());
            bytes
                .iter()
                .enumerate()
                .map(|(at, b)| pair(number(at), Val::Number(f64::from(*b))))
                .collect()
        }
        Val::Null => {
            return call
                .fail("null has no items")
                .map_err(crate::eval::Fail::into_throw);
        }
        other => {
            return call.fail(format!(
                "a list or an object was expected, but `{}` is {}",
                call.show(0),
                kind(other)
            ));
        }
    };
    Ok(Val::list(pairs))
}

/// Text backwards; a list is turned round in place, as in the reference.
fn reverse<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    match &values[0] {
        Val::String(s) => {
            call.charge(s.len())?;
            let mut units: Vec<u16> = s.encode_utf16().collect();
            units.reverse();
            Ok(Val::string(String::from_utf16_lossy(&units)))
        }
        Val::Array(items) => {
            call.charge(items.len() * 16)?;
            match items {
                List::Shared(shared) => {
                    shared.borrow_mut().reverse();
                    Ok(values[0].clone())
                }
                List::Borrowed(_) => Ok(Val::list(items.to_vec().into_iter().rev().collect())),
            }
        }
        other => call.fail(format!(
            "a list or text was expected, but `{}` is {}",
            call.show(0),
            kind(other)
        )),
    }
}
