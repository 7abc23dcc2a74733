//! The inside of a backtick string: text, escapes and `${…}` templates.

use super::SyntaxError;
use super::lexer::{ident_end, string_span};
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

/// How often each byte may be scanned, over all alternatives of ending a quoted string. An unambiguous string is scanned
/// once or twice.
const MAX_SCANS: usize = 64;

/// Remaining bytes to scan.
struct ScanBudget(usize);

/// There are too many ways of reading a string.
struct TooAmbiguous;

impl ScanBudget {
    fn take(&mut self, bytes: usize) -> Result<(), TooAmbiguous> {
        self.0 = self.0.checked_sub(bytes.max(1)).ok_or(TooAmbiguous)?;
        Ok(())
    }

    /// The end of a quoted string.
    fn string_end(
        &mut self,
        text: &str,
        start: usize,
        others: impl FnMut(usize),
    ) -> Result<Option<usize>, TooAmbiguous> {
        let (end, seen) = string_span(text, start, others);
        self.take(seen - start)?;
        Ok(end)
    }
}

/// Calls `visit` with each part of the string that starts at `start`, and returns the offset after its end.
pub(super) fn parts(
    text: &str,
    start: usize,
    close: Close,
    mut visit: impl FnMut(Part) -> Result<(), SyntaxError>,
) -> Result<usize, SyntaxError> {
    let bytes = text.as_bytes();
    let mut scans = ScanBudget(MAX_SCANS * (text.len() - start + 64));
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
                    "this interpolated string has no closing backtick",
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
            Some(b'$') if bytes.get(at + 1) == Some(&b'{') => match template_end(text, at, &mut scans) {
                Err(TooAmbiguous) => {
                    return Err(SyntaxError::new(
                        at,
                        "the quotes and braces of this string can be read in too many ways; close each `${` with `}`, and \
                         each quote inside with the same quote",
                    ));
                }
                Ok(Some(end)) => {
                    let (from, to) = trim(text, at + 2, end - 1);
                    flush(run, at, Some(Part::Code(from, to)))?;
                    at = end;
                    run = at;
                }
                Ok(None) => at += 1,
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
fn template_end(text: &str, start: usize, scans: &mut ScanBudget) -> Result<Option<usize>, TooAmbiguous> {
    // A quoted string inside may have to end at an escaped quote; the alternatives are few and each
    // position is tried once.
    let first = start + 2;
    let mut pending = Vec::new();
    if let Some(end) = body_end(text, first, first, &mut pending, scans)? {
        return Ok(Some(end));
    }
    let mut tried = std::collections::HashSet::new();
    while let Some(from) = pending.pop() {
        if !tried.insert(from) || tried.len() > 256 {
            continue;
        }
        if let Some(end) = body_end(text, from, first, &mut pending, scans)? {
            return Ok(Some(end));
        }
    }
    Ok(None)
}

fn body_end(
    text: &str,
    from: usize,
    first: usize,
    pending: &mut Vec<usize>,
    scans: &mut ScanBudget,
) -> Result<Option<usize>, TooAmbiguous> {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        let next = match bytes.get(at) {
            Some(b'}') => return Ok((at > first).then_some(at + 1)),
            Some(b'\'' | b'"') => {
                let mut alternatives = 8;
                scans.string_end(text, at, |other| {
                    if alternatives > 0 {
                        alternatives -= 1;
                        pending.push(other);
                    }
                })?
            }
            Some(b'{') => object_end(text, at, 0, scans)?,
            None | Some(b'\r' | b'\n' | b'`') => None,
            Some(_) => {
                scans.take(1)?;
                Some(at + 1)
            }
        };
        match next {
            Some(next) => at = next,
            None => return Ok(None),
        }
    }
}

/// The end of the object literal at `start`: no white space after the brace or before the colon.
fn object_end(
    text: &str,
    start: usize,
    depth: usize,
    scans: &mut ScanBudget,
) -> Result<Option<usize>, TooAmbiguous> {
    let bytes = text.as_bytes();
    if depth > MAX_BRACES {
        return Ok(None);
    }
    scans.take(1)?;
    let mut at = start + 1;
    let key_end = match bytes.get(at) {
        Some(b'}') => return Ok(Some(at + 1)),
        Some(b'\'' | b'"') => scans.string_end(text, at, |_| {})?,
        Some(b'%') if !bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric) => Some(at + 1),
        Some(_) => ident_end(text, at),
        None => None,
    };
    let Some(key_end) = key_end else {
        return Ok(None);
    };
    scans.take(key_end - at)?;
    if bytes.get(key_end) != Some(&b':') {
        return Ok(None);
    }
    at = key_end + 1;
    let first = at;
    loop {
        let next = match bytes.get(at) {
            Some(b'}') => return Ok((at > first).then_some(at + 1)),
            Some(b'\'' | b'"') => scans.string_end(text, at, |_| {})?,
            Some(b'{') => object_end(text, at, depth + 1, scans)?,
            None | Some(b'\r' | b'\n' | b'`') => None,
            Some(_) => {
                scans.take(1)?;
                Some(at + 1)
            }
        };
        match next {
            Some(next) => at = next,
            None => return Ok(None),
        }
    }
}
