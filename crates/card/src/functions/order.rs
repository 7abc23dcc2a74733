//! Sorting. Without a key, items sort by their text, as JavaScript sorts.

use super::{Call, Check, Function, Run, Types};
use crate::eval::{Fail, Outcome, kind};
use crate::value::{Val, js_string, order_by_key, utf16_order};
use std::cmp::Ordering;

const A: Types = Types::ARRAY;
const ARGS: Check = Check::order(&[A], &[Types::STRING]);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("sortBy", A, ARGS, Run::Lazy(|c| sort(c, Direction::Up))),
    Function::new(
        "sortByDescending",
        A,
        ARGS,
        Run::Lazy(|c| sort(c, Direction::Down)),
    ),
];

#[derive(Clone, Copy, PartialEq)]
enum Direction {
    Up,
    Down,
}

fn sort<'d>(call: &Call<'_, 'd>, direction: Direction) -> Outcome<'d> {
    let mut items = match call.eval(0)? {
        Val::Array(items) => items.to_vec(),
        other => {
            return call.fail(format!(
                "a list was expected, but `{}` is {}",
                call.show(0),
                kind(&other)
            ));
        }
    };
    let size = items.len() as u64;
    call.cx.use_steps(size * u64::from(64 - size.leading_zeros()))?;
    if call.args.len() == 1 {
        items = by_text(items);
    } else {
        let key = match call.eval(1)? {
            key if key.is_falsy() => String::new(),
            key => js_string(&key),
        };
        items = by_key(call, items, &key)?;
    }
    if direction == Direction::Down {
        items.reverse();
    }
    Ok(Val::list(items))
}

/// By text, undefined items last.
fn by_text(items: Vec<Val<'_>>) -> Vec<Val<'_>> {
    let mut keyed: Vec<(Option<String>, Val<'_>)> = items
        .into_iter()
        .map(|v| ((!v.is_undefined()).then(|| js_string(&v)), v))
        .collect();
    keyed.sort_by(|(a, _), (b, _)| match (a, b) {
        (Some(a), Some(b)) => utf16_order(a, b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    });
    keyed.into_iter().map(|(_, v)| v).collect()
}

/// By a member, its name with its case. Values that do not compare stay where they are.
fn by_key<'d>(call: &Call<'_, 'd>, items: Vec<Val<'d>>, key: &str) -> Result<Vec<Val<'d>>, Fail> {
    let mut keyed = Vec::with_capacity(items.len());
    let alone = items.len() < 2;
    for item in items {
        let value = match &item {
            Val::Object(map) => map.get(key).unwrap_or(Val::Undefined),
            Val::Array(list) if key == "length" => Val::Number(list.len() as f64),
            Val::String(s) if key == "length" => Val::Number(super::strings::units(s) as f64),
            Val::Array(_) | Val::String(_) => crate::value::property(&item, key),
            Val::Undefined | Val::Null if !alone => {
                return call
                    .fail(format!("an item of `{}` is {}", call.show(0), kind(&item)))
                    .map_err(Fail::into_throw);
            }
            _ => Val::Undefined,
        };
        keyed.push((value, item));
    }
    // Mixed types give an order that is no order; a merge sort of our own cannot be upset by it.
    merge_sort(&mut keyed);
    Ok(keyed.into_iter().map(|(_, v)| v).collect())
}

/// Below this size V8 sorts by binary insertion, which decides where values that do not compare end up.
const RUN: usize = 32;

fn merge_sort<'d>(items: &mut Vec<(Val<'d>, Val<'d>)>) {
    if items.len() <= RUN {
        for at in 1..items.len() {
            let (mut low, mut high) = (0, at);
            while low < high {
                let middle = low + (high - low) / 2;
                if order_by_key(&items[at].0, &items[middle].0).is_lt() {
                    high = middle
                } else {
                    low = middle + 1
                }
            }
            items[low..=at].rotate_right(1);
        }
        return;
    }
    let mut right = items.split_off(items.len() / 2);
    merge_sort(items);
    merge_sort(&mut right);
    let left = std::mem::take(items);
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let next = if order_by_key(&b.0, &a.0).is_lt() {
            right.next()
        } else {
            left.next()
        };
        items.extend(next);
    }
    items.extend(left);
    items.extend(right);
}
