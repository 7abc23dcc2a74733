//! What .NET, in which the real host is written, makes of values that a handler sent as JSON.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

/// A JSON value as text: strings as they are, objects and arrays indented, scalars as `ToString` writes them. `json` is
/// how the handler wrote it.
#[must_use]
pub fn text(json: &str, value: &Value) -> String {
    match value {
        Value::String(string) => string.clone(),
        Value::Null => String::new(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Array(_) | Value::Object(_) => indent(json),
    }
}

/// What becomes of a string that Newtonsoft takes for a date when it reads JSON; `None` when it takes it for none.
#[must_use]
pub fn date(text: &str) -> Option<String> {
    // The invariant culture, as `ToString` writes it.
    iso_date(text).map(|time| time.strftime("%m/%d/%Y %H:%M:%S").to_string())
}

/// `yyyy-MM-ddTHH:mm:ss[.f][Z|±hh:mm]`.
fn iso_date(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let shape =
        (19..=33).contains(&bytes.len()) && bytes[4] == b'-' && bytes[10] == b'T' && bytes[13] == b':';
    if !shape {
        return None;
    }
    text.parse().ok().or_else(|| {
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    })
}

/// Indents valid JSON by two blanks a level; empty objects and arrays stay on their line.
fn indent(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = 0_usize;
    let mut letters = json.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => {
                out.push('"');
                copy_string(&mut letters, &mut out);
            }
            '{' | '[' => {
                out.push(letter);
                while letters.next_if(|next| next.is_ascii_whitespace()).is_some() {}
                if let Some(close) = letters.next_if(|next| matches!(next, '}' | ']')) {
                    out.push(close);
                } else {
                    depth += 1;
                    new_line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut out, depth);
                out.push(letter);
            }
            ',' => {
                out.push(',');
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            blank if blank.is_ascii_whitespace() => {}
            other => out.push(other),
        }
    }
    out
}

fn copy_string(letters: &mut impl Iterator<Item = char>, out: &mut String) {
    while let Some(letter) = letters.next() {
        out.push(letter);
        match letter {
            '"' => return,
            '\\' => out.extend(letters.next()),
            _ => {}
        }
    }
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    for _ in 0..depth {
        out.push_str("  ");
    }
}

#[cfg(test)]
mod tests {
    use super::indent;

    #[test]
    fn indents_and_keeps_order_and_text() {
        assert_eq!(
            indent(r#"{"b":[1.0, {}],"a":{ "x" : "é\"{,}" } ,"e":[ ]}"#),
            "{\n  \"b\": [\n    1.0,\n    {}\n  ],\n  \"a\": {\n    \"x\": \"é\\\"{,}\"\n  },\n  \"e\": []\n}"
        );
        assert_eq!(indent(" true "), "true");
    }
}
