//! Reads the JSON files of a function app as leniently as the host: with a byte order mark, comments
//! and trailing commas, but with the line and column of anything worse.

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
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        Problem::new(
            shown,
            Place::At { line, column },
            "is not UTF-8 text; save the file as UTF-8",
        )
    })?;
    if text.trim().is_empty() {
        return Err(Problem::new(
            shown,
            Place::File,
            "is empty; a JSON object is expected",
        ));
    }
    let value: Value = serde_json::from_str(&relaxed(text)).map_err(|error| {
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
            format!("holds {}; a JSON object is expected", kind(&value)),
        ))
    }
}

/// The parser's words without its own "at line … column …".
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

/// What a JSON value is, for messages.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// Blanks out comments and trailing commas, byte for byte, so that positions stay true.
fn relaxed(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut index = 0;
    let mut comma: Option<usize> = None;
    while index < bytes.len() {
        match bytes[index] {
            b'"' => {
                comma = None;
                index += 1;
                while index < bytes.len() && bytes[index] != b'"' {
                    index += if bytes[index] == b'\\' { 2 } else { 1 };
                }
            }
            b'/' if bytes.get(index + 1) == Some(&b'/') => {
                while index < bytes.len() && bytes[index] != b'\n' {
                    bytes[index] = b' ';
                    index += 1;
                }
            }
            b'/' if bytes.get(index + 1) == Some(&b'*') => {
                let end = find(&bytes, index + 2, b"*/").map_or(bytes.len(), |end| end + 2);
                for byte in &mut bytes[index..end] {
                    if *byte != b'\n' {
                        *byte = b' ';
                    }
                }
                index = end;
                continue;
            }
            b',' => comma = Some(index),
            b'}' | b']' => {
                if let Some(comma) = comma.take() {
                    bytes[comma] = b' ';
                }
            }
            byte if byte.is_ascii_whitespace() => {}
            _ => comma = None,
        }
        index += 1;
    }
    // Only ASCII bytes and whole comments were replaced by blanks.
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

fn find(bytes: &[u8], from: usize, wanted: &[u8]) -> Option<usize> {
    bytes
        .get(from..)?
        .windows(wanted.len())
        .position(|window| window == wanted)
        .map(|at| at + from)
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
    fn names_line_and_column() {
        let problem = parse(b"{\n  \"a\": 1\n  \"b\": 2\n}", "f/function.json")
            .unwrap_err()
            .to_string();
        assert!(
            problem.starts_with("f/function.json, line 3, column 3: is not valid JSON: expected"),
            "{problem}"
        );
        let problem = parse(b"{\"a\": \"\xff\"}", "host.json").unwrap_err().to_string();
        assert!(
            problem.contains("line 1, column 8") && problem.contains("UTF-8"),
            "{problem}"
        );
        for (bytes, part) in [
            (&b"[1]"[..], "holds an array"),
            (b" ", "is empty"),
            (b"{\"a\":}", "line 1"),
            (b"{/*", "line 1"),
            (b"{\"a\\", "line 1"),
        ] {
            assert!(
                parse(bytes, "host.json").unwrap_err().to_string().contains(part),
                "{part}"
            );
        }
    }
}
