//! `handler card check`: opens the files, finds each template's sample data, prints the findings. The rules are in the
//! crate `card-lint`.

use super::read;
use crate::{
    cli::CheckArgs,
    commands::{CommandError, say},
};
use card_lint::{Finding, Host, Level, Sample};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Checks every file; any finding is a failure.
pub(super) fn run(args: &CheckArgs) -> Result<(), CommandError> {
    let given = args
        .data
        .as_deref()
        .map(|file| read(file).map(|text| (file.display().to_string(), text)))
        .transpose()?;
    let hosts = hosts();
    let mut counts = Counts::default();
    for file in &args.files {
        if template_of_sample(file).is_some() {
            continue;
        }
        counts.files += 1;
        let template = match read(file) {
            Ok(template) => template,
            Err(error) => {
                counts.errors += 1;
                unreadable(args, file, &*error);
                continue;
            }
        };
        let sample = match &given {
            Some(given) => Some(given.clone()),
            None => beside(file)?,
        };
        let sample = sample.as_ref().map(|(name, data)| Sample { data, name });
        for finding in card_lint::check(&template, sample, &hosts) {
            match finding.level {
                Level::Error => counts.errors += 1,
                Level::Warning => counts.warnings += 1,
                Level::Note => {}
            }
            print(args, file, &finding);
        }
    }
    counts.verdict()
}

#[derive(Default)]
struct Counts {
    files: usize,
    errors: usize,
    warnings: usize,
}

impl Counts {
    fn verdict(&self) -> Result<(), CommandError> {
        if self.errors + self.warnings == 0 {
            return Ok(());
        }
        Err(format!(
            "{}, {} in {}",
            plural(self.errors, "error"),
            plural(self.warnings, "warning"),
            plural(self.files, "file")
        )
        .into())
    }
}

fn plural(count: usize, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

fn print(args: &CheckArgs, file: &Path, finding: &Finding) {
    let file = file.display().to_string();
    if !args.json {
        let separator = if finding.pointer.is_empty() && finding.line.is_none() {
            ": "
        } else {
            ":"
        };
        return say(&one_line(&format!("{file}{separator}{finding}")));
    }
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
    ];
    for (key, value) in optional {
        if let Some(value) = value {
            line[key] = value;
        }
    }
    say(&line.to_string());
}

fn unreadable(args: &CheckArgs, file: &Path, error: &dyn std::error::Error) {
    if args.json {
        let line = json!({
            "file": file.display().to_string(),
            "pointer": "",
            "level": "error",
            "rule": "file",
            "message": error.to_string(),
        });
        return say(&line.to_string());
    }
    say(&one_line(&error.to_string()));
}

/// A finding is a line, whatever a template has in its texts.
fn one_line(text: &str) -> String {
    text.replace('\n', "\\n").replace('\r', "\\r")
}

/// The template that a `NAME.data.json` is the sample of, if there is one: `cards/*.json` names both.
fn template_of_sample(file: &Path) -> Option<PathBuf> {
    let name = file.file_name()?.to_str()?.strip_suffix(".data.json")?;
    Some(file.with_file_name(format!("{name}.json"))).filter(|template| template.is_file())
}

/// `alert.de-AT.data.json`, `alert.de.data.json`, `alert.data.json`: the nearest sample of a template.
fn beside(file: &Path) -> Result<Option<(String, String)>, CommandError> {
    let Some(mut stem) = file
        .file_name()
        .and_then(|name| name.to_str()?.strip_suffix(".json"))
    else {
        return Ok(None);
    };
    loop {
        let sample = file.with_file_name(format!("{stem}.data.json"));
        if sample.is_file() {
            return Ok(Some((sample.display().to_string(), read(&sample)?)));
        }
        match stem.rfind(['.', '-']) {
            Some(end) if stem[..end].contains('.') || stem[end..].starts_with('.') => stem = &stem[..end],
            _ => return Ok(None),
        }
    }
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
