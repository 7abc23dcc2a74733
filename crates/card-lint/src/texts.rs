//! Texts that people would read as they are written: placeholders of other template languages, expressions that do not
//! end, dates that Teams does not format, objects among text.

use crate::{
    finding::Finding,
    markers::{self, step},
    moments, names,
    rule::Rule,
    strings,
};
use serde_json::Value;

/// Properties whose texts nobody reads as they are, or where braces mean something else.
const NOT_SHOWN: [&str; 9] = [
    "$schema",
    "$data",
    "$when",
    "regex",
    "codeSnippet",
    "data",
    "msteams",
    "metadata",
    "requires",
];

/// Checks the texts of a template.
pub(crate) fn check(template: &Value, findings: &mut Vec<Finding>) {
    visit(template, "", &mut |text, pointer| {
        if let Some(finding) = unclosed(text, pointer) {
            return findings.push(finding);
        }
        findings.extend(placeholders(text, pointer));
        if !strings::is_dynamic(text) {
            findings.extend(moments::check(text, pointer));
        }
    });
}

/// Checks the texts of a filled card.
pub(crate) fn check_filled(card: &Value, findings: &mut Vec<Finding>) {
    visit(card, "", &mut |text, pointer| {
        if markers::is_incomplete(text) {
            return;
        }
        findings.extend(moments::check(text, pointer));
        if text.contains("[object Object]") {
            let what = "an object among text is shown as [object Object]";
            findings.push(
                Finding::error(Rule::Value, pointer, what).suggest("read a property of it: ${person.name}"),
            );
        }
    });
}

fn visit(value: &Value, pointer: &str, check: &mut impl FnMut(&str, &str)) {
    match value {
        Value::String(text) => check(text, pointer),
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                visit(item, &step(pointer, &at.to_string()), check);
            }
        }
        Value::Object(members) => {
            let pointer = members
                .get(markers::AT)
                .and_then(Value::as_str)
                .unwrap_or(pointer);
            for (key, item) in members {
                if !NOT_SHOWN.contains(&key.as_str()) && key != markers::AT {
                    visit(item, &step(pointer, key), check);
                }
            }
        }
        _ => {}
    }
}

/// The first `${` without its `}`.
fn unclosed(text: &str, pointer: &str) -> Option<Finding> {
    // Backticks nest texts with expressions of their own.
    if text.contains('`') {
        return None;
    }
    let mut from = 0;
    while let Some(at) = text[from..].find("${").map(|at| from + at) {
        let escaped = text[..at].ends_with('\\');
        match end(&text[at + 2..]) {
            _ if escaped => from = at + 2,
            Some(length) => from = at + 2 + length,
            None => {
                let what = format!("the expression {} has no closing }}", names::quoted(&text[at..]));
                let mut finding =
                    Finding::error(Rule::Expression, pointer, what).suggest("people would read it as it is");
                finding.column = Some(text[..at].chars().count() + 1);
                return Some(finding);
            }
        }
    }
    None
}

/// The length of an expression up to its `}`; `None` if another begins before, or the text ends.
fn end(text: &str) -> Option<usize> {
    let mut depth = 0;
    let mut quote = None;
    let mut previous = ' ';
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open && previous != '\\' => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '{') if previous == '$' => return None,
            (None, '{') => depth += 1,
            (None, '}') if depth == 0 => return Some(at + 1),
            (None, '}') => depth -= 1,
            _ => {}
        }
        previous = c;
    }
    None
}

/// The placeholders of other template languages.
fn placeholders(text: &str, pointer: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find('{').map(|at| from + at) {
        let rest = &text[at..];
        if text[..at].ends_with('$') {
            from = at + 1 + end(&rest[1..]).unwrap_or(0);
            continue;
        }
        let braces = if rest.starts_with("{{") { 2 } else { 1 };
        let Some(length) = rest[braces..].find(&"}}"[..braces]) else {
            break;
        };
        let name = rest[braces..braces + length].trim();
        from = at + length + 2 * braces;
        let flow = text[..at].ends_with('@');
        if flow && !name.is_empty() || is_path(name) {
            let written = &text[at - usize::from(flow)..from];
            let what = format!("`{written}` is not filled: people would read it as it is");
            let suggestion = if is_path(name) {
                format!("write ${{{name}}}")
            } else {
                "write an expression: ${…}".to_owned()
            };
            found.push(Finding::warning(Rule::Placeholder, pointer, what).suggest(suggestion));
        }
    }
    found
}

fn is_path(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || "_$".contains(first))
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_$.[]".contains(c))
}
