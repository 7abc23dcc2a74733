//! Prints the findings of `handler card check`: a line each for people, a JSON object each for tools, or one SARIF
//! document for code review.

use crate::{cli::CheckArgs, commands::say};
use card_lint::{Finding, Rule};
use serde_json::json;
use std::path::Path;

/// The findings on their way out.
pub(super) enum Report {
    Lines,
    Objects,
    /// The findings of each file, until all are there.
    Sarif(Vec<(String, Vec<Finding>)>),
}

impl Report {
    pub(super) fn new(args: &CheckArgs) -> Self {
        match (args.sarif, args.json) {
            (true, _) => Self::Sarif(Vec::new()),
            (false, true) => Self::Objects,
            (false, false) => Self::Lines,
        }
    }

    /// Prints the findings of a file, or keeps them for the document.
    pub(super) fn add(&mut self, file: &Path, findings: Vec<Finding>) {
        let file = file.display().to_string();
        match self {
            Self::Lines => findings.iter().for_each(|finding| line(&file, finding)),
            Self::Objects => findings.iter().for_each(|finding| object(&file, finding)),
            Self::Sarif(files) => files.push((file, findings)),
        }
    }

    /// Prints what is still to be printed.
    pub(super) fn end(self) {
        if let Self::Sarif(files) = self {
            let document = card_lint::sarif(&files, env!("CARGO_PKG_VERSION"));
            say(&format!("{document:#}"));
        }
    }
}

fn line(file: &str, finding: &Finding) {
    if finding.rule == Rule::File {
        // It begins with the file's name.
        return say(&one_line(&finding.message));
    }
    let separator = if finding.line.is_none() { ": " } else { ":" };
    say(&one_line(&format!("{file}{separator}{finding}")));
}

fn object(file: &str, finding: &Finding) {
    let mut line = json!({
        "file": file,
        "pointer": finding.pointer,
        "level": finding.level.as_str(),
        "rule": finding.rule.as_str(),
        "message": finding.message,
    });
    let optional = [
        ("line", finding.line.map(Into::into)),
        ("column", finding.column.map(Into::into)),
        (
            "suggestion",
            (!finding.suggestion.is_empty()).then(|| finding.suggestion.as_str().into()),
        ),
        (
            "data",
            (!finding.samples.is_empty()).then(|| finding.samples.as_slice().into()),
        ),
    ];
    for (key, value) in optional {
        if let Some(value) = value {
            line[key] = value;
        }
    }
    say(&line.to_string());
}

/// A finding is a line, whatever a template has in its texts.
fn one_line(text: &str) -> String {
    text.replace('\n', "\\n").replace('\r', "\\r")
}
