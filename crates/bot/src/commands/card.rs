//! `handler card expand` and `handler card eval`: the template language at the command line.

mod check;
mod preview;
mod samples;

use super::{CommandError, say};
use crate::{
    cli::{CardCommand, EvalArgs, ExpandArgs},
    output::{Output, complain},
};
use card::{Data, Json, Template};
use std::{
    io::{BufRead, BufWriter, Read as _, Write},
    path::Path,
};

/// Runs a card command.
pub(crate) async fn run(command: &CardCommand) -> Result<(), CommandError> {
    match command {
        CardCommand::Expand(args) if args.jsonl => lines(card::jsonl::expand_line),
        CardCommand::Expand(args) => expand(args),
        CardCommand::Eval(args) if args.jsonl => lines(card::jsonl::eval_line),
        CardCommand::Eval(args) => eval(args),
        CardCommand::Check(args) => check::run(args),
        CardCommand::Preview(args) => preview::run(args).await,
    }
}

/// A line in, a line out, until the input ends.
fn lines(answer: fn(&str) -> String) -> Result<(), CommandError> {
    let mut out = BufWriter::new(Output);
    let mut input = std::io::stdin().lock();
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        let text = String::from_utf8_lossy(&line);
        if !text.trim().is_empty() {
            writeln!(out, "{}", answer(text.trim_end_matches(['\n', '\r'])))?;
            // Whoever pipes line by line waits for this answer.
            out.flush()?;
        }
        line.clear();
    }
    Ok(())
}

fn expand(args: &ExpandArgs) -> Result<(), CommandError> {
    let Some(file) = &args.template else {
        return Err("--template FILE is missing".into());
    };
    let source = read(file)?;
    let sample = args.data.clone().or_else(|| samples::beside(file));
    let text = sample.as_deref().map(read).transpose()?;
    let data = json(text.as_deref(), sample.as_deref())?;
    let host_text = args.host.as_deref().map(read).transpose()?;
    let host = json(host_text.as_deref(), args.host.as_deref())?;
    warn_of_duplicates(&source, file);
    for (text, file) in [(&text, &sample), (&host_text, &args.host)] {
        if let (Some(text), Some(file)) = (text, file) {
            warn_of_duplicates(text, file);
        }
    }
    let card = expanded(&source, file, data.as_ref(), host.as_ref())?;
    if args.pretty {
        // The order of the template, which a `Value` would not keep.
        say(&indented(&card));
    } else {
        say(&card);
    }
    Ok(())
}

/// A template's text filled; an error names file, line and column.
fn expanded(
    source: &str,
    file: &Path,
    data: Option<&Json<'_>>,
    host: Option<&Json<'_>>,
) -> Result<String, CommandError> {
    let template = Template::parse(source, name(file))?;
    let mut all = data.map_or_else(Data::default, Data::of);
    if let Some(host) = host {
        all = all.with_host(host);
    }
    Ok(template
        .expand_to_string(&all)
        .map_err(|error| error.in_text(source))?)
}

/// JSON text with line breaks and two blanks a level.
fn indented(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let mut chars = json.chars().peekable();
    while let Some(c) = chars.next() {
        let line = |out: &mut String, depth: usize| {
            out.push('\n');
            out.extend(std::iter::repeat_n("  ", depth));
        };
        match c {
            _ if in_string => {
                out.push(c);
                in_string = escaped || c != '"';
                escaped = !escaped && c == '\\';
            }
            '"' => {
                out.push(c);
                in_string = true;
            }
            '{' | '[' if matches!(chars.peek(), Some('}' | ']')) => out.push(c),
            '{' | '[' => {
                out.push(c);
                depth += 1;
                line(&mut out, depth);
            }
            '}' | ']' => {
                if !out.ends_with(['{', '[']) {
                    depth = depth.saturating_sub(1);
                    line(&mut out, depth);
                }
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            _ => out.push(c),
        }
    }
    out
}

/// Properties that stand twice are no error in JSON, but seldom meant.
fn warn_of_duplicates(text: &str, file: &Path) {
    for twice in card::duplicates(text) {
        complain(&format!(
            "{}: {}: the property \"{}\" stands twice in its object, and only the last counts",
            name(file),
            twice.position,
            twice.name.chars().take(64).collect::<String>()
        ));
    }
}

fn eval(args: &EvalArgs) -> Result<(), CommandError> {
    let Some(text) = &args.expression else {
        return Err("an expression is missing".into());
    };
    let data = args.data.as_deref().map(read).transpose()?;
    json(data.as_deref(), args.data.as_deref())?;
    let expression = serde_json::to_string(text)?;
    let line = card::jsonl::eval_line(&format!(
        "{{\"id\":0,\"expression\":{expression},\"scope\":{}}}",
        data.as_deref().unwrap_or("null").replace('\n', " ")
    ));
    let answer: serde_json::Value = serde_json::from_str(&line)?;
    match (
        answer.get("error").and_then(serde_json::Value::as_str),
        answer.get("value"),
    ) {
        (Some(error), _) => Err(error.to_owned().into()),
        (None, Some(value)) => {
            say(&value.to_string());
            Ok(())
        }
        (None, None) => {
            say("undefined");
            Ok(())
        }
    }
}

/// A file's text; `-` is standard input.
fn read(file: &Path) -> Result<String, CommandError> {
    let place = |error: &dyn std::fmt::Display| format!("{}: {error}", name(file));
    let bytes = if file.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(file)
    };
    let bytes = bytes.map_err(|error| place(&error))?;
    Ok(card::utf8(&bytes).map_err(|error| place(&error))?.to_owned())
}

/// A file's name in messages.
fn name(file: &Path) -> String {
    match file.to_str() {
        Some("-") => "standard input".to_owned(),
        _ => file.display().to_string(),
    }
}

fn json<'t>(text: Option<&'t str>, file: Option<&Path>) -> Result<Option<Json<'t>>, CommandError> {
    let Some(text) = text else { return Ok(None) };
    let place = file.map(name).unwrap_or_default();
    Ok(Some(
        Json::parse(text).map_err(|error| format!("{place}: {error}"))?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indented_text_is_the_same_json() {
        let json = r#"{"z":[],"a":{},"b":[1,"x, \"y\": {\\"],"c":{"d":null}}"#;
        assert_eq!(
            indented(json),
            "{\n  \"z\": [],\n  \"a\": {},\n  \"b\": [\n    1,\n    \"x, \\\"y\\\": {\\\\\"\n  ],\n  \"c\": {\n    \"d\": null\n  }\n}"
        );
    }
}
