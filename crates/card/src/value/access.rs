//! Reads properties and paths: names match case-insensitively, the first matching key wins.

use super::Val;
use crate::budget::Budget;
use crate::eval::{Fail, Outcome};
use crate::number::{Radix, parse_int};

/// Whether a key and a name are equal once both are lower case.
pub(crate) fn same_name(key: &str, name: &str) -> bool {
    // Lower-casing never changes the order of letters: different first letters mean different names.
    if may_be_same(key, name) {
        same_lower(key, name)
    } else {
        false
    }
}

/// The same with the work counted, unless the first letters differ.
#[inline]
fn same_name_counted(budget: &Budget, key: &str, name: &str) -> Result<bool, Fail> {
    if key.len() == name.len() && key.len() <= SHORT && key == name {
        return Ok(true);
    }
    if !may_be_same(key, name) {
        return Ok(false);
    }
    same_name_in_full(budget, key, name)
}

/// Comparing names up to this length costs no more than the step of the look-up.
const SHORT: usize = 32;

fn same_name_in_full(budget: &Budget, key: &str, name: &str) -> Result<bool, Fail> {
    budget.bytes(key.len() + name.len())?;
    if !(key.is_ascii() && name.is_ascii()) {
        // Lower-casing non-ASCII text is slower.
        budget.steps(2)?;
        budget.bytes(8 * (key.len() + name.len()))?;
    }
    Ok(same_lower(key, name))
}

#[inline]
fn may_be_same(key: &str, name: &str) -> bool {
    match (key.as_bytes().first(), name.as_bytes().first()) {
        (Some(a), Some(b)) if a.is_ascii() && b.is_ascii() => a.eq_ignore_ascii_case(b),
        (None, None) | (Some(_), Some(_)) => true,
        _ => false,
    }
}

fn same_lower(key: &str, name: &str) -> bool {
    if key == name {
        return true;
    }
    if key.is_ascii() && name.is_ascii() {
        key.eq_ignore_ascii_case(name)
    } else {
        key.to_lowercase() == name.to_lowercase()
    }
}

/// The property `name` of a value; undefined when there is none.
pub(crate) fn property<'d>(budget: &Budget, value: &Val<'d>, name: &str) -> Outcome<'d> {
    Ok(match value {
        Val::Object(map) => map
            .find(budget, |key| same_name_counted(budget, key, name))?
            .unwrap_or(Val::Undefined),
        Val::Array(items) => index_key(name)
            .and_then(|at| items.get(at))
            .unwrap_or(Val::Undefined),
        Val::String(text) => match index_key(name) {
            Some(at) => {
                budget.bytes(at.min(text.len()))?;
                match text.encode_utf16().nth(at) {
                    Some(unit) => budget.text(String::from_utf16_lossy(&[unit]))?,
                    None => Val::Undefined,
                }
            }
            None => Val::Undefined,
        },
        Val::Bytes(bytes) => index_key(name)
            .and_then(|at| bytes.get(at).copied())
            .map_or(Val::Undefined, |b| Val::Number(f64::from(b))),
        _ => Val::Undefined,
    })
}

fn index_key(name: &str) -> Option<usize> {
    crate::json::array_index(name).map(|n| n as usize)
}

/// Walks `parts` from `start`. An array is indexed by a part that begins with digits; whatever is missing
/// or out of range gives undefined.
pub(crate) fn get_path<'d, 'p>(
    budget: &Budget,
    start: &Val<'d>,
    parts: impl Iterator<Item = &'p str>,
) -> Outcome<'d> {
    let mut current: Option<Val<'d>> = None;
    for part in parts {
        let next = step_into(budget, current.as_ref().unwrap_or(start), part)?;
        if next.is_undefined() {
            // Undefined has no properties.
            return Ok(next);
        }
        budget.step()?;
        current = Some(next);
    }
    Ok(current.unwrap_or(Val::Undefined))
}

/// One step of a path.
pub(crate) fn step_into<'d>(budget: &Budget, value: &Val<'d>, part: &str) -> Outcome<'d> {
    match value {
        Val::Array(items) => {
            budget.bytes(part.len())?;
            match parse_int(part, Radix::Guess) {
                Some(at) if at >= 0.0 => Ok(items.get(at as usize).unwrap_or(Val::Undefined)),
                Some(_) => Ok(Val::Undefined),
                None => property(budget, value, part),
            }
        }
        other => property(budget, other, part),
    }
}

/// The parts of a path text: split at dots and brackets, quotes around a part removed, empty parts dropped.
pub(crate) fn split_path(path: &str) -> impl Iterator<Item = &str> {
    path.split(['.', '[', ']'])
        .filter(|part| !part.is_empty())
        .map(|part| {
            for quote in ['"', '\''] {
                if part.starts_with(quote) && part.ends_with(quote) {
                    return part.get(1..part.len() - 1).unwrap_or("");
                }
            }
            part
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_split_like_the_reference() {
        let parts = |p| split_path(p).collect::<Vec<_>>();
        assert_eq!(parts("a.b[0]['c d'].e"), ["a", "b", "0", "c d", "e"]);
        assert_eq!(parts("d['x.y']"), ["d", "'x", "y'"]);
        assert_eq!(parts("a[']"), ["a", ""]);
    }

    #[test]
    fn names_ignore_case_beyond_ascii() {
        assert!(same_name("СТРАНА", "страна"));
        assert!(same_name("\u{212a}", "k"));
        assert!(!same_name("a", "b"));
    }
}
