//! `handler card expand` and `handler card eval`: the template language at the command line.

mod check;

use super::{CommandError, say};
use crate::{
    cli::{CardCommand, EvalArgs, ExpandArgs},
    output::{Output, complain},
};
use card::{Data, Json, Template};
use std::{
    io::{BufRead, BufWriter, Write},
    path::Path,
};

/// Runs a card command.
pub(crate) fn run(command: &CardCommand) -> Result<(), CommandError> {
    match command {
        CardCommand::Expand(args) if args.jsonl => lines(card::jsonl::expand_line),
        CardCommand::Expand(args) => expand(args),
        CardCommand::Eval(args) if args.jsonl => lines(card::jsonl::eval_line),
        CardCommand::Eval(args) => eval(args),
        CardCommand::Check(args) => check::run(args),
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
    let template = Template::parse(&source, file.display().to_string())?;
    warn_of_duplicates(&source, file);
    let text = args.data.as_deref().map(read).transpose()?;
    let data = json(text.as_deref(), args.data.as_deref())?;
    if let (Some(text), Some(file)) = (&text, &args.data) {
        warn_of_duplicates(text, file);
    }
    let data = data.as_ref().map_or_else(Data::default, Data::of);
    let card = template
        .expand_to_string(&data)
        .map_err(|error| error.in_text(&source))?;
    say(&card);
    Ok(())
}

/// Properties that stand twice are no error in JSON, but seldom meant.
fn warn_of_duplicates(text: &str, file: &Path) {
    for twice in card::duplicates(text) {
        complain(&format!(
            "{}: {}: the property \"{}\" stands twice in its object, and only the last counts",
            file.display(),
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

fn read(file: &Path) -> Result<String, CommandError> {
    let place = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let bytes = std::fs::read(file).map_err(|error| place(&error))?;
    Ok(card::utf8(&bytes).map_err(|error| place(&error))?.to_owned())
}

fn json<'t>(text: Option<&'t str>, file: Option<&Path>) -> Result<Option<Json<'t>>, CommandError> {
    let Some(text) = text else { return Ok(None) };
    let place = file.map(|file| file.display().to_string()).unwrap_or_default();
    Ok(Some(
        Json::parse(text).map_err(|error| format!("{place}: {error}"))?,
    ))
}
