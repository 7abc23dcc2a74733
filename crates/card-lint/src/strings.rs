//! Checks the expressions of all strings of a template: syntax and function names. Reports all errors, not only the first.

use crate::{finding::Finding, hints, markers::step, rule::Rule};
use card::{CompileError, Expression, Json, Template};
use serde_json::Value;

/// Checks the expressions of a template.
pub(crate) fn check(value: &Value) -> Vec<Finding> {
    let mut findings = Vec::new();
    visit(value, "", &mut findings);
    findings
}

/// Whether a string contains an expression.
pub(crate) fn is_dynamic(text: &str) -> bool {
    text.contains("${")
}

/// Whether a template has any expression.
pub(crate) fn has_expressions(value: &Value) -> bool {
    match value {
        Value::String(text) => is_dynamic(text),
        Value::Array(items) => items.iter().any(has_expressions),
        Value::Object(members) => members.values().any(has_expressions),
        _ => false,
    }
}

fn visit(value: &Value, pointer: &str, findings: &mut Vec<Finding>) {
    match value {
        Value::String(text) if is_dynamic(text) => findings.extend(one(text, pointer)),
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                visit(item, &step(pointer, &at.to_string()), findings);
            }
        }
        Value::Object(members) => {
            for (key, item) in members {
                visit(item, &step(pointer, key), findings);
            }
        }
        _ => {}
    }
}

fn one(text: &str, pointer: &str) -> Option<Finding> {
    let wrong = |rule, column, message: String| {
        let (what, suggestion) = message
            .split_once("; ")
            .map_or((message.clone(), ""), |(what, suggestion)| {
                (what.to_owned(), suggestion)
            });
        let suggestion = match hints::hint(text) {
            Some(hint) if suggestion.is_empty() => hint,
            _ => suggestion.to_owned(),
        };
        let mut finding = Finding::error(rule, pointer, what).suggest(suggestion);
        finding.column = Some(column);
        Some(finding)
    };
    match Template::from_json(&Json::String(text.into()), "") {
        Err(CompileError::Expression { column, message, .. }) => {
            return wrong(Rule::Expression, column, message);
        }
        Err(error) => return Some(Finding::error(Rule::Expression, pointer, error.to_string())),
        Ok(_) => {}
    }
    // Templates report unknown functions only when they are evaluated, plain expressions when they are parsed. A
    // template's string is the content of a backtick string.
    let quoted = format!("`{text}`");
    let error = Expression::parse(&quoted).err()?;
    wrong(
        Rule::Function,
        error.column(&quoted).saturating_sub(1).max(1),
        error.message,
    )
}
