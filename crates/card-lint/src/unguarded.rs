//! Fields that only a condition reads: when the data lack one, the element silently never shows.

use crate::{
    check::Host,
    filled::{Known, fill},
    finding::{Finding, Rule},
    marks,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// Reports conditions that stand or fall with a missing field. `exists(…)` and comparisons ask on purpose.
pub(crate) fn check(template: &Value, data: &Value, hosts: &[Host]) -> Vec<Finding> {
    let usual = hosts.first().map(|host| &host.value);
    let filled = fill(
        &marks::conditions(template, ""),
        data,
        usual,
        Some(marks::MISSING),
    );
    // What can't be filled was reported already.
    let Ok(Ok(value)) = filled.map(|text| serde_json::from_str::<Value>(&text)) else {
        return Vec::new();
    };
    let mut conditions = BTreeMap::new();
    visit(&value, &mut conditions);
    let known = Known::of(data, usual);
    conditions
        .into_iter()
        .filter_map(|(at, condition)| {
            let path = condition
                .missing
                .filter(|_| condition.asked == condition.lacked)?;
            let what = format!("the data have no `{path}`, so what this condition guards is never shown");
            Some(Finding::warning(Rule::Field, &marks::step(at, "$when"), what).mend(known.suggestion(path)))
        })
        .collect()
}

/// A condition of the template over all the places where it was evaluated.
#[derive(Default)]
struct Condition<'v> {
    asked: usize,
    lacked: usize,
    missing: Option<&'v str>,
}

fn visit<'v>(value: &'v Value, conditions: &mut BTreeMap<&'v str, Condition<'v>>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| visit(item, conditions)),
        Value::Object(members) => {
            let at = members.get(marks::AT).and_then(Value::as_str).unwrap_or_default();
            if let Some(when) = members.get(marks::WHEN) {
                let condition = conditions.entry(at).or_default();
                condition.asked += 1;
                if let Some(path) = when
                    .as_str()
                    .and_then(|text| marks::missing(text).first().copied())
                {
                    condition.lacked += 1;
                    condition.missing = Some(path);
                }
            }
            members.values().for_each(|item| visit(item, conditions));
        }
        _ => {}
    }
}
