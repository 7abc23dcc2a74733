//! Hints for expressions that are written as in other languages.

/// Functions that stand for methods of JavaScript.
const METHODS: [(&str, &str); 16] = [
    ("toUpperCase", "toUpper"),
    ("toLowerCase", "toLower"),
    ("toLocaleUpperCase", "toUpper"),
    ("toLocaleLowerCase", "toLower"),
    ("toFixed", "formatNumber"),
    ("toLocaleString", "formatNumber"),
    ("toLocaleDateString", "formatDateTime"),
    ("toISOString", "formatDateTime"),
    ("toString", "string"),
    ("includes", "contains"),
    ("slice", "substring"),
    ("substr", "substring"),
    ("map", "select"),
    ("filter", "where"),
    ("size", "count"),
    ("reverse", "reverse"),
];

/// A hint for a string with an expression that can't be read.
pub(crate) fn hint(text: &str) -> Option<String> {
    if text.contains("${rs:") {
        return Some("write a template for each language instead: NAME.LOCALE.json".to_owned());
    }
    for (at, _) in text.match_indices("${") {
        let rest = &text[at + 2..];
        let Some(inner) = rest.find('}').map(|end| rest[..end].trim()) else {
            continue;
        };
        if let Some(hint) = method(inner).or_else(|| odd_key(inner)) {
            return Some(hint);
        }
    }
    None
}

/// `title.toUpperCase()`
fn method(expression: &str) -> Option<String> {
    let (path, call) = expression.split_once('(')?;
    let (object, name) = path.rsplit_once('.')?;
    let simple = object
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "_$.[]'".contains(c));
    if !simple || object.is_empty() {
        return None;
    }
    let function = METHODS
        .iter()
        .find(|(method, _)| method.eq_ignore_ascii_case(name))
        .map(|(_, function)| *function)
        .or_else(|| card::function_names().into_iter().find(|known| *known == name))?;
    let arguments = if call.starts_with(')') { "" } else { ", …" };
    Some(format!("write {function}({object}{arguments})"))
}

/// `unit price`, `sap:id`
fn odd_key(expression: &str) -> Option<String> {
    let words = expression
        .split([' ', ':'])
        .all(|word| !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "_-".contains(c)));
    (words && expression.contains([' ', ':'])).then(|| format!("write ${{$data['{expression}']}}"))
}

/// The key that was read as a subtraction: `unit-price`.
pub(crate) fn dashed(expression: &str) -> String {
    expression
        .trim_matches(['(', ')'])
        .replace(['(', ')'], "")
        .replace(" - ", "-")
}
