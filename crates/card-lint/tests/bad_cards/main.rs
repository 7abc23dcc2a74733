//! Cards with one thing wrong each, and what is reported to a designer. A line is `pointer: level: …`.

mod conditions;
mod filling;
mod reports;
mod schema;
mod teams;
mod texts;
mod whole;

use card_lint::{Finding, Host, Rule, Sample, check};
use serde_json::{Value, json};

fn hosts() -> Vec<Host> {
    let host = |case, name: Option<&str>| Host {
        case,
        value: json!({ "recipient": { "name": name, "locale": "en", "scope": "personal", "tenant": "t" } }),
    };
    vec![host("", Some("Ann")), host("a recipient without a name", None)]
}

pub(crate) fn lint(template: &Value, data: Option<&Value>) -> Vec<Finding> {
    let data = data.map(Value::to_string);
    let sample = data.as_deref().map(|data| Sample {
        data,
        name: "sample.json",
    });
    check(&template.to_string(), sample, &hosts())
}

pub(crate) fn body(elements: &Value) -> Value {
    json!({ "type": "AdaptiveCard", "version": "1.5", "body": elements })
}

/// The only finding of a card, as the designer reads it.
pub(crate) fn only(template: &Value, data: Option<&Value>) -> (Rule, String) {
    let findings = lint(template, data);
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(findings.len(), 1, "{lines:#?}\nin {template}");
    (findings[0].rule, lines[0].clone())
}

#[track_caller]
pub(crate) fn says(element: &Value, rule: Rule, words: &[&str]) {
    card_says(&body(&json!([element])), None, rule, words);
}

#[track_caller]
pub(crate) fn card_says(card: &Value, data: Option<&Value>, rule: Rule, words: &[&str]) {
    let (found, line) = only(card, data);
    assert_eq!(found, rule, "{line}");
    for word in words {
        assert!(line.contains(word), "{word:?} is missing in: {line}");
    }
}

#[track_caller]
pub(crate) fn clean(card: &Value, data: Option<&Value>) {
    let lines: Vec<String> = lint(card, data).iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{lines:#?}");
}
