//! JavaScript patterns on a matcher that cannot hang: translated to the `regex` crate, which is linear in
//! the text. What it lacks (look-around, back-references) is an error.

mod common;
mod translate;

use crate::eval::Cx;
use regex::{Captures, Regex, RegexBuilder};
use std::rc::Rc;

/// The longest pattern that is read, in bytes.
const MAX_PATTERN: usize = 4_096;

/// Which patterns are accepted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// `isMatch`: the common grammar, options as `(?i)`.
    Common,
    /// `replaceIgnoreCase`: any JavaScript pattern, without regard to case.
    IgnoreCase,
}

/// A pattern of the common grammar.
pub(super) fn common(pattern: &str) -> Result<Regex, String> {
    if pattern.len() > MAX_PATTERN {
        return Err(format!("is longer than {MAX_PATTERN} bytes"));
    }
    common::check(pattern)?;
    let mut source = pattern.to_owned();
    let mut flags = String::new();
    for flag in ["(?i)", "(?m)", "(?s)"] {
        if source.contains(flag) {
            source = source.replacen(flag, "", 1);
            flags.push_str(&flag[2..3]);
        }
    }
    build(&source, &flags)
}

fn build(source: &str, flags: &str) -> Result<Regex, String> {
    let dot = if flags.contains('s') {
        translate::Dot::All
    } else {
        translate::Dot::Line
    };
    let translated = translate::translate(source, dot)?;
    RegexBuilder::new(&translated)
        .case_insensitive(flags.contains('i'))
        .multi_line(flags.contains('m'))
        .size_limit(1 << 20)
        .dfa_size_limit(1 << 20)
        .nest_limit(64)
        .build()
        .map_err(|_| "is not a pattern, or is too large".to_owned())
}

/// The pattern, compiled once per evaluation.
pub(super) fn cached(cx: &Cx<'_>, pattern: &str, dialect: Dialect) -> Result<Rc<Regex>, String> {
    let key = match dialect {
        Dialect::Common => format!("c{pattern}"),
        Dialect::IgnoreCase => format!("i{pattern}"),
    };
    if let Some(found) = cx.patterns.borrow().get(&key) {
        return Ok(Rc::clone(found));
    }
    cx.charge(16_000).map_err(|_| "is one too many".to_owned())?;
    let compiled = match dialect {
        Dialect::Common => common(pattern)?,
        Dialect::IgnoreCase if pattern.len() > MAX_PATTERN => {
            return Err(format!("is longer than {MAX_PATTERN} bytes"));
        }
        Dialect::IgnoreCase => build(pattern, "i")?,
    };
    let compiled = Rc::new(compiled);
    cx.patterns.borrow_mut().insert(key, Rc::clone(&compiled));
    Ok(compiled)
}

/// Appends a replacement, in which `$1`, `$&`, `` $` ``, `$'` and `$<name>` stand for what was found.
pub(super) fn expand(out: &mut String, replacement: &str, source: &str, found: &Captures<'_>) {
    let whole = found.get(0).map_or(0..0, |m| m.range());
    let mut rest = replacement;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let bytes = rest.as_bytes();
        let group = |text: &str| {
            text.parse::<usize>()
                .ok()
                .filter(|n| (1..found.len()).contains(n))
        };
        let digits = bytes.iter().take(2).take_while(|b| b.is_ascii_digit()).count();
        let named = rest
            .strip_prefix('<')
            .and_then(|r| r.split_once('>'))
            .map(|(name, _)| name);
        let used = match bytes.first() {
            Some(b'$') => {
                out.push('$');
                1
            }
            Some(b'&') => {
                out.push_str(&source[whole.clone()]);
                1
            }
            Some(b'`') => {
                out.push_str(&source[..whole.start]);
                1
            }
            Some(b'\'') => {
                out.push_str(&source[whole.end..]);
                1
            }
            Some(b'<') if named.is_some_and(|name| found.name(name).is_some()) => {
                let name = named.unwrap_or("");
                out.push_str(found.name(name).map_or("", |m| m.as_str()));
                name.len() + 2
            }
            _ => match (1..=digits)
                .rev()
                .find_map(|len| group(&rest[..len]).map(|n| (n, len)))
            {
                Some((n, len)) => {
                    out.push_str(found.get(n).map_or("", |m| m.as_str()));
                    len
                }
                None => {
                    out.push('$');
                    0
                }
            },
        };
        rest = &rest[used..];
    }
    out.push_str(rest);
}
