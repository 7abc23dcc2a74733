//! Equality and order of values.

use super::Val;
use std::cmp::Ordering;

/// `==` of the expression language.
pub(crate) fn equals(a: &Val<'_>, b: &Val<'_>) -> bool {
    any_equals(a, b, 0, &mut { COMPARE_BUDGET })
}

/// The most values that one comparison looks at. Shared parts can make a small value look enormous.
const COMPARE_BUDGET: usize = 4_000_000;

fn any_equals(a: &Val<'_>, b: &Val<'_>, depth: usize, budget: &mut usize) -> bool {
    if depth > crate::json::MAX_DEPTH || *budget == 0 {
        return false;
    }
    *budget -= 1;
    if a.is_nullish() || b.is_nullish() {
        return a.is_nullish() && b.is_nullish();
    }
    match (a, b) {
        (Val::Array(a), Val::Array(b)) => {
            a.len() == b.len()
                && a.iter()
                    .zip(b.iter())
                    .all(|(a, b)| any_equals(&a, &b, depth + 1, budget))
        }
        (Val::Object(_), Val::Object(_)) => deep_equals(a, b, depth, budget),
        (Val::Number(a), Val::Number(b)) => (a - b).abs() < f64::EPSILON || a == b,
        _ => strict_equals(a, b),
    }
}

/// Equality inside objects: strict, keys with their case, in any order.
fn deep_equals(a: &Val<'_>, b: &Val<'_>, depth: usize, budget: &mut usize) -> bool {
    if depth > crate::json::MAX_DEPTH || *budget == 0 {
        return false;
    }
    *budget -= 1;
    match (a, b) {
        (Val::Array(a), Val::Array(b)) => {
            a.len() == b.len()
                && a.iter()
                    .zip(b.iter())
                    .all(|(a, b)| deep_equals(&a, &b, depth + 1, budget))
        }
        (Val::Object(a), Val::Object(b)) => {
            a.len() == b.len()
                && a.iter().enumerate().all(|(at, (key, value))| {
                    let other = match b.at(at) {
                        Some((k, v)) if *k == *key => Some(v),
                        _ => b.get(&key),
                    };
                    other.is_some_and(|other| deep_equals(&value, &other, depth + 1, budget))
                })
        }
        (Val::Number(a), Val::Number(b)) => a == b || (a.is_nan() && b.is_nan()),
        _ => strict_equals(a, b),
    }
}

/// JavaScript's `===`; containers are equal only to themselves.
pub(crate) fn strict_equals(a: &Val<'_>, b: &Val<'_>) -> bool {
    match (a, b) {
        (Val::Undefined, Val::Undefined) | (Val::Null, Val::Null) => true,
        (Val::Bool(a), Val::Bool(b)) => a == b,
        (Val::Number(a), Val::Number(b)) => a == b,
        (Val::String(a), Val::String(b)) => **a == **b,
        (Val::Array(a), Val::Array(b)) => a.same(b),
        (Val::Object(a), Val::Object(b)) => a.same(b),
        (Val::BigInt(a), Val::BigInt(b)) => a == b,
        (Val::Bytes(a), Val::Bytes(b)) => a == b,
        _ => false,
    }
}

/// `===`, except that NaN equals itself: the identity that sets use.
pub(crate) fn same_value_zero(a: &Val<'_>, b: &Val<'_>) -> bool {
    matches!((a, b), (Val::Number(a), Val::Number(b)) if a.is_nan() && b.is_nan()) || strict_equals(a, b)
}

/// JavaScript's `a > b ? 1 : b > a ? -1 : 0`.
pub(crate) fn order_by_key(a: &Val<'_>, b: &Val<'_>) -> Ordering {
    match (a, b) {
        (Val::String(a), Val::String(b)) => utf16_order(a, b),
        (Val::Undefined, _) | (_, Val::Undefined) => Ordering::Equal,
        _ => match (numeric(a), numeric(b)) {
            (Some(a), Some(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
            _ if a.is_object_type() || b.is_object_type() => {
                let (a_text, b_text) = (super::js_string(a), super::js_string(b));
                match (numeric(a), numeric(b)) {
                    (None, None) => utf16_order(&a_text, &b_text),
                    _ => Ordering::Equal,
                }
            }
            _ => Ordering::Equal,
        },
    }
}

/// The number that a relational operator makes of a value.
fn numeric(value: &Val<'_>) -> Option<f64> {
    match value {
        Val::Number(n) => Some(*n),
        Val::Bool(b) => Some(f64::from(u8::from(*b))),
        Val::Null => Some(0.0),
        Val::BigInt(n) => Some(**n as f64),
        Val::String(s) => {
            let trimmed = s.trim_matches(crate::number::is_js_space);
            if trimmed.is_empty() {
                Some(0.0)
            } else if trimmed
                .bytes()
                .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'))
            {
                trimmed.parse().ok()
            } else {
                None
            }
        }
        _ => None,
    }
}

/// Order by UTF-16 code units, as JavaScript compares strings.
pub(crate) fn utf16_order(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() {
        a.cmp(b)
    } else {
        a.encode_utf16().cmp(b.encode_utf16())
    }
}
