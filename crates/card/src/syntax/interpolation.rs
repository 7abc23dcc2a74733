//! The inside of a backtick string: text, escapes and `${…}` templates.

use super::SyntaxError;
use super::lexer::{ident_end, string_end};
use crate::number::is_js_space;

/// A part of an interpolated string, as byte ranges of the whole text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Part {
    Text(usize, usize),
    /// An escaped `$` or backtick.
    Escape(char),
    /// The expression inside `${…}`.
    Code(usize, usize),
}

/// What ends an interpolated string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Close {
    Backtick,
    EndOfText,
}

/// The deepest nesting of braces inside one `${…}`.
const MAX_BRACES: usize = 32;

/// Gives `visit` the parts of the string whose first character is at `start`, and returns the offset after
/// its end.
pub(super) fn parts(
    text: &str,
    start: usize,
    close: Close,
    mut visit: impl FnMut(Part) -> Result<(), SyntaxError>,
) -> Result<usize, SyntaxError> {
    let bytes = text.as_bytes();
    let mut at = start;
    let mut run = at;
    let mut flush = |run: usize, at: usize, next: Option<Part>| -> Result<(), SyntaxError> {
        if run < at {
            visit(Part::Text(run, at))?;
        }
        next.map_or(Ok(()), &mut visit)
    };
    loop {
        match bytes.get(at) {
            None if close == Close::EndOfText => {
                flush(run, at, None)?;
                return Ok(at);
            }
            None => {
                return Err(SyntaxError::new(
                    start.saturating_sub(1),
                    "this interpolated text has no closing backtick",
                ));
            }
            Some(b'`') if close == Close::Backtick => {
                flush(run, at, None)?;
                return Ok(at + 1);
            }
            Some(b'\\') if matches!(bytes.get(at + 1), Some(b'`' | b'$')) => {
                flush(run, at, Some(Part::Escape(char::from(bytes[at + 1]))))?;
                at += 2;
                run = at;
            }
            Some(b'$') if bytes.get(at + 1) == Some(&b'{') => match template_end(text, at) {
                Some(end) => {
                    let (from, to) = trim(text, at + 2, end - 1);
                    flush(run, at, Some(Part::Code(from, to)))?;
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
                let mut room = 8;
                at = string_end(text, at, |other| {
                    if room > 0 {
                        room -= 1;
                        pending.push(other);
                    }
                })?;
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
        b'\'' | b'"' => string_end(text, at, |_| {})?,
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
            b'\'' | b'"' => at = string_end(text, at, |_| {})?,
            b'{' => at = object_end(bytes, text, at, depth + 1)?,
            b'\r' | b'\n' | b'`' => return None,
            _ => at += 1,
        }
    }
}
