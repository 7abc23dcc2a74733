//! Findings as a SARIF 2.1.0 document, for code review.

use crate::{
    finding::{Finding, Level},
    rule::Rule,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// What a path in an address may have as it is.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The document for the findings of some files, each with its path; `version` is that of the tool.
#[must_use]
pub fn sarif(files: &[(String, Vec<Finding>)], version: &str) -> Value {
    let rules: Vec<Value> = Rule::ALL
        .iter()
        .map(|rule| json!({ "id": rule.as_str(), "shortDescription": { "text": rule.summary() } }))
        .collect();
    let results: Vec<Value> = files
        .iter()
        .flat_map(|(file, findings)| findings.iter().map(|finding| result(file, finding)))
        .collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "card check", "version": version, "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn result(file: &str, finding: &Finding) -> Value {
    // Viewers show a result only at a line: the first, where none is known.
    let mut region = json!({ "startLine": finding.line.unwrap_or(1).max(1) });
    if let (Some(_), Some(column)) = (finding.line, finding.column) {
        region["startColumn"] = column.into();
    }
    let mut location = json!({
        "physicalLocation": { "artifactLocation": { "uri": address(file) }, "region": region },
    });
    let mut text = finding.message.clone();
    if !finding.pointer.is_empty() {
        location["logicalLocations"] = json!([{ "fullyQualifiedName": finding.pointer }]);
        text = format!("{}: {text}", finding.pointer);
    }
    if !finding.suggestion.is_empty() {
        text = format!("{text}; {}", finding.suggestion);
    }
    if !finding.samples.is_empty() {
        text = format!("{text} (with {})", finding.samples.join(", "));
    }
    json!({
        "ruleId": finding.rule.as_str(),
        "ruleIndex": Rule::ALL.iter().position(|rule| *rule == finding.rule),
        "level": match finding.level {
            Level::Note => "note",
            Level::Warning => "warning",
            Level::Error => "error",
        },
        "message": { "text": text },
        "locations": [location],
    })
}

/// The address of a file: relative to the repository, as viewers expect it, or absolute.
fn address(file: &str) -> String {
    let path = if cfg!(windows) {
        file.replace('\\', "/")
    } else {
        file.to_owned()
    };
    let path = path.strip_prefix("./").unwrap_or(&path);
    let encoded = utf8_percent_encode(path, PATH).to_string();
    if path.starts_with('/') {
        format!("file://{encoded}")
    } else {
        encoded
    }
}
