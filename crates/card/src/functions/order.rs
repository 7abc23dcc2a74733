//! Sorting. Without a key, items are sorted by their string form, as in JavaScript.

use super::{Call, Check, Cost, Function, Run, Types};
use crate::budget::Budget;
use crate::eval::{Fail, Outcome, kind};
use crate::value::{SortKey, Val, js_string, utf16_order};
use std::cmp::Ordering;

const A: Types = Types::ARRAY;
const ARGS: Check = Check::order(&[A], &[Types::STRING]);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("sortBy", A, ARGS, Run::Lazy(|c| sort(c, Direction::Up))).costs(Cost::Strings),
    Function::new(
        "sortByDescending",
        A,
        ARGS,
        Run::Lazy(|c| sort(c, Direction::Down)),
    )
    .costs(Cost::Strings),
];

#[derive(Clone, Copy, PartialEq)]
enum Direction {
    Up,
    Down,
}

fn sort<'d>(call: &Call<'_, 'd>, direction: Direction) -> Outcome<'d> {
    let items = match call.eval(0)? {
        Val::Array(items) => items.to_vec(call.budget())?,
        other => {
            return call.fail(format!(
                "an array was expected, but `{}` is {}",
                call.show(0),
                kind(&other)
            ));
        }
    };
    let mut items = if call.args.len() == 1 {
        by_text(call.budget(), items)?
    } else {
        let key = match call.eval(1)? {
            key if key.is_falsy() => String::new(),
            key => js_string(call.budget(), &key)?,
        };
        by_key(call, items, &key)?
    };
    if direction == Direction::Down {
        items.reverse();
    }
    call.budget().list(items)
}

/// Counts the comparisons of a merge sort: in each round every item is compared once, which reads at most its whole text.
fn count_rounds(budget: &Budget, items: usize, bytes: usize) -> Result<(), Fail> {
    let rounds = u64::from(usize::BITS - items.leading_zeros());
    budget.steps((items as u64 + bytes as u64 / 16).saturating_mul(rounds))
}

/// Sorts by string form, undefined items last.
fn by_text<'d>(budget: &Budget, items: Vec<Val<'d>>) -> Result<Vec<Val<'d>>, Fail> {
    let mut keyed: Vec<(Option<String>, Val<'d>)> = Vec::with_capacity(items.len());
    let mut bytes = 0;
    for item in items {
        let text = match &item {
            Val::Undefined => None,
            item => Some(js_string(budget, item)?),
        };
        let length = text.as_ref().map_or(0, String::len);
        budget.allocate(size_of::<(Option<String>, Val<'_>)>() + length)?;
        bytes += length;
        keyed.push((text, item));
    }
    count_rounds(budget, keyed.len(), bytes)?;
    keyed.sort_by(|(a, _), (b, _)| match (a, b) {
        (Some(a), Some(b)) => utf16_order(a, b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    });
    Ok(keyed.into_iter().map(|(_, v)| v).collect())
}

/// By a property, case-sensitive. Values that can't be compared keep their order.
fn by_key<'d>(call: &Call<'_, 'd>, items: Vec<Val<'d>>, key: &str) -> Result<Vec<Val<'d>>, Fail> {
    let budget = call.budget();
    let mut keyed = Vec::with_capacity(items.len());
    let alone = items.len() < 2;
    let mut bytes = 0;
    for item in items {
        let value = match &item {
            Val::Object(map) => map.get(budget, key)?.unwrap_or(Val::Undefined),
            Val::Array(list) if key == "length" => Val::Number(list.len() as f64),
            Val::String(s) if key == "length" => {
                budget.bytes(s.len())?;
                Val::Number(super::strings::units(s) as f64)
            }
            Val::Array(_) | Val::String(_) => crate::value::property(budget, &item, key)?,
            Val::Undefined | Val::Null if !alone => {
                return call
                    .fail(format!("an item of `{}` is {}", call.show(0), kind(&item)))
                    .map_err(Fail::into_throw);
            }
            _ => Val::Undefined,
        };
        let rank = SortKey::of(budget, value)?;
        budget.allocate(size_of::<(SortKey<'_>, Val<'_>)>() + rank.len())?;
        bytes += rank.len();
        keyed.push((rank, item));
    }
    count_rounds(budget, keyed.len(), bytes)?;
    // Comparing mixed types is not a total order, on which the standard library's sort may panic.
    merge_sort(&mut keyed);
    Ok(keyed.into_iter().map(|(_, v)| v).collect())
}

/// Below this size V8 sorts by binary insertion, which decides where values that do not compare end up.
const RUN: usize = 32;

fn merge_sort<'d>(items: &mut Vec<(SortKey<'d>, Val<'d>)>) {
    if items.len() <= RUN {
        for at in 1..items.len() {
            let (mut low, mut high) = (0, at);
            while low < high {
                let middle = low + (high - low) / 2;
                if items[at].0.order(&items[middle].0).is_lt() {
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
        let next = if b.0.order(&a.0).is_lt() {
            right.next()
        } else {
            left.next()
        };
        items.extend(next);
    }
    items.extend(left);
    items.extend(right);
}
