//! Missing fields that only a condition reads: the element is then silently never shown.

use crate::{
    check::Host,
    filled::{KnownNames, fill},
    finding::{Finding, Rule},
    markers,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// Reports conditions whose whole value is a missing field. `exists(…)` and comparisons are intentional.
pub(crate) fn check(template: &Value, data: &Value, hosts: &[Host]) -> Vec<Finding> {
    let usual = hosts.first().map(|host| &host.value);
    let filled = fill(
        &markers::conditions(template, ""),
        data,
        usual,
        Some(markers::MISSING),
    );
    // A template that can't be filled was reported already.
    let Ok(Ok(value)) = filled.map(|text| serde_json::from_str::<Value>(&text)) else {
        return Vec::new();
    };
    let mut conditions = BTreeMap::new();
    visit(&value, &mut conditions);
    let known = KnownNames::of(data, usual);
    conditions
        .into_iter()
        .filter_map(|(at, condition)| {
            let path = condition
                .missing
                .filter(|_| condition.evaluated == condition.missing_count)?;
            let what =
                format!("the data have no `{path}`, so the element with this condition is never shown");
            Some(
                Finding::warning(Rule::Field, &markers::step(at, "$when"), what)
                    .suggest(known.suggestion(path)),
            )
        })
        .collect()
}

/// A condition of the template, over all its evaluations.
#[derive(Default)]
struct Condition<'v> {
    evaluated: usize,
    missing_count: usize,
    missing: Option<&'v str>,
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
                }
            }
            members.values().for_each(|item| visit(item, conditions));
        }
        _ => {}
    }
}
