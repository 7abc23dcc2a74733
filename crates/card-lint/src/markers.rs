//! Markers in a template that survive filling: each object carries its position in the template, so that findings in
//! the filled card are reported at that position; missing values leave their path.

use serde_json::{Map, Value};

/// The property of a marked object with its pointer.
pub(crate) const AT: &str = "\u{1}at";
/// The property with the result of a `$when`.
pub(crate) const WHEN: &str = "\u{1}when";
const INNER: &str = "\u{1}inner";
const OPEN: char = '\u{2}';
const CLOSE: char = '\u{3}';

/// The substitute for missing values while checking.
pub(crate) const MISSING: &str = "\u{2}{path}\u{3}";

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
                out.insert(WHEN.to_owned(), when.clone());
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
