//! The order of the checks, and what they are given.

use crate::{
    filled,
    finding::{Finding, Level, Rule},
    rules, strings, unguarded,
    walk::{self, Stage},
};
use card::Json;
use serde_json::Value;
use std::collections::HashSet;

/// The largest message that Teams takes, in bytes of the activity as UTF-16.
pub const LARGEST: usize = 100_000;
/// From here on a message is too near the limit for comfort.
pub const NEARLY: usize = 80_000;

/// What a template is filled with while it is checked.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// JSON text of the data.
    pub data: &'a str,
    /// The name of the data's file, for messages.
    pub name: &'a str,
}

/// What templates may see as `$host`.
#[derive(Clone, Debug)]
pub struct Host {
    /// When it is like this: `a recipient whose name is not known`. Empty for the usual case.
    pub case: &'static str,
    /// The value of `$host`.
    pub value: Value,
}

/// Checks a template: alone, and filled with a sample when there is one. The first of `hosts` is the usual one;
/// with each of the others the template must be fillable too.
///
/// Findings come in the order of the card, each once.
#[must_use]
pub fn check(template: &str, sample: Option<Sample<'_>>, hosts: &[Host]) -> Vec<Finding> {
    let value = match read(template) {
        Ok(value) => value,
        Err(finding) => return vec![finding],
    };
    let mut findings = strings::check(&value);
    let broken = !findings.is_empty();
    findings.extend(walk::check(&value, Stage::Template));
    let data = match sample.map(|sample| (sample.name, read(sample.data))) {
        Some((_, Ok(data))) => Some(data),
        Some((name, Err(mut finding))) => {
            finding.what = format!(
                "{name}, line {}, column {}: {}",
                finding.line.take().unwrap_or_default(),
                finding.column.take().unwrap_or_default(),
                finding.what
            );
            findings.push(finding);
            return tidy(findings);
        }
        None if strings::has_expressions(&value) => None,
        None => Some(Value::Null),
    };
    match (data, broken) {
        (Some(data), false) => {
            findings.extend(filled::check(&value, &data, hosts));
            findings.extend(unguarded::check(&value, &data, hosts));
        }
        // What can't be filled is measured as it stands.
        _ => findings.extend(rules::size(&value.to_string())),
    }
    tidy(findings)
}

fn read(text: &str) -> Result<Value, Finding> {
    let text = text.trim_start_matches('\u{feff}');
    if let Err(error) = Json::parse(text) {
        let mut finding = Finding::error(Rule::Json, "", error.message);
        (finding.line, finding.column) = (Some(error.line), Some(error.column));
        return Err(finding);
    }
    serde_json::from_str(text).map_err(|error| {
        let mut finding = Finding::error(Rule::Json, "", error.to_string());
        (finding.line, finding.column) = (Some(error.line()), Some(error.column()));
        finding
    })
}

/// Each finding once, errors before warnings at one place, places in the order they were met.
fn tidy(findings: Vec<Finding>) -> Vec<Finding> {
    let mut seen = HashSet::new();
    let mut kept: Vec<Finding> = findings
        .into_iter()
        .filter(|finding| seen.insert((finding.pointer.clone(), finding.rule, finding.what.clone())))
        .collect();
    let fields: HashSet<String> = kept
        .iter()
        .filter(|finding| finding.rule == Rule::Function)
        .map(|finding| finding.pointer.clone())
        .collect();
    kept.retain(|finding| finding.rule != Rule::Fill || !fields.contains(&finding.pointer));
    kept.sort_by_key(|finding| (place(&finding.pointer), finding.level != Level::Error));
    kept
}

/// Sorts pointers as the card reads: numbers by value, the rest by name.
fn place(pointer: &str) -> Vec<(usize, String)> {
    pointer
        .split('/')
        .skip(1)
        .map(|step| match step.parse() {
            Ok(number) => (number, String::new()),
            Err(_) => (0, step.to_owned()),
        })
        .collect()
}
