//! Equality and order of values. All work is counted.

use super::{Val, js_string};
use crate::budget::Budget;
use crate::eval::Fail;
use std::cmp::Ordering;

/// `==` of the expression language.
pub(crate) fn equals(budget: &Budget, a: &Val<'_>, b: &Val<'_>) -> Result<bool, Fail> {
    if a.is_nullish() || b.is_nullish() {
        return Ok(a.is_nullish() && b.is_nullish());
    }
    match (a, b) {
        (Val::Array(a), Val::Array(b)) => {
            if a.len() != b.len() {
                return Ok(false);
            }
            let _level = budget.level()?;
            for (a, b) in a.iter(budget)?.zip(b.iter(budget)?) {
                if !equals(budget, &a, &b)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Val::Object(_), Val::Object(_)) => deep_equals(budget, a, b),
        (Val::Number(a), Val::Number(b)) => Ok((a - b).abs() < f64::EPSILON || a == b),
        _ => strict_equals(budget, a, b),
    }
}

/// Equality inside objects: strict, keys case-sensitive, in any order.
fn deep_equals(budget: &Budget, a: &Val<'_>, b: &Val<'_>) -> Result<bool, Fail> {
    match (a, b) {
        (Val::Array(a), Val::Array(b)) => {
            if a.len() != b.len() {
                return Ok(false);
            }
            let _level = budget.level()?;
            for (a, b) in a.iter(budget)?.zip(b.iter(budget)?) {
                if !deep_equals(budget, &a, &b)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Val::Object(a), Val::Object(b)) => {
            if a.len() != b.len() {
                return Ok(false);
            }
            let _level = budget.level()?;
            for (at, (key, value)) in a.iter(budget)?.enumerate() {
                let other = match b.at(at) {
                    Some((other, found)) if same_text(budget, &other, &key)? => Some(found),
                    _ => b.get(budget, &key)?,
                };
                match other {
                    Some(other) if deep_equals(budget, &value, &other)? => {}
                    _ => return Ok(false),
                }
            }
            Ok(true)
        }
        (Val::Number(a), Val::Number(b)) => Ok(a == b || (a.is_nan() && b.is_nan())),
        _ => strict_equals(budget, a, b),
    }
}

/// Whether two strings are equal.
pub(crate) fn same_text(budget: &Budget, a: &str, b: &str) -> Result<bool, Fail> {
    if a.len() != b.len() {
        return Ok(false);
    }
    budget.bytes(a.len())?;
    Ok(a == b)
}

/// JavaScript's `===`; containers are equal only to themselves.
pub(crate) fn strict_equals(budget: &Budget, a: &Val<'_>, b: &Val<'_>) -> Result<bool, Fail> {
    Ok(match (a, b) {
        (Val::Undefined, Val::Undefined) | (Val::Null, Val::Null) => true,
        (Val::Bool(a), Val::Bool(b)) => a == b,
        (Val::Number(a), Val::Number(b)) => a == b,
        (Val::String(a), Val::String(b)) => same_text(budget, a, b)?,
        (Val::Array(a), Val::Array(b)) => a.same(b),
        (Val::Object(a), Val::Object(b)) => a.same(b),
        (Val::BigInt(a), Val::BigInt(b)) => a == b,
        (Val::Bytes(a), Val::Bytes(b)) => {
            budget.bytes(a.len())?;
            a == b
        }
        _ => false,
    })
}

/// A value prepared for many comparisons with JavaScript's `>`.
#[derive(Debug)]
pub(crate) struct SortKey<'d> {
    value: Val<'d>,
    numeric: Option<f64>,
    /// The text of an object, which is compared when neither side is a number.
    text: Option<String>,
}

impl<'d> SortKey<'d> {
    pub(crate) fn of(budget: &Budget, value: Val<'d>) -> Result<Self, Fail> {
        let numeric = numeric(budget, &value)?;
        let text = match value.is_object_type() && numeric.is_none() {
            true => Some(js_string(budget, &value)?),
            false => None,
        };
        Ok(Self { value, numeric, text })
    }

    /// The bytes that one comparison reads at most.
    pub(crate) fn len(&self) -> usize {
        self.text().map_or(0, str::len)
    }

    fn text(&self) -> Option<&str> {
        self.text.as_deref().or(self.value.text())
    }

    /// JavaScript's `a > b ? 1 : b > a ? -1 : 0`.
    pub(crate) fn order(&self, other: &SortKey<'_>) -> Ordering {
        match (&self.value, &other.value) {
            (Val::String(a), Val::String(b)) => return utf16_order(a, b),
            (Val::Undefined, _) | (_, Val::Undefined) => return Ordering::Equal,
            _ => {}
        }
        match (self.numeric, other.numeric, self.text(), other.text()) {
            (Some(a), Some(b), ..) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
            // At least one is an object here: two strings were compared above.
            (None, None, Some(a), Some(b)) => utf16_order(a, b),
            _ => Ordering::Equal,
        }
    }
}

/// The number to which a relational operator converts a value.
fn numeric(budget: &Budget, value: &Val<'_>) -> Result<Option<f64>, Fail> {
    Ok(match value {
        Val::Number(n) => Some(*n),
        Val::Bool(b) => Some(f64::from(u8::from(*b))),
        Val::Null => Some(0.0),
        Val::BigInt(n) => Some(**n as f64),
        Val::String(s) => {
            budget.bytes(s.len())?;
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
    })
}

/// Order by UTF-16 code units, as JavaScript compares strings. Reads no more than both have in common.
pub(crate) fn utf16_order(a: &str, b: &str) -> Ordering {
    let mut same = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    while !(a.is_char_boundary(same) && b.is_char_boundary(same)) {
        same -= 1;
    }
    a[same..]
        .encode_utf16()
        .take(2)
        .cmp(b[same..].encode_utf16().take(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_sort_by_utf16_units() {
        for (a, b, order) in [
            ("", "", Ordering::Equal),
            ("a", "", Ordering::Greater),
            ("abc", "abd", Ordering::Less),
            ("\u{ffff}", "😀", Ordering::Greater),
            ("x😀", "x😁", Ordering::Less),
            ("é", "è", Ordering::Greater),
            ("z", "é", Ordering::Less),
        ] {
            assert_eq!(utf16_order(a, b), order, "{a} {b}");
            assert_eq!(a.encode_utf16().cmp(b.encode_utf16()), order, "{a} {b}");
        }
    }
}
