//! Sorting. Without a key, items are sorted by their string form, as in JavaScript.

use super::timsort::sorted;
use super::{Call, Check, Cost, Function, Run, Types};
use crate::budget::Budget;
use crate::eval::{Fail, Outcome};
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
            return call.fail(format!("an array was expected, but {}", call.found(0, &other)));
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

/// By a property, case-sensitive. Undefined items are not compared: they go last.
fn by_key<'d>(call: &Call<'_, 'd>, items: Vec<Val<'d>>, key: &str) -> Result<Vec<Val<'d>>, Fail> {
    let budget = call.budget();
    let (items, undefined): (Vec<_>, Vec<_>) = items.into_iter().partition(|item| !item.is_undefined());
    let mut keys = Vec::with_capacity(items.len());
    let mut bytes = 0;
    for item in &items {
        let value = match item {
            Val::Object(map) => map.get(budget, key)?.unwrap_or(Val::Undefined),
            Val::Array(list) if key == "length" => Val::Number(list.len() as f64),
            Val::String(s) if key == "length" => {
                budget.bytes(s.len())?;
                Val::Number(super::strings::units(s) as f64)
            }
            Val::Array(_) | Val::String(_) => crate::value::property(budget, item, key)?,
            Val::Null if items.len() > 1 => {
                return call
                    .fail(format!("an item of `{}` is null", call.show(0)))
                    .map_err(Fail::into_throw);
            }
            _ => Val::Undefined,
        };
        let rank = SortKey::of(budget, value)?;
        // With its place in the order, and a copy of that.
        budget.allocate(size_of::<(SortKey<'_>, Val<'_>, [usize; 2])>() + rank.len())?;
        bytes += rank.len();
        keys.push(rank);
    }
    count_rounds(budget, keys.len(), bytes)?;
    let order = sorted(keys.len(), |a, b| keys[a].order(&keys[b]).is_lt());
    let mut items: Vec<_> = items.into_iter().map(Some).collect();
    let placed = order.into_iter().filter_map(|at| items[at].take());
    Ok(placed.chain(undefined).collect())
}
