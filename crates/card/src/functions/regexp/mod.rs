//! JavaScript patterns, translated to the `regex` crate, whose matching time is linear in the text. Unsupported features
//! (look-around, back-references) are errors. The cost of a pattern is estimated from its parts.

mod common;
mod translate;

use crate::budget::Budget;
use crate::eval::{Cx, Fail};
use regex::{Captures, Regex, RegexBuilder};
use std::rc::Rc;
use translate::Scans;

/// The longest pattern that is read, in bytes.
const MAX_PATTERN: usize = 4_096;

/// The largest pattern that is compiled, in states: `.{1,1000}` has 12,000.
const MAX_STATES: u64 = 16_384;

/// Which patterns are accepted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// `isMatch`: the common grammar, options as `(?i)`.
    Common,
    /// `replaceIgnoreCase`: any JavaScript pattern, case-insensitive.
    IgnoreCase,
}

/// A translated pattern, not compiled yet.
pub(super) struct TranslatedPattern {
    translated: String,
    flags: String,
    states: u64,
    scans: Scans,
}

impl TranslatedPattern {
    /// A pattern of the common grammar.
    pub(super) fn common(pattern: &str) -> Result<Self, String> {
        length(pattern)?;
        common::check(pattern)?;
        let mut source = pattern.to_owned();
        let mut flags = String::new();
        for flag in ["(?i)", "(?m)", "(?s)"] {
            if source.contains(flag) {
                source = source.replacen(flag, "", 1);
                flags.push_str(&flag[2..3]);
            }
        }
        Self::translated(&source, flags)
    }

    fn ignore_case(pattern: &str) -> Result<Self, String> {
        length(pattern)?;
        Self::translated(pattern, "i".to_owned())
    }

    fn translated(source: &str, flags: String) -> Result<Self, String> {
        let dot = if flags.contains('s') {
            translate::Dot::All
        } else {
            translate::Dot::Line
        };
        let translated = translate::translate(source, dot)?;
        if translated.states > MAX_STATES {
            return Err("is too large: repeat less, or smaller parts".to_owned());
        }
        Ok(Self {
            translated: translated.text,
            flags,
            states: translated.states,
            scans: translated.scans,
        })
    }

    /// Steps for compiling: some 200 ns per state, and parsing.
    pub(super) fn cost(&self) -> u64 {
        1_000 + self.states * 8
    }

    pub(super) fn compile(self) -> Result<Pattern, String> {
        let regex = RegexBuilder::new(&self.translated)
            .case_insensitive(self.flags.contains('i'))
            .multi_line(self.flags.contains('m'))
            .size_limit(1 << 20)
            .dfa_size_limit(1 << 20)
            .nest_limit(64)
            .build()
            .map_err(|_| "is not a pattern, or is too large".to_owned())?;
        Ok(Pattern {
            regex,
            states: self.states,
            scans: self.scans,
        })
    }
}

fn length(pattern: &str) -> Result<(), String> {
    if pattern.len() > MAX_PATTERN {
        return Err(format!("is longer than {MAX_PATTERN} bytes"));
    }
    Ok(())
}

/// A compiled pattern.
#[derive(Debug)]
pub(crate) struct Pattern {
    pub(super) regex: Regex,
    states: u64,
    scans: Scans,
}

impl Pattern {
    /// Counts a search through `bytes` of text. In the worst case each byte is compared with each state.
    pub(super) fn count_scan(&self, budget: &Budget, bytes: usize) -> Result<(), Fail> {
        budget.steps((bytes as u64).saturating_mul(self.states + 2) / 16)
    }

    /// Counts one of many matches; `left` is the text from its start on, all of which may be scanned to find its end.
    pub(super) fn count_match(&self, budget: &Budget, matched: usize, left: usize) -> Result<(), Fail> {
        budget.steps(8)?;
        match self.scans {
            Scans::Match => self.count_scan(budget, matched + left.min(self.states as usize)),
            Scans::Ahead => self.count_scan(budget, left),
        }
    }
}

/// The pattern, compiled once per evaluation.
pub(super) fn cached(
    cx: &Cx<'_>,
    pattern: &str,
    dialect: Dialect,
) -> Result<Result<Rc<Pattern>, String>, Fail> {
    let key = match dialect {
        Dialect::Common => format!("c{pattern}"),
        Dialect::IgnoreCase => format!("i{pattern}"),
    };
    if let Some(found) = cx.patterns.borrow().get(&key) {
        return Ok(Ok(Rc::clone(found)));
    }
    let budget = &cx.budget;
    let _levels = budget.levels(LEVELS)?;
    budget.steps(64)?;
    budget.allocate(pattern.len().min(MAX_PATTERN) * 16)?;
    let source = match dialect {
        Dialect::Common => TranslatedPattern::common(pattern),
        Dialect::IgnoreCase => TranslatedPattern::ignore_case(pattern),
    };
    let source = match source {
        Ok(source) => source,
        Err(reason) => return Ok(Err(reason)),
    };
    budget.steps(source.cost())?;
    // The program, and the caches of the matcher.
    budget.allocate(16_384 + source.states as usize * 64)?;
    let compiled = match source.compile() {
        Ok(compiled) => Rc::new(compiled),
        Err(reason) => return Ok(Err(reason)),
    };
    cx.patterns.borrow_mut().insert(key, Rc::clone(&compiled));
    Ok(Ok(compiled))
}

/// Stack needed to parse and compile the most nested pattern, in levels of evaluation.
const LEVELS: usize = 60;

/// Appends a replacement, in which `$1`, `$&`, `` $` ``, `$'` and `$<name>` refer to the match.
pub(super) fn expand(
    budget: &Budget,
    out: &mut String,
    replacement: &str,
    source: &str,
    found: &Captures<'_>,
) -> Result<(), Fail> {
    budget.bytes(replacement.len().saturating_mul(2))?;
    let whole = found.get(0).map_or(0..0, |m| m.range());
    let put = |out: &mut String, text: &str| -> Result<(), Fail> {
        budget.step()?;
        budget.bytes(text.len())?;
        budget.check_available(out.len() + text.len())?;
        out.push_str(text);
        Ok(())
    };
    let mut rest = replacement;
    while let Some(at) = rest.find('$') {
        put(out, &rest[..at])?;
        rest = &rest[at + 1..];
        let bytes = rest.as_bytes();
        let group = |text: &str| {
            text.parse::<usize>()
                .ok()
                .filter(|n| (1..found.len()).contains(n))
        };
        let digits = bytes.iter().take(2).take_while(|b| b.is_ascii_digit()).count();
        let named = match rest.strip_prefix('<') {
            Some(rest) => {
                // A group's name is as short as a pattern.
                let rest = crate::json::up_to(rest, MAX_PATTERN);
                budget.bytes(rest.len())?;
                rest.split_once('>').map(|(name, _)| name)
            }
            None => None,
        };
        let used = match bytes.first() {
            Some(b'$') => {
                put(out, "$")?;
                1
            }
            Some(b'&') => {
                put(out, &source[whole.clone()])?;
                1
            }
            Some(b'`') => {
                put(out, &source[..whole.start])?;
                1
            }
            Some(b'\'') => {
                put(out, &source[whole.end..])?;
                1
            }
            Some(b'<') if named.is_some_and(|name| found.name(name).is_some()) => {
                let name = named.unwrap_or("");
                put(out, found.name(name).map_or("", |m| m.as_str()))?;
                name.len() + 2
            }
            _ => match (1..=digits)
                .rev()
                .find_map(|len| group(&rest[..len]).map(|n| (n, len)))
            {
                Some((n, len)) => {
                    put(out, found.get(n).map_or("", |m| m.as_str()))?;
                    len
                }
                None => {
                    put(out, "$")?;
                    0
                }
            },
        };
        rest = &rest[used..];
    }
    put(out, rest)
}
