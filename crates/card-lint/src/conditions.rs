//! Conditions (`$when`) that decide nothing: what is not true or false never shows its element.

use crate::{finding::Finding, markers::step, names, rule::Rule, strings};
use serde_json::Value;

/// Reports every `$when` that is not an expression.
pub(crate) fn check(value: &Value, pointer: &str, findings: &mut Vec<Finding>) {
    match value {
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                check(item, &step(pointer, &at.to_string()), findings);
            }
        }
        Value::Object(members) => {
            for (key, item) in members {
                let place = step(pointer, key);
                match key.as_str() {
                    "$when" => findings.extend(literal(item, &place)),
                    "$data" => {}
                    _ => check(item, &place, findings),
                }
            }
        }
        _ => {}
    }
}

fn literal(value: &Value, pointer: &str) -> Option<Finding> {
    let (found, suggestion) = match value {
        Value::String(text) if strings::is_dynamic(text) => return mixed(text, pointer),
        Value::String(text) if text.trim().is_empty() => {
            ("an empty text".to_owned(), "write \"${…}\"".to_owned())
        }
        Value::String(text) => (
            format!("the text {}", names::quoted(text)),
            format!("write \"${{{}}}\"", text.trim_matches(['@', '{', '}', ' '])),
        ),
        Value::Bool(flag) => (format!("{flag} itself"), format!("write \"${{{flag}}}\"")),
        other => (names::json_type(other).to_owned(), "write \"${…}\"".to_owned()),
    };
    // As the template language has it: a literal that is false in itself counts as no condition.
    let shown = match value {
        Value::Null | Value::Bool(false) => "always",
        Value::Number(number) if number.as_f64() == Some(0.0) => "always",
        Value::String(text) if text.is_empty() => "always",
        _ => "never",
    };
    let what = format!("the condition is no expression but {found}: the element is {shown} shown");
    Some(Finding::error(Rule::Condition, pointer, what).suggest(suggestion))
}

/// An expression among other text is a text, whatever it says.
fn mixed(text: &str, pointer: &str) -> Option<Finding> {
    let text = text.trim();
    let whole = text.starts_with("${") && text.ends_with('}');
    (!whole).then(|| {
        let what = "the condition is a text with an expression in it: the element is never shown";
        Finding::error(Rule::Condition, pointer, what).suggest("write all of it inside one ${…}")
    })
}

/// The finding for the value of a condition that is neither true nor false.
pub(crate) fn evaluated(value: &Value, pointer: &str) -> Option<Finding> {
    let suggestion = match value {
        Value::Bool(_) | Value::Null => return None,
        Value::String(text) if matches!(text.to_ascii_lowercase().as_str(), "true" | "false") => {
            "the data should have true or false without quotes, or compare: ${… == 'true'}"
        }
        Value::Number(_) => "compare it: ${… > 0}",
        Value::Array(_) => "compare its length: ${length(…) > 0}",
        _ => "compare it, or ask ${exists(…)}",
    };
    let found = match value {
        Value::String(text) => format!("the text {}", names::quoted(text)),
        other => names::json_type(other).to_owned(),
    };
    let what = format!("the condition is {found}, not true or false, so the element is never shown");
    Some(Finding::error(Rule::Condition, pointer, what).suggest(suggestion))
}
