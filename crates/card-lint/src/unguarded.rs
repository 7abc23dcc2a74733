//! Fields that only a condition reads: when the data lack one, the element silently never shows.

use crate::{
    check::Host,
    filled::{Known, fill},
    finding::{Finding, Rule},
    marks,
};
use serde_json::Value;

/// Reports conditions that stand or fall with a missing field. `exists(…)` and comparisons ask on purpose.
pub(crate) fn check(template: &Value, data: &Value, hosts: &[Host]) -> Vec<Finding> {
    let usual = hosts.first().map(|host| &host.value);
    let mut findings = Vec::new();
    let filled = fill(
        &marks::conditions(template, ""),
        data,
        usual,
        Some(marks::MISSING),
    );
    // What can't be filled was reported already.
    if let Ok(Ok(value)) = filled.map(|text| serde_json::from_str::<Value>(&text)) {
        visit(&value, &Known::of(data, usual), &mut findings);
    }
    findings
}

fn visit(value: &Value, known: &Known<'_>, findings: &mut Vec<Finding>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| visit(item, known, findings)),
        Value::Object(members) => {
            let at = members.get(marks::AT).and_then(Value::as_str).unwrap_or_default();
            if let Some(Value::String(text)) = members.get(marks::WHEN) {
                for path in marks::missing(text) {
                    let what =
                        format!("the data have no `{path}`, so what this condition guards is never shown");
                    findings.push(
                        Finding::warning(Rule::Field, &marks::step(at, "$when"), what)
                            .mend(known.suggestion(path)),
                    );
                }
            }
            members.values().for_each(|item| visit(item, known, findings));
        }
        _ => {}
    }
}
