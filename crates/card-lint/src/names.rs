//! Suggestions for misspelt names, and lists of names for messages.

/// `did you mean "x"?`, or the list of allowed names.
pub(crate) fn suggestion(wrong: &str, known: &[&'static str]) -> String {
    match nearest(wrong, known.iter().copied()) {
        Some(near) => format!("did you mean {near:?}?"),
        None if known.len() <= 10 => format!("allowed: {}", known.join(", ")),
        None => String::new(),
    }
}

/// The known name that was most likely intended.
pub(crate) fn nearest<'k>(wrong: &str, known: impl Iterator<Item = &'k str> + Clone) -> Option<&'k str> {
    known
        .clone()
        .find(|name| name.eq_ignore_ascii_case(wrong))
        .or_else(|| card::closest(wrong, known.clone()))
        // "bold" for "bolder"
        .or_else(|| {
            known
                .filter(|name| wrong.len() > 2 && begins(name, wrong))
                .min_by_key(|name| name.len())
        })
}

fn begins(name: &str, start: &str) -> bool {
    name.get(..start.len())
        .is_some_and(|begin| begin.eq_ignore_ascii_case(start))
}

/// The type of a JSON value, for messages.
pub(crate) fn json_type(value: &serde_json::Value) -> &'static str {
    match value {
        serde_json::Value::Null => "null",
        serde_json::Value::Bool(_) => "a boolean",
        serde_json::Value::Number(_) => "a number",
        serde_json::Value::String(_) => "a string",
        serde_json::Value::Array(_) => "an array",
        serde_json::Value::Object(_) => "an object",
    }
}

/// A string quoted for messages, shortened.
pub(crate) fn quoted(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("{short:?}")
}
