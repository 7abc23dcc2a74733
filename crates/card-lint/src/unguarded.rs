//! Conditions with the data: missing fields that only a condition reads, and values that are neither true nor false.
//! The element is then silently never shown.

use crate::{check::Host, conditions, filled::KnownNames, finding::Finding, markers, repair, rule::Rule};
use serde_json::Value;
use std::collections::BTreeMap;

/// Reports conditions whose whole value is a missing field. `exists(…)` and comparisons are intentional.
pub(crate) fn check(template: &Value, data: &Value, hosts: &[Host]) -> Vec<Finding> {
    let usual = hosts.first().map(|host| &host.value);
    let mut probe = markers::conditions(template, "");
    let (text, _) = repair::fill_all(&mut probe, data, usual, Some(markers::MISSING));
    // What can't be filled was reported already; a condition that fails counts as false.
    let Some(Ok(value)) = text.map(|text| serde_json::from_str::<Value>(&text)) else {
        return Vec::new();
    };
    let mut found = BTreeMap::new();
    visit(&value, &mut found);
    let known = KnownNames::of(data, usual);
    found
        .into_iter()
        .filter_map(|(at, condition)| {
            let pointer = markers::step(at, "$when");
            if let Some(value) = condition.undecided {
                return conditions::evaluated(value, &pointer);
            }
            let path = condition
                .missing
                .filter(|_| condition.evaluated == condition.missing_count)?;
            let what =
                format!("the data have no `{path}`, so the element with this condition is never shown");
            Some(Finding::warning(Rule::Field, &pointer, what).suggest(known.suggestion(path)))
        })
        .collect()
}

/// A condition of the template, over all its evaluations.
#[derive(Default)]
struct Condition<'v> {
    evaluated: usize,
    missing_count: usize,
    missing: Option<&'v str>,
    /// A value that is neither true nor false.
    undecided: Option<&'v Value>,
}

fn visit<'v>(value: &'v Value, conditions: &mut BTreeMap<&'v str, Condition<'v>>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| visit(item, conditions)),
        Value::Object(members) => {
            let at = members
                .get(markers::AT)
                .and_then(Value::as_str)
                .unwrap_or_default();
            if let Some(when) = members.get(markers::WHEN) {
                let condition = conditions.entry(at).or_default();
                condition.evaluated += 1;
                if let Some(path) = when
                    .as_str()
                    .and_then(|text| markers::missing(text).first().copied())
                {
                    condition.missing_count += 1;
                    condition.missing = Some(path);
                } else if !when.as_str().is_some_and(markers::is_incomplete) && !when.is_boolean() {
                    condition.undecided.get_or_insert(when);
                }
            }
            members.values().for_each(|item| visit(item, conditions));
        }
        _ => {}
    }
}
