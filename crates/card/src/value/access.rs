//! Reading members and paths: names match without regard to case, the first key wins.

use super::{Text, Val};
use crate::number::{Radix, parse_int};

/// Whether a key and a name are equal once both are lower case.
pub(crate) fn same_name(key: &str, name: &str) -> bool {
    if key == name {
        return true;
    }
    // No mapping to lower case moves what stands before: different first letters settle it.
    if let (Some(a), Some(b)) = (key.as_bytes().first(), name.as_bytes().first())
        && a.is_ascii()
        && b.is_ascii()
        && !a.eq_ignore_ascii_case(b)
    {
        return false;
    }
    if key.is_ascii() && name.is_ascii() {
        key.eq_ignore_ascii_case(name)
    } else {
        key.to_lowercase() == name.to_lowercase()
    }
}

/// The member `name` of a value; undefined when there is none.
pub(crate) fn property<'d>(value: &Val<'d>, name: &str) -> Val<'d> {
    match value {
        Val::Object(map) => map.find(|key| same_name(key, name)).unwrap_or(Val::Undefined),
        Val::Array(items) => index_key(name)
            .and_then(|at| items.get(at))
            .unwrap_or(Val::Undefined),
        Val::String(text) => index_key(name)
            .and_then(|at| text.encode_utf16().nth(at))
            .map_or(Val::Undefined, |unit| {
                Val::string(String::from_utf16_lossy(&[unit]))
            }),
        Val::Bytes(bytes) => index_key(name)
            .and_then(|at| bytes.get(at).copied())
            .map_or(Val::Undefined, |b| Val::Number(f64::from(b))),
        _ => Val::Undefined,
    }
}

fn index_key(name: &str) -> Option<usize> {
    crate::json::array_index(name).map(|n| n as usize)
}

/// Walks `parts` from `start`. An array is indexed by a part that begins with digits; whatever is missing
/// or out of range gives undefined.
pub(crate) fn get_path<'d, 'p>(start: &Val<'d>, parts: impl Iterator<Item = &'p str>) -> Val<'d> {
    let mut current = start.clone();
    let mut any = false;
    for part in parts {
        any = true;
        current = step_into(&current, part);
    }
    if any { current } else { Val::Undefined }
}

/// One step of a path.
pub(crate) fn step_into<'d>(value: &Val<'d>, part: &str) -> Val<'d> {
    match value {
        Val::Array(items) => match parse_int(part, Radix::Guess) {
            Some(at) if at >= 0.0 => items.get(at as usize).unwrap_or(Val::Undefined),
            Some(_) => Val::Undefined,
            None => property(value, part),
        },
        other => property(other, part),
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

impl From<std::sync::Arc<str>> for Text<'_> {
    fn from(text: std::sync::Arc<str>) -> Self {
        Text::Shared(text)
    }
}

impl<'d> From<&'d str> for Text<'d> {
    fn from(text: &'d str) -> Self {
        Text::Borrowed(text)
    }
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
