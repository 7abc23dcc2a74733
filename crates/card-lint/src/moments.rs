//! `{{DATE(…)}}` and `{{TIME(…)}}`, which Teams shows in each reader's time zone if it can read them.

use crate::{finding::Finding, names, rule::Rule};

/// The first that Teams can't read.
pub(crate) fn check(text: &str, pointer: &str) -> Option<Finding> {
    let mut rest = text;
    while let Some(at) = rest.find("{{") {
        rest = &rest[at + 2..];
        let end = rest.find("}}").unwrap_or(rest.len());
        let inner = rest[..end].trim_start();
        let named = ["DATE(", "TIME("].iter().any(|name| {
            inner
                .get(..name.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(name))
        });
        if named && let Err(suggestion) = read(&rest[..end]) {
            let what = format!(
                "Teams can't read {}, and people would read it as it is",
                names::quoted(&format!("{{{{{}}}}}", &rest[..end]))
            );
            return Some(Finding::error(Rule::Moment, pointer, what).suggest(suggestion));
        }
    }
    None
}

/// Reads what is between the braces; an error is how to write it.
fn read(text: &str) -> Result<(), &'static str> {
    let time_only = text.starts_with("TIME(");
    let Some(arguments) = text
        .strip_prefix("DATE(")
        .or_else(|| text.strip_prefix("TIME("))
        .and_then(|rest| rest.strip_suffix(')'))
    else {
        return Err("write {{DATE(2026-01-30T14:05:00Z, SHORT)}}, with DATE and TIME in capitals");
    };
    let (moment, format) = match arguments.split_once(',') {
        Some((moment, format)) => (moment, Some(format.strip_prefix(' ').unwrap_or(format))),
        None => (arguments, None),
    };
    match format {
        None => {}
        Some(_) if time_only => return Err("TIME takes no format"),
        Some("COMPACT" | "SHORT" | "LONG") => {}
        Some(_) => return Err("the format is COMPACT, SHORT or LONG"),
    }
    if is_whole_second(moment) {
        return Ok(());
    }
    Err(
        "write whole seconds with a zone, as in 2026-01-30T14:05:00Z: ${formatDateTime(when, 'yyyy-MM-ddTHH:mm:ssZ')}",
    )
}

/// `2026-01-30T14:05:00Z` or `2026-01-30T14:05:00+01:00`.
fn is_whole_second(text: &str) -> bool {
    let fits = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text.bytes().zip(shape.bytes()).all(|(c, wanted)| match wanted {
                b'0' => c.is_ascii_digit(),
                b'+' => matches!(c, b'+' | b'-'),
                other => c == other,
            })
    };
    fits(text, "0000-00-00T00:00:00Z") || fits(text, "0000-00-00T00:00:00+00:00")
}
