//! Reads the JSON files of a function app as leniently as the host, whose reader (Newtonsoft.Json) takes more than
//! JSON; anything worse is refused with its line and column.

use std::borrow::Cow;
use std::path::Path;

use serde_json::Value;

use crate::problem::{Place, Problem};

/// Reads and parses `path`; `shown` is the name used in messages.
pub(super) fn read(path: &Path, shown: &str) -> Result<Value, Problem> {
    let bytes = std::fs::read(path)
        .map_err(|error| Problem::new(shown, Place::File, format!("cannot be read: {error}")))?;
    parse(&bytes, shown)
}

pub(super) fn parse(bytes: &[u8], shown: &str) -> Result<Value, Problem> {
    let text = decoded(bytes);
    if text.trim().is_empty() {
        return Err(Problem::new(
            shown,
            Place::File,
            "is empty; a JSON object is expected",
        ));
    }
    let value: Value = serde_json::from_str(&relaxed(&text)).map_err(|error| {
        let place = Place::At {
            line: error.line(),
            column: error.column(),
        };
        Problem::new(shown, place, format!("is not valid JSON: {}", reason(&error)))
    })?;
    if value.is_object() {
        Ok(value)
    } else {
        Err(Problem::new(
            shown,
            Place::File,
            format!("holds {}; a JSON object is expected", type_name(&value)),
        ))
    }
}

/// The text as .NET reads a file: UTF-8, or what a byte order mark says; what is no character becomes U+FFFD.
fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        let letters = char::decode_utf16(units);
        Cow::Owned(
            letters
                .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect(),
        )
    };
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes),
    }
}

/// The parser's words without its own "at line … column …".
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

/// What a JSON value is, for messages.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// What Newtonsoft's reader takes beyond JSON, as JSON: comments, trailing commas, strings in single quotes or with raw
/// control characters, names without quotes. Everything stays on its line.
fn relaxed(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 16);
    let mut rest = text;
    // Where the last comma lies, as long as nothing but blanks and comments came after it.
    let mut comma: Option<usize> = None;
    while let Some(letter) = rest.chars().next() {
        let taken = match letter {
            '"' | '\'' => quoted(rest, letter, &mut json),
            '/' if rest.starts_with("//") || rest.starts_with("/*") => {
                blank(comment(rest), &mut json);
                rest = &rest[comment(rest).len()..];
                continue;
            }
            ',' => {
                comma = Some(json.len());
                json.push(',');
                rest = &rest[1..];
                continue;
            }
            '}' | ']' => {
                if let Some(comma) = comma {
                    json.replace_range(comma..=comma, " ");
                }
                json.push(letter);
                1
            }
            _ if letter.is_whitespace() => {
                json.push(if letter.is_ascii() { letter } else { ' ' });
                rest = &rest[letter.len_utf8()..];
                continue;
            }
            _ if letter.is_alphabetic() || letter == '_' || letter == '$' => word(rest, &mut json),
            _ => {
                json.push(letter);
                letter.len_utf8()
            }
        };
        comma = None;
        rest = &rest[taken..];
    }
    json
}

/// The comment that a text begins with; one without an end goes on to the text's end.
fn comment(text: &str) -> &str {
    let end = if text.starts_with("//") {
        text.find('\n')
    } else {
        text.get(2..).and_then(|inner| inner.find("*/")).map(|at| at + 4)
    };
    &text[..end.unwrap_or(text.len())]
}

fn blank(comment: &str, json: &mut String) {
    let blanks = comment.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' });
    json.extend(blanks);
}

/// Copies the string that a text begins with into double quotes; returns its length.
fn quoted(text: &str, quote: char, json: &mut String) -> usize {
    json.push('"');
    let mut letters = text.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some((_, '\'')) => json.push('\''),
                Some((_, escaped)) => json.extend(['\\', escaped]),
                None => json.push('\\'),
            },
            _ if letter == quote => {
                json.push('"');
                return at + 1;
            }
            '"' => json.push_str("\\\""),
            _ if letter < ' ' => json.push_str(&format!("\\u{:04x}", u32::from(letter))),
            _ => json.push(letter),
        }
    }
    text.len()
}

/// Copies the word that a text begins with, in quotes where it is a name; returns its length.
fn word(text: &str, json: &mut String) -> usize {
    let end = text
        .find(|letter: char| !(letter.is_alphanumeric() || letter == '_' || letter == '$'))
        .unwrap_or(text.len());
    let (word, after) = text.split_at(end);
    if after.trim_start().starts_with(':') {
        json.extend(["\"", word, "\""]);
    } else {
        json.push_str(word);
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tolerates_what_the_host_tolerates() {
        let text = "\u{feff}{ // version\n \"a\": [1, 2,], /* ü \n */ \"b\": \"// no, /* comment */,]\",\n}";
        let value = parse(text.as_bytes(), "host.json").unwrap();
        assert_eq!(
            value,
            serde_json::json!({"a": [1, 2], "b": "// no, /* comment */,]"})
        );
    }

    #[test]
    fn takes_what_newtonsofts_reader_takes() {
        for (text, value) in [
            ("{'a': 'it\\'s \"b\"'}", serde_json::json!({"a": "it's \"b\""})),
            ("{\"a\": \"it\\'s\"}", serde_json::json!({"a": "it's"})),
            (
                "{a: 1, $b_2 : [true, null], /* c */ ü: 'x',}",
                serde_json::json!({"a": 1, "$b_2": [true, null], "ü": "x"}),
            ),
            ("{\"a\": \"one\n\ttwo\"}", serde_json::json!({"a": "one\n\ttwo"})),
            ("{\"a\":\u{a0}1}// end", serde_json::json!({"a": 1})),
            ("{\"a\": [[1,], {}, // x\n]}", serde_json::json!({"a": [[1], {}]})),
            ("{\"a\\\\\": \"\\\\\"}", serde_json::json!({"a\\": "\\"})),
        ] {
            assert_eq!(parse(text.as_bytes(), "host.json"), Ok(value), "{text}");
        }
        let text = "{\"a\": \"ü\"}";
        let little: Vec<u8> = "\u{feff}"
            .encode_utf16()
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        let big: Vec<u8> = little.chunks(2).flat_map(|pair| [pair[1], pair[0]]).collect();
        for bytes in [&little, &big] {
            assert_eq!(parse(bytes, "host.json"), Ok(serde_json::json!({"a": "ü"})));
        }
        let broken = parse(b"{\"a\": \"\xff\"}", "host.json");
        assert_eq!(broken, Ok(serde_json::json!({"a": "\u{fffd}"})));
    }

    #[test]
    fn names_line_and_column() {
        let problem = parse(b"{\n  \"a\": 1\n  \"b\": 2\n}", "f/function.json")
            .unwrap_err()
            .to_string();
        assert!(
            problem.starts_with("f/function.json, line 3, column 3: is not valid JSON: expected"),
            "{problem}"
        );
        for (bytes, part) in [
            (&b"[1]"[..], "holds an array"),
            (b" ", "is empty"),
            (b"{\"a\":}", "line 1"),
            (b"{/*", "line 1"),
            (b"{\"a\\", "line 1"),
            (b"{'a", "line 1"),
            (b"{a", "line 1"),
            (b"{\"a\": nothing}", "line 1"),
            (b"{\"a\": 1} x", "line 1"),
            (b"{\"a\": 1 \"b\": 2}", "line 1"),
        ] {
            assert!(
                parse(bytes, "host.json").unwrap_err().to_string().contains(part),
                "{part}"
            );
        }
    }
}
