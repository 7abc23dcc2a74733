//! The inside of a backtick string: text, escapes and `${…}` templates.

use super::SyntaxError;
use super::lexer::{ident_end, string_ends};
use crate::number::is_js_space;

/// A part of an interpolated string, as byte ranges of the whole text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    Text(usize, usize),
    /// An escaped `$` or backtick.
    Escape(char),
    /// The expression inside `${…}`.
    Code(usize, usize),
}

/// The deepest nesting of braces inside one `${…}`.
const MAX_BRACES: usize = 32;

/// The parts of the string that opens with the backtick at `start`, and the offset after its end.
pub(super) fn parts(text: &str, start: usize) -> Result<(Vec<Part>, usize), SyntaxError> {
    let bytes = text.as_bytes();
    let mut parts = Vec::new();
    let mut at = start + 1;
    let mut run = at;
    let flush = |parts: &mut Vec<Part>, run: usize, at: usize| {
        if run < at {
            parts.push(Part::Text(run, at));
        }
    };
    loop {
        match bytes.get(at) {
            None => {
                return Err(SyntaxError::new(
                    start,
                    "this interpolated text has no closing backtick",
                ));
            }
            Some(b'`') => {
                flush(&mut parts, run, at);
                return Ok((parts, at + 1));
            }
            Some(b'\\') if matches!(bytes.get(at + 1), Some(b'`' | b'$')) => {
                flush(&mut parts, run, at);
                parts.push(Part::Escape(char::from(bytes[at + 1])));
                at += 2;
                run = at;
            }
            Some(b'$') if bytes.get(at + 1) == Some(&b'{') => match template_end(text, at) {
                Some(end) => {
                    flush(&mut parts, run, at);
                    let (from, to) = trim(text, at + 2, end - 1);
                    parts.push(Part::Code(from, to));
                    at = end;
                    run = at;
                }
                None => at += 1,
            },
            Some(_) => at += 1,
        }
    }
}

fn trim(text: &str, from: usize, to: usize) -> (usize, usize) {
    let inner = &text[from..to];
    let start = inner.trim_start_matches(is_js_space);
    let from = to - start.len();
    (from, from + start.trim_end_matches(is_js_space).len())
}

/// The end of the `${…}` at `start`, if it is one.
fn template_end(text: &str, start: usize) -> Option<usize> {
    // A quoted string inside may have to end at an escaped quote; the alternatives are few and each
    // position is tried once.
    let first = start + 2;
    let mut pending = Vec::new();
    if let Some(end) = body_end(text, first, first, &mut pending) {
        return Some(end);
    }
    let mut tried = std::collections::HashSet::new();
    while let Some(from) = pending.pop() {
        if !tried.insert(from) || tried.len() > 256 {
            continue;
        }
        if let Some(end) = body_end(text, from, first, &mut pending) {
            return Some(end);
        }
    }
    None
}

fn body_end(text: &str, from: usize, first: usize, pending: &mut Vec<usize>) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        match bytes.get(at)? {
            b'}' => return (at > first).then_some(at + 1),
            b'\'' | b'"' => {
                let ends = string_ends(text, at);
                at = *ends.first()?;
                pending.extend(ends[1..].iter().rev().take(8));
            }
            b'{' => at = object_end(bytes, text, at, 0)?,
            b'\r' | b'\n' | b'`' => return None,
            _ => at += 1,
        }
    }
}

/// The end of the object literal at `start`: no white space after the brace or before the colon.
fn object_end(bytes: &[u8], text: &str, start: usize, depth: usize) -> Option<usize> {
    if depth > MAX_BRACES {
        return None;
    }
    let mut at = start + 1;
    if bytes.get(at) == Some(&b'}') {
        return Some(at + 1);
    }
    at = match bytes.get(at)? {
        b'\'' | b'"' => *string_ends(text, at).first()?,
        b'%' if !bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric) => at + 1,
        _ => ident_end(text, at)?,
    };
    if bytes.get(at) != Some(&b':') {
        return None;
    }
    at += 1;
    let first = at;
    loop {
        match bytes.get(at)? {
            b'}' => return (at > first).then_some(at + 1),
            b'\'' | b'"' => at = *string_ends(text, at).first()?,
            b'{' => at = object_end(bytes, text, at, depth + 1)?,
            b'\r' | b'\n' | b'`' => return None,
            _ => at += 1,
        }
    }
}
