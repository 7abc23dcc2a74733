//! `$data` that names what the data lack: without this check the fields of the repeated elements are reported instead.

use crate::{
    filled::{KnownNames, fill},
    finding::Finding,
    markers, names, repair,
    rule::Rule,
    strings,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// Reports every `$data` that is never there, and replaces it in the template, so that nothing below is reported.
pub(crate) fn check(
    template: &mut Value,
    data: &Value,
    known: &KnownNames<'_>,
    host: Option<&Value>,
) -> Vec<Finding> {
    let probe = markers::contexts(template, "");
    let Ok(Ok(value)) = fill(&probe, data, host, None).map(|text| serde_json::from_str::<Value>(&text))
    else {
        return Vec::new();
    };
    let mut contexts = BTreeMap::new();
    visit(&value, &mut contexts);
    let mut findings: Vec<Finding> = Vec::new();
    for (at, exists) in contexts {
        let pointer = markers::step(at, "$data");
        let Some(path) = template.pointer(&pointer).and_then(path).map(str::to_owned) else {
            continue;
        };
        if exists || known.has_path(&path) {
            continue;
        }
        let what = format!("the data have no `{path}`, so the element is not repeated");
        findings.push(Finding::error(Rule::Field, &pointer, what).suggest(known.suggestion(&path)));
    }
    for finding in &findings {
        repair::replace(template, &finding.pointer);
    }
    findings
}

/// Reports every `$data` that is a text without an expression.
pub(crate) fn literals(value: &Value, pointer: &str, findings: &mut Vec<Finding>) {
    match value {
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                literals(item, &markers::step(pointer, &at.to_string()), findings);
            }
        }
        Value::Object(members) => {
            for (key, item) in members {
                let place = markers::step(pointer, key);
                match (key.as_str(), item) {
                    ("$data", Value::String(text))
                        if !strings::is_dynamic(text) && !markers::is_incomplete(text) =>
                    {
                        let what = format!("{} is a text, not data", names::quoted(text));
                        findings.push(Finding::warning(Rule::Expression, &place, what).suggest(format!(
                            "write \"${{{}}}\"",
                            text.trim_matches(['$', '@', '{', '}', ' '])
                        )));
                    }
                    ("$data", _) => {}
                    _ => literals(item, &place, findings),
                }
            }
        }
        _ => {}
    }
}

/// The path of `${path}`.
pub(crate) fn path(value: &Value) -> Option<&str> {
    let path = value.as_str()?.strip_prefix("${")?.strip_suffix('}')?.trim();
    let plain = path.starts_with(|first: char| first.is_ascii_alphabetic() || "_$".contains(first))
        && path.chars().all(|c| c.is_alphanumeric() || "_$.".contains(c));
    plain.then_some(path)
}

fn visit<'v>(value: &'v Value, contexts: &mut BTreeMap<&'v str, bool>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| visit(item, contexts)),
        Value::Object(members) => {
            if let (Some(at), Some(exists)) = (
                members.get(markers::AT).and_then(Value::as_str),
                members.get(markers::DATA).and_then(Value::as_bool),
            ) && (exists || members.get(markers::INNER).is_some_and(|inner| !inner.is_null()))
            {
                *contexts.entry(at).or_default() |= exists;
            }
            members.values().for_each(|item| visit(item, contexts));
        }
        _ => {}
    }
}
