//! Arrays and objects as collections, without lambdas.

use super::{Call, Check, Cost, Function, Run, Types, Verify, convert, strings};
use crate::budget::{ArrayBuilder, Budget};
use crate::eval::{Fail, Outcome};
use crate::value::{List, Text, Val, equals, json_text, property};
use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

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
    )
    .costs(Cost::Strings),
    Function::new(
        "first",
        O,
        Check::any(1),
        Run::Eager(Verify::Nothing, |c, v| end(c, &v[0], Side::First)),
    )
    .costs(Cost::Nothing),
    Function::new(
        "last",
        O,
        Check::any(1),
        Run::Eager(Verify::Nothing, |c, v| end(c, &v[0], Side::Last)),
    )
    .costs(Cost::Nothing),
    Function::new("contains", Types::BOOLEAN, Check::any(2), Run::Lazy(contains)).costs(Cost::Strings),
    // The items of the result are counted, not those of the source.
    Function::new("skip", A, Check::order(&[A, N], &[]), Run::Lazy(skip)).costs(Cost::Nothing),
    Function::new("take", SA, Check::order(&[SA, N], &[]), Run::Lazy(take)).costs(Cost::Strings),
    Function::new("subArray", A, Check::order(&[A, N], &[N]), Run::Lazy(sub_array)).costs(Cost::Nothing),
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
    )
    .costs(Cost::Strings),
    Function::new(
        "reverse",
        SA,
        Check::order(&[SA], &[]),
        Run::Eager(Verify::Container, reverse),
    )
    .mutates()
    .costs(Cost::Strings),
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

fn end<'d>(call: &Call<'_, 'd>, value: &Val<'d>, side: Side) -> Outcome<'d> {
    Ok(match value {
        Val::String(s) => {
            let c = match side {
                Side::First => s.chars().next(),
                Side::Last => s.chars().next_back(),
            };
            let unit = c.and_then(|c| {
                let mut units = [0; 2];
                let units = c.encode_utf16(&mut units);
                match side {
                    Side::First => units.first().copied(),
                    Side::Last => units.last().copied(),
                }
            });
            match unit {
                Some(unit) => call.text(String::from_utf16_lossy(&[unit]))?,
                None => Val::Undefined,
            }
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
    })
}

/// Never an error: a value that can't be searched contains nothing.
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
            // Counted one by one: the search often ends early.
            let mut found = false;
            for at in 0..items.len() {
                call.budget().step()?;
                let item = items.get(at).unwrap_or(Val::Undefined);
                found = equals(call.budget(), &item, wanted)?;
                if found {
                    break;
                }
            }
            found
        }
        (holder, Val::String(name)) => !property(call.budget(), holder, name)?.is_undefined(),
        _ => false,
    };
    Ok(Val::Bool(found))
}

fn list<'d>(call: &Call<'_, 'd>) -> Result<List<'d>, Fail> {
    match call.eval(0)? {
        Val::Array(items) => Ok(items),
        other => call.fail(format!("an array was expected, but {}", call.found(0, &other))),
    }
}

fn integer(call: &Call<'_, '_>, at: usize) -> Result<f64, Fail> {
    match call.eval(at)?.integer() {
        Some(n) => Ok(n),
        None => call.fail(format!("`{}` is not an integer", call.show(at))),
    }
}

fn slice<'d>(call: &Call<'_, 'd>, items: &List<'d>, from: f64, to: f64) -> Outcome<'d> {
    let (from, to) = (from.max(0.0) as usize, to.max(0.0) as usize);
    let to = to.min(items.len());
    let budget = call.budget();
    budget.check_available(to.saturating_sub(from) * size_of::<Val<'_>>())?;
    budget.list((from..to).filter_map(|at| items.get(at)).collect())
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
            let count = (count as usize).min(strings::units(text));
            call.text(strings::unit_range(text, 0, count))
        }
        Val::Array(items) => slice(call, items, 0.0, integer(call, 1)?),
        other => call.fail(format!(
            "an array or a string was expected, but {}",
            call.found(0, other)
        )),
    }
}

fn sub_array<'d>(call: &Call<'_, 'd>) -> Outcome<'d> {
    let items = list(call)?;
    let len = items.len() as f64;
    let within = |at: usize| match integer(call, at) {
        Ok(n) if (0.0..=len).contains(&n) => Ok(n),
        Ok(n) => call.fail(format!("{n} is outside the array of {len} items")),
        Err(fail) => Err(fail),
    };
    let start = within(1)?;
    let end = if call.args.len() == 2 { len } else { within(2)? };
    slice(call, &items, start, end)
}

/// A hash-set key that is the same for equal values; containers are equal only to themselves.
#[derive(PartialEq, Eq, Hash)]
enum SetKey<'d> {
    Undefined,
    Null,
    Bool(bool),
    Number(u64),
    Text(TextByContent<'d>),
    BigInt(i128),
    List((usize, usize)),
    Object((usize, usize)),
    Bytes(Rc<[u8]>),
}

/// A string that is compared by its content.
struct TextByContent<'d>(Text<'d>);

impl PartialEq for TextByContent<'_> {
    fn eq(&self, other: &Self) -> bool {
        *self.0 == *other.0
    }
}

impl Eq for TextByContent<'_> {}

impl Hash for TextByContent<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (*self.0).hash(state);
    }
}

/// The key of a value; `None` for values that are not equal even to themselves.
fn set_key<'d>(budget: &Budget, value: &Val<'d>) -> Result<Option<SetKey<'d>>, Fail> {
    // Includes inserting it into a set.
    budget.steps(4)?;
    Ok(Some(match value {
        Val::Undefined => SetKey::Undefined,
        Val::Null => SetKey::Null,
        Val::Bool(b) => SetKey::Bool(*b),
        Val::Number(n) => SetKey::Number(if *n == 0.0 { 0 } else { n.to_bits() }),
        Val::String(s) => {
            budget.bytes(s.len())?;
            SetKey::Text(TextByContent(s.clone()))
        }
        Val::BigInt(n) => SetKey::BigInt(**n),
        Val::Array(items) => SetKey::List(items.address()),
        Val::Object(map) => SetKey::Object(map.address()),
        Val::Bytes(bytes) => {
            budget.bytes(bytes.len())?;
            SetKey::Bytes(Rc::clone(bytes))
        }
        Val::Code(_) => return Ok(None),
    }))
}

/// Memory of a set entry, bytes.
const SET_ENTRY_BYTES: usize = 2 * size_of::<SetKey<'_>>();

/// Items in order, each once.
fn distinct<'d>(call: &Call<'_, 'd>, items: impl Iterator<Item = Val<'d>>) -> Outcome<'d> {
    let budget = call.budget();
    let mut seen = HashSet::new();
    let mut kept = ArrayBuilder::new(budget);
    for item in items {
        let new = match set_key(budget, &item)? {
            Some(key) => seen.insert(key),
            None => true,
        };
        if new {
            budget.allocate(SET_ENTRY_BYTES)?;
            kept.push(item)?;
        }
    }
    kept.finish()
}

fn union<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let mut lists = Vec::with_capacity(values.len());
    for value in values {
        if let Val::Array(items) = value {
            lists.push(items.iter(call.budget())?);
        }
    }
    distinct(call, lists.into_iter().flatten())
}

fn intersection<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let budget = call.budget();
    let mut kept: Vec<Val<'d>> = match &values[0] {
        Val::Array(items) => items.to_vec(budget)?,
        _ => Vec::new(),
    };
    for other in values {
        let Val::Array(items) = other else { continue };
        let mut keys = HashSet::new();
        for item in items.iter(budget)? {
            budget.allocate(SET_ENTRY_BYTES)?;
            keys.extend(set_key(budget, &item)?);
        }
        let mut left = Vec::with_capacity(kept.len());
        for item in kept {
            // `indexOf` looks with `===`, so NaN is never found.
            let found = !matches!(item, Val::Number(n) if n.is_nan())
                && set_key(budget, &item)?.is_some_and(|key| keys.contains(&key));
            if found {
                left.push(item);
            }
        }
        kept = left;
    }
    distinct(call, kept.into_iter())
}

fn flatten<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let budget = call.budget();
    let Val::Array(source) = &values[0] else {
        return call.fail(format!(
            "an array was expected, but {}",
            call.found(0, &values[0])
        ));
    };
    let depth = match values.get(1).map(Val::number) {
        None => 100.0,
        Some(Some(depth)) if depth >= 1.0 => depth,
        Some(_) => 1.0,
    };
    let mut items = source.to_vec(budget)?;
    let mut level = 0.0;
    while level < depth {
        budget.items(items.len())?;
        if !items.iter().any(|v| matches!(v, Val::Array(_))) {
            break;
        }
        let mut next = ArrayBuilder::new(budget);
        for item in items {
            match item {
                Val::Array(inner) => {
                    for item in inner.iter(budget)? {
                        next.push(item)?;
                    }
                }
                other => next.push(other)?,
            }
        }
        items = next.into_items();
        level += 1.0;
    }
    // The reference copies through JSON text, which has neither undefined nor NaN.
    let json = |v: Val<'d>| match v {
        Val::Object(_) | Val::Array(_) | Val::Bytes(_) => {
            let text = json_text(budget, &v)?;
            convert::read(budget, &text)?.or_else(|error| call.fail(error))
        }
        Val::Undefined => Ok(Val::Null),
        Val::Number(n) if !n.is_finite() => Ok(Val::Null),
        Val::Number(0.0) => Ok(Val::Number(0.0)),
        Val::BigInt(n) => budget.text(n.to_string()),
        other => Ok(other),
    };
    budget.list(items.into_iter().map(json).collect::<Result<_, _>>()?)
}

fn indices_and_values<'d>(call: &Call<'_, 'd>) -> Outcome<'d> {
    let budget = call.budget();
    let pair = |index: Val<'d>, value: Val<'d>| {
        budget.object(vec![
            (Text::borrowed("index"), index),
            (Text::borrowed("value"), value),
        ])
    };
    let source = call.eval(0)?;
    let mut pairs = ArrayBuilder::new(budget);
    match &source {
        Val::Array(items) => {
            for (at, value) in items.iter(budget)?.enumerate() {
                pairs.push(pair(Val::Number(at as f64), value)?)?;
            }
        }
        Val::Object(map) => {
            for (key, value) in map.iter(budget)? {
                pairs.push(pair(Val::String(key), value)?)?;
            }
        }
        Val::Bytes(bytes) => {
            for (at, b) in bytes.iter().enumerate() {
                pairs.push(pair(budget.text(at.to_string())?, Val::Number(f64::from(*b)))?)?;
            }
        }
        Val::Null => {
            return call.fail("null has no items").map_err(Fail::into_throw);
        }
        other => {
            return call.fail(format!(
                "an array or an object was expected, but {}",
                call.found(0, other)
            ));
        }
    }
    pairs.finish()
}

/// Reverses a string; an array is reversed in place, as in the reference.
fn reverse<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    match &values[0] {
        Val::String(s) => {
            let mut units: Vec<u16> = s.encode_utf16().collect();
            units.reverse();
            call.text(String::from_utf16_lossy(&units))
        }
        Val::Array(items) => Ok(match items.reverse(call.budget())? {
            Some(copy) => Val::Array(copy),
            None => values[0].clone(),
        }),
        other => call.fail(format!(
            "an array or a string was expected, but {}",
            call.found(0, other)
        )),
    }
}
