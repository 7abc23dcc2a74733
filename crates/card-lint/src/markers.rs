//! Markers in a template that survive filling: each object carries its position in the template, so that findings in
//! the filled card are reported at that position; missing values leave their path.

use crate::repeats;
use serde_json::{Map, Value};

/// The property of a marked object with its pointer.
pub(crate) const AT: &str = "\u{1}at";
/// The property with the result of a `$when`.
pub(crate) const WHEN: &str = "\u{1}when";
/// The property with whether the data of a `$data` exist.
pub(crate) const DATA: &str = "\u{1}data";
/// The property with the objects inside; not there where a condition is not met.
pub(crate) const INNER: &str = "\u{1}inner";
const OPEN: char = '\u{2}';
const CLOSE: char = '\u{3}';

/// The substitute for missing values while checking.
pub(crate) const MISSING: &str = "\u{2}{path}\u{3}";

/// In place of a value that can't be filled, which is reported elsewhere.
pub(crate) const OPEN_VALUE: &str = "\u{2}";

/// Keys of the template language, which are never part of the card.
pub(crate) fn is_reserved(key: &str) -> bool {
    matches!(
        key,
        "$data" | "$when" | "$root" | "$index" | "$host" | "$_acTemplateVersion" | AT
    )
}

/// The pointer to a property.
pub(crate) fn step(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// The template with the position of each object.
pub(crate) fn marked(value: &Value, pointer: &str) -> Value {
    match value {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(at, item)| marked(item, &step(pointer, &at.to_string())))
            .collect(),
        Value::Object(members) => {
            let mut out = Map::new();
            out.insert(AT.to_owned(), pointer.into());
            for (key, item) in members {
                let item = if is_reserved(key) {
                    item.clone()
                } else {
                    marked(item, &step(pointer, key))
                };
                out.insert(key.clone(), item);
            }
            Value::Object(out)
        }
        other => other.clone(),
    }
}

/// Only the conditions of a template, each as a property of the object it controls, so that missing fields in it are
/// visible.
pub(crate) fn conditions(value: &Value, pointer: &str) -> Value {
    match value {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .filter(|(_, item)| item.is_array() || item.is_object())
            .map(|(at, item)| conditions(item, &step(pointer, &at.to_string())))
            .collect(),
        Value::Object(members) => {
            let mut inner = Map::new();
            for (key, item) in members {
                if !is_reserved(key) && (item.is_array() || item.is_object()) {
                    inner.insert(key.clone(), conditions(item, &step(pointer, key)));
                }
            }
            let mut out = Map::new();
            out.insert(AT.to_owned(), pointer.into());
            if let Some(data) = members.get("$data") {
                out.insert("$data".to_owned(), data.clone());
            }
            if let Some(when) = members.get("$when") {
                // Others are reported without data. A constant would be written as text.
                let whole = when.as_str().is_some_and(|text| text.trim().starts_with("${"));
                if whole && !matches!(when.as_str(), Some("${true}" | "${false}")) {
                    out.insert(WHEN.to_owned(), when.clone());
                }
                inner.insert("$when".to_owned(), when.clone());
            }
            out.insert(INNER.to_owned(), Value::Object(inner));
            Value::Object(out)
        }
        other => other.clone(),
    }
}

/// Only the `$data` of a template that are paths, each as a property of an object around the one that it fills, with
/// whether it exists.
pub(crate) fn contexts(value: &Value, pointer: &str) -> Value {
    match value {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .filter(|(_, item)| item.is_array() || item.is_object())
            .map(|(at, item)| contexts(item, &step(pointer, &at.to_string())))
            .collect(),
        Value::Object(members) => {
            let mut inner = Map::new();
            for (key, item) in members {
                if !is_reserved(key) && (item.is_array() || item.is_object()) {
                    inner.insert(key.clone(), contexts(item, &step(pointer, key)));
                }
            }
            let mut out = Map::new();
            out.insert(AT.to_owned(), pointer.into());
            if let Some(data) = members.get("$data") {
                if let Some(path) = repeats::path(data) {
                    out.insert(DATA.to_owned(), format!("${{exists({path})}}").into());
                }
                inner.insert("$data".to_owned(), data.clone());
            }
            if let Some(when) = members.get("$when") {
                inner.insert("$when".to_owned(), when.clone());
            }
            out.insert(INNER.to_owned(), Value::Object(inner));
            Value::Object(out)
        }
        other => other.clone(),
    }
}

/// The paths of the missing values in a filled text.
pub(crate) fn missing(text: &str) -> Vec<&str> {
    text.split(OPEN)
        .skip(1)
        .filter_map(|rest| rest.split_once(CLOSE).map(|(path, _)| path))
        .collect()
}

/// Whether a string contains a missing value.
pub(crate) fn is_incomplete(text: &str) -> bool {
    text.contains(OPEN)
}
