//! `handler card check`: opens the files, finds each template's sample data, and ends with the verdict. The rules are in
//! the crate `card-lint`, the three ways to print are in `print`.

mod print;

use super::{read, samples};
use crate::{
    cli::{CheckArgs, Denied},
    commands::CommandError,
    output::complain,
};
use card_lint::{Finding, Host, Level, Sample};
use print::Report;
use serde_json::json;
use std::path::Path;

/// Checks every file.
pub(super) fn run(args: &CheckArgs) -> Result<(), CommandError> {
    let mut given = Vec::new();
    for file in &args.data {
        given.push((file.display().to_string(), read(file)?));
    }
    let hosts = hosts();
    let mut counts = Counts::default();
    let mut report = Report::new(args);
    for file in &args.files {
        if samples::template_of(file).is_some() {
            continue;
        }
        let mut findings = check(file, &given, &hosts)?;
        findings.retain(|finding| !args.allow.contains(&finding.rule));
        counts.add(&findings);
        report.add(file, findings);
    }
    report.end();
    counts.verdict(args.deny)
}

/// The findings of a file, with the given data or its own.
fn check(file: &Path, given: &[(String, String)], hosts: &[Host]) -> Result<Vec<Finding>, CommandError> {
    let template = match read(file) {
        Ok(template) => template,
        Err(error) => return Ok(vec![Finding::unreadable(error.to_string())]),
    };
    let own: Vec<(String, String)>;
    let samples = if given.is_empty() {
        own = match samples::beside(file) {
            Some(sample) => vec![(sample.display().to_string(), read(&sample)?)],
            None => Vec::new(),
        };
        &own
    } else {
        given
    };
    let samples: Vec<Sample<'_>> = samples.iter().map(|(name, data)| Sample { data, name }).collect();
    Ok(card_lint::check_with(&template, &samples, hosts))
}

#[derive(Default)]
struct Counts {
    files: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
}

impl Counts {
    fn add(&mut self, findings: &[Finding]) {
        self.files += 1;
        for finding in findings {
            match finding.level {
                Level::Error => self.errors += 1,
                Level::Warning => self.warnings += 1,
                Level::Note => self.notes += 1,
            }
        }
    }

    /// Says how much was found, as a failure if it is one.
    fn verdict(&self, denied: Option<Denied>) -> Result<(), CommandError> {
        let mut said = vec![plural(self.errors, "error"), plural(self.warnings, "warning")];
        if self.notes > 0 {
            said.push(plural(self.notes, "note"));
        }
        let said = format!("{} in {}", said.join(", "), plural(self.files, "file"));
        let failed = match denied {
            Some(Denied::Warnings) => self.errors + self.warnings > 0,
            None => self.errors > 0,
        };
        if failed {
            return Err(said.into());
        }
        if self.warnings + self.notes > 0 {
            complain(&said);
        }
        Ok(())
    }
}

fn plural(count: usize, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

/// What templates see as `$host`: of a person, and of a recipient of whom Teams named neither name nor locale.
fn hosts() -> Vec<Host> {
    let notification = json!({ "id": "n-0123456789", "createdAt": "2026-01-31T09:00:00Z" });
    let recipient = |name: Option<&str>, locale: Option<&str>, scope| {
        json!({
            "notification": notification,
            "recipient": { "name": name, "locale": locale, "scope": scope, "tenant": "00000000-0000-0000-0000-000000000000" },
        })
    };
    vec![
        Host {
            case: "",
            value: recipient(Some("Adele Vance"), Some("en-US"), "personal"),
        },
        Host {
            case: "a recipient whose name and locale are not known",
            value: recipient(None, None, "team"),
        },
    ]
}
