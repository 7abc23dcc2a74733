//! Checks of the filled template: missing fields, failing expressions, and the rules for cards.

use crate::{
    check::Host,
    failures,
    finding::Finding,
    markers, names, repair, repeats,
    rule::Rule,
    rules, strings, texts,
    walk::{self, CheckStage},
};
use card::{Data, ExpandError, Json, Template};
use serde_json::Value;

/// Fills and checks. What can't be filled is reported and replaced in the template, and the rest is checked.
pub(crate) fn check(template: &mut Value, data: &Value, hosts: &[Host]) -> Vec<Finding> {
    let usual = hosts.first().map(|host| &host.value);
    let known = KnownNames::of(data, usual);
    let mut findings = repeats::check(template, data, &known, usual);
    let mut marked = markers::marked(template, "");
    let (text, failures) = repair::fill_all(&mut marked, data, usual, Some(markers::MISSING));
    for error in &failures {
        findings.push(failed(error, "", &known));
        if let ExpandError::Failed { pointer, .. } = error {
            repair::replace(template, pointer);
        }
    }
    if let Some(Ok(card)) = text.map(|text| serde_json::from_str::<Value>(&text)) {
        let mut missing = Vec::new();
        report_missing_fields(&card, "", &known, &mut missing);
        join(&mut findings, missing);
        if !known.has_code {
            report_failed_expressions(&card, "", &known, &mut findings);
        }
        texts::check_filled(&card, &mut findings);
        findings.extend(walk::check(&card, CheckStage::Filled));
    }
    // The size is measured without the markers.
    if let Ok(text) = fill(template, data, usual, None) {
        findings.extend(rules::size(&text));
        for host in hosts.iter().skip(1) {
            for error in repair::failing(template, data, host) {
                findings.push(failed(&error, host.case, &known));
            }
        }
    }
    findings
}

/// Adds what is missing to what fails: a value that fails because of a missing field has one finding.
fn join(failed: &mut Vec<Finding>, mut missing: Vec<Finding>) {
    missing.retain(|one| {
        !failed
            .iter()
            .any(|other| other.rule == Rule::Field && other.pointer == one.pointer)
    });
    failed.retain(|one| one.rule != Rule::Fill || !missing.iter().any(|other| other.pointer == one.pointer));
    failed.append(&mut missing);
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

fn failed(error: &ExpandError, case: &str, known: &KnownNames<'_>) -> Finding {
    let (pointer, expression, what) = match error {
        ExpandError::Failed {
            pointer,
            expression,
            message,
            ..
        } => (pointer.as_str(), expression.as_str(), message.clone()),
        ExpandError::Limit { pointer, message, .. } => (pointer.as_str(), "", message.clone()),
        _ => ("", "", error.to_string()),
    };
    let mut what = what.replace(['\u{2}', '\u{3}'], "");
    if !expression.is_empty() {
        what = format!("`{expression}`: {what}");
    }
    if case.is_empty() {
        let what = format!("can't be filled with these data: {what}");
        return failures::failed(expression, what, pointer, known);
    }
    Finding::warning(Rule::Fill, pointer, format!("can't be filled for {case}: {what}"))
        .suggest("catch it with coalesce(…) or if(exists(…), …, …)")
}

/// Reports expressions that failed inside a string, where they would be shown to people.
fn report_failed_expressions(
    value: &Value,
    pointer: &str,
    known: &KnownNames<'_>,
    findings: &mut Vec<Finding>,
) {
    match value {
        Value::String(text) => {
            for expression in failures::unevaluated(text) {
                let expression = expression.replace(['\u{2}', '\u{3}'], "");
                let what =
                    format!("`{expression}` fails with these data, and it would be shown to people as it is");
                findings.push(failures::failed(&expression, what, pointer, known));
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                report_failed_expressions(item, &markers::step(pointer, &at.to_string()), known, findings);
            }
        }
        Value::Object(members) => {
            let pointer = members
                .get(markers::AT)
                .and_then(Value::as_str)
                .unwrap_or(pointer);
            for (key, item) in members {
                report_failed_expressions(item, &markers::step(pointer, key), known, findings);
            }
        }
        _ => {}
    }
}

/// The names of all fields of the data and the host, for suggestions.
pub(crate) struct KnownNames<'v> {
    names: Vec<&'v str>,
    /// Whether the data themselves contain a string with `${`.
    has_code: bool,
}

impl<'v> KnownNames<'v> {
    pub(crate) fn of(data: &'v Value, host: Option<&'v Value>) -> Self {
        let mut names = Vec::new();
        collect(data, &mut names);
        if let Some(host) = host {
            collect(host, &mut names);
        }
        names.sort_unstable();
        names.dedup();
        Self {
            names,
            has_code: strings::has_expressions(data),
        }
    }

    /// Whether there is a field with this name; case-insensitive as in expressions.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// Whether the last name of a path is one of them.
    pub(crate) fn has_path(&self, path: &str) -> bool {
        let name = path.rsplit('.').next().unwrap_or(path);
        name.starts_with('$') || self.has(name)
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

/// Limit of collected names, as data can be large.
const MAX_NAMES: usize = 2_000;

fn collect<'v>(value: &'v Value, names: &mut Vec<&'v str>) {
    match value {
        _ if names.len() >= MAX_NAMES => {}
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

/// Reports missing fields by their markers in the card.
fn report_missing_fields(value: &Value, pointer: &str, known: &KnownNames<'_>, findings: &mut Vec<Finding>) {
    match value {
        Value::String(text) => {
            for path in markers::missing(text) {
                let suggestion = known.suggestion(path);
                let suggestion = if let Some(object) = path.strip_suffix(".length") {
                    format!("write length({object})")
                } else if suggestion.is_empty() {
                    "people would read the placeholder; add the field, or guard it with exists(…)".to_owned()
                } else {
                    suggestion
                };
                let what = if path.starts_with("$host") {
                    format!("there is no `{path}`")
                } else {
                    format!("the data have no `{path}`")
                };
                findings.push(Finding::error(Rule::Field, pointer, what).suggest(suggestion));
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                report_missing_fields(item, &markers::step(pointer, &at.to_string()), known, findings);
            }
        }
        Value::Object(members) => {
            let pointer = members
                .get(markers::AT)
                .and_then(Value::as_str)
                .unwrap_or(pointer);
            for (key, item) in members {
                report_missing_fields(item, &markers::step(pointer, key), known, findings);
            }
        }
        _ => {}
    }
}
