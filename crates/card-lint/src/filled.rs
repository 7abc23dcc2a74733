//! The template filled with data: what is missing, what fails, what the result breaks.

use crate::{
    check::Host,
    finding::{Finding, Rule},
    marks, names, rules,
    walk::{self, Stage},
};
use card::{Data, ExpandError, Json, Template};
use serde_json::Value;

/// Fills and checks.
pub(crate) fn check(template: &Value, data: &Value, hosts: &[Host]) -> Vec<Finding> {
    let usual = hosts.first().map(|host| &host.value);
    let mut findings = Vec::new();
    match fill(&marks::marked(template, ""), data, usual, Some(marks::MISSING)) {
        Ok(text) => {
            if let Ok(card) = serde_json::from_str::<Value>(&text) {
                lacks(&card, "", &Known::of(data, usual), &mut findings);
                findings.extend(walk::check(&card, Stage::Filled));
            }
        }
        Err(error) => findings.push(failed(&error, "")),
    }
    // The size counts what is sent, without our marks.
    if let Ok(text) = fill(template, data, usual, None) {
        findings.extend(rules::size(&text));
    }
    if findings.iter().all(|finding| finding.rule != Rule::Fill) {
        for host in hosts.iter().skip(1) {
            if let Err(error) = fill(template, data, Some(&host.value), None) {
                findings.push(failed(&error, host.case));
            }
        }
    }
    findings
}

/// Fills a template.
pub(crate) fn fill(
    template: &Value,
    data: &Value,
    host: Option<&Value>,
    missing: Option<&str>,
) -> Result<String, ExpandError> {
    let failed = |message: String| ExpandError::Failed {
        name: String::new(),
        pointer: String::new(),
        expression: String::new(),
        message,
    };
    let template = Template::compile(template).map_err(|error| failed(error.to_string()))?;
    let data = Json::from(data);
    let host = host.map(Json::from);
    let mut with = Data::of(&data);
    if let Some(host) = &host {
        with = with.with_host(host);
    }
    if let Some(missing) = missing {
        with = with.with_substitution(missing);
    }
    template.expand_to_string(&with)
}

fn failed(error: &ExpandError, case: &str) -> Finding {
    let (pointer, what) = match error {
        ExpandError::Failed {
            pointer,
            expression,
            message,
            ..
        } if !expression.is_empty() => (pointer.as_str(), format!("`{expression}`: {message}")),
        ExpandError::Failed { pointer, message, .. } | ExpandError::Limit { pointer, message, .. } => {
            (pointer.as_str(), message.clone())
        }
        _ => ("", error.to_string()),
    };
    let what = what.replace(['\u{2}', '\u{3}'], "");
    if case.is_empty() {
        return Finding::error(
            Rule::Fill,
            pointer,
            format!("can't be filled with these data: {what}"),
        );
    }
    Finding::warning(Rule::Fill, pointer, format!("can't be filled for {case}: {what}"))
        .mend("catch it with coalesce(…) or if(exists(…), …, …)")
}

/// Names that the data and the host have, for suggestions.
pub(crate) struct Known<'v> {
    names: Vec<&'v str>,
}

impl<'v> Known<'v> {
    pub(crate) fn of(data: &'v Value, host: Option<&'v Value>) -> Self {
        let mut names = Vec::new();
        collect(data, &mut names);
        if let Some(host) = host {
            collect(host, &mut names);
        }
        names.sort_unstable();
        names.dedup();
        Self { names }
    }

    pub(crate) fn suggestion(&self, path: &str) -> String {
        let name = path
            .rsplit(['.', '[', ']', '\''])
            .find(|part| !part.is_empty())
            .unwrap_or(path);
        names::nearest(name, self.names.iter().copied().filter(|known| *known != name))
            .map_or(String::new(), |near| format!("did you mean `{near}`?"))
    }
}

/// Enough names for suggestions; data can be large.
const MOST_NAMES: usize = 2_000;

fn collect<'v>(value: &'v Value, names: &mut Vec<&'v str>) {
    match value {
        _ if names.len() >= MOST_NAMES => {}
        Value::Array(items) => items.iter().take(20).for_each(|item| collect(item, names)),
        Value::Object(members) => {
            for (key, item) in members {
                names.push(key);
                collect(item, names);
            }
        }
        _ => {}
    }
}

/// Reports the fields that left a mark in the card.
fn lacks(value: &Value, pointer: &str, known: &Known<'_>, findings: &mut Vec<Finding>) {
    match value {
        Value::String(text) => {
            for path in marks::missing(text) {
                let suggestion = known.suggestion(path);
                let mend = if suggestion.is_empty() {
                    "people would read the placeholder; add the field, or guard it with exists(…)".to_owned()
                } else {
                    suggestion
                };
                findings.push(
                    Finding::error(Rule::Field, pointer, format!("the data have no `{path}`")).mend(mend),
                );
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                lacks(item, &marks::step(pointer, &at.to_string()), known, findings);
            }
        }
        Value::Object(members) => {
            let pointer = members.get(marks::AT).and_then(Value::as_str).unwrap_or(pointer);
            for (key, item) in members {
                lacks(item, &marks::step(pointer, key), known, findings);
            }
        }
        _ => {}
    }
}
