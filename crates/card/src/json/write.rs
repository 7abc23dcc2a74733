//! JSON text as `JSON.stringify` writes it.

use super::Json;
use super::plain::plain_len;
use crate::number::push_number;

/// Appends a quoted, escaped string.
pub(crate) fn push_string(out: &mut String, text: &str) {
    out.reserve(text.len() + 2);
    out.push('"');
    push_escaped(out, text);
    out.push('"');
}

/// Appends a string's characters, escaped, without the quotes.
pub(crate) fn push_escaped(out: &mut String, text: &str) {
    let mut rest = text;
    loop {
        let plain = plain_len(rest.as_bytes());
        out.push_str(&rest[..plain]);
        let Some(&b) = rest.as_bytes().get(plain) else {
            return;
        };
        rest = &rest[plain + 1..];
        match b {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x08 => out.push_str("\\b"),
            0x0c => out.push_str("\\f"),
            _ => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                out.push_str("\\u00");
                out.push(char::from(HEX[usize::from(b >> 4)]));
                out.push(char::from(HEX[usize::from(b & 15)]));
            }
        }
    }
}

/// Appends a number; what JSON lacks becomes `null`.
pub(crate) fn push_json_number(out: &mut String, n: f64) {
    if n.is_finite() {
        push_number(out, n)
    } else {
        out.push_str("null")
    }
}

/// Appends a whole document.
pub(crate) fn push_json(out: &mut String, json: &Json<'_>) {
    match json {
        Json::Null => out.push_str("null"),
        Json::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Json::Number(n) => push_json_number(out, *n),
        Json::String(s) | Json::Code(s) => push_string(out, s),
        Json::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                push_json(out, item);
            }
            out.push(']');
        }
        Json::Object(properties) => {
            out.push('{');
            for (at, (key, value)) in properties.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                push_string(out, key);
                out.push(':');
                push_json(out, value);
            }
            out.push('}');
        }
    }
}
