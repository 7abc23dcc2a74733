//! The entry point: runs all checks in order.

use crate::{
    conditions, filled,
    finding::{Finding, Level},
    repair, repeats,
    rule::Rule,
    rules, strings, texts, unguarded, unread,
    walk::{self, CheckStage},
};
use card::Json;
use serde_json::Value;
use std::{cmp::Reverse, collections::HashSet};

/// The largest message that Teams accepts, in bytes of the activity as UTF-16.
pub const MAX_MESSAGE_BYTES: usize = 100_000;
/// Messages from this size on are reported as near the limit.
pub const WARN_MESSAGE_BYTES: usize = 80_000;

/// Sample data to fill a template with.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// JSON text of the data.
    pub data: &'a str,
    /// The name of the data's file, for messages.
    pub name: &'a str,
}

/// A possible value of `$host`.
#[derive(Clone, Debug)]
pub struct Host {
    /// When it has this value: `a recipient whose name is not known`. Empty for the usual case.
    pub case: &'static str,
    /// The value of `$host`.
    pub value: Value,
}

/// Checks a template: by itself, and filled with the sample if there is one. The first of `hosts` is the usual value;
/// filling the template must not fail with the others.
///
/// Findings come in the order of the card, each once.
#[must_use]
pub fn check(template: &str, sample: Option<Sample<'_>>, hosts: &[Host]) -> Vec<Finding> {
    let mut findings = found(template, sample, hosts);
    for finding in &mut findings {
        finding.place(template);
    }
    findings
}

fn found(template: &str, sample: Option<Sample<'_>>, hosts: &[Host]) -> Vec<Finding> {
    let value = match read(template) {
        Ok(value) => value,
        Err(finding) => return vec![*finding],
    };
    let mut findings = strings::check(&value);
    repeats::literals(&value, "", &mut findings);
    // What is no expression is reported once; the rest is filled without it.
    let mut fillable = value.clone();
    for finding in &findings {
        repair::replace(&mut fillable, &finding.pointer);
    }
    conditions::check(&value, "", &mut findings);
    texts::check(&value, &mut findings);
    findings.extend(walk::check(&value, CheckStage::Template));
    let data = match sample.map(|sample| (sample.name, read(sample.data))) {
        Some((_, Ok(data))) => Some(data),
        Some((name, Err(mut finding))) => {
            finding.message = format!(
                "{name}, line {}, column {}: {}",
                finding.line.take().unwrap_or_default(),
                finding.column.take().unwrap_or_default(),
                finding.message
            );
            findings.push(*finding);
            return tidy(findings);
        }
        None if strings::has_expressions(&value) => None,
        None => Some(Value::Null),
    };
    match data {
        Some(data) => {
            let mut filled = filled::check(&mut fillable, &data, hosts);
            if fillable != value {
                // What is left out because of another finding is not missing.
                filled.retain(|finding| finding.rule != Rule::Required || !finding.pointer.is_empty());
            }
            findings.append(&mut filled);
            findings.extend(unguarded::check(&fillable, &data, hosts));
            findings.extend(unread::check(&value, &data, &findings));
        }
        // Without data it is measured unfilled.
        None => findings.extend(rules::size(&value.to_string())),
    }
    tidy(findings)
}

fn read(text: &str) -> Result<Value, Box<Finding>> {
    let text = text.trim_start_matches('\u{feff}');
    if let Err(error) = Json::parse(text) {
        let mut finding = Finding::error(Rule::Json, "", error.message);
        (finding.line, finding.column) = (Some(error.line), Some(error.column));
        return Err(Box::new(finding));
    }
    serde_json::from_str(text).map_err(|error| {
        let mut finding = Finding::error(Rule::Json, "", error.to_string());
        (finding.line, finding.column) = (Some(error.line()), Some(error.column()));
        Box::new(finding)
    })
}

/// Removes duplicates, and sorts by position, the worst first.
fn tidy(findings: Vec<Finding>) -> Vec<Finding> {
    let mut seen = HashSet::new();
    let mut kept: Vec<Finding> = findings
        .into_iter()
        .filter(|finding| seen.insert((finding.pointer.clone(), finding.rule, finding.message.clone())))
        .collect();
    let fields: HashSet<String> = kept
        .iter()
        .filter(|finding| finding.rule == Rule::Function)
        .map(|finding| finding.pointer.clone())
        .collect();
    kept.retain(|finding| finding.rule != Rule::Fill || !fields.contains(&finding.pointer));
    sort(&mut kept);
    // What a card has often is noted where it is first.
    let mut noted = HashSet::new();
    kept.retain(|finding| finding.level != Level::Note || noted.insert(finding.message.clone()));
    kept
}

/// Sorts findings as the card reads, the worst first at each place.
pub(crate) fn sort(findings: &mut [Finding]) {
    findings.sort_by_key(|finding| (place(&finding.pointer), Reverse(finding.level)));
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
