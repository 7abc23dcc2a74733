//! Translates a JavaScript pattern (without the `u` flag) to the syntax of the `regex` crate.

use std::fmt::Write as _;

/// JavaScript's `\s`, as the inside of a class.
const SPACE: &str =
    r"\t\n\x0B\x0C\r \x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}";
const NOT_SPACE: &str = r"\x00-\x08\x0E-\x1F!-\x{9F}\x{A1}-\x{167F}\x{1681}-\x{1FFF}\x{200B}-\x{2027}\x{202A}-\x{202E}\x{2030}-\x{205E}\x{2060}-\x{2FFF}\x{3001}-\x{FEFE}\x{FF00}-\x{10FFFF}";
const NOT_DIGIT: &str = r"\x00-/:-\x{10FFFF}";
const NOT_WORD: &str = r"\x00-/:-@\[-\^`\{-\x{10FFFF}";
const ANY_BUT_LINE_END: &str = r"[^\n\r\x{2028}\x{2029}]";

/// What a dot matches.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dot {
    /// Anything but the four line ends.
    Line,
    /// Anything.
    All,
}

/// How much of the text one of many matches scans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scans {
    /// The match, and at most the pattern's length beyond.
    Match,
    /// Possibly the rest of the text, as something repeats without bound.
    Ahead,
}

/// A pattern in the syntax of `regex`.
pub(super) struct Translated {
    pub(super) text: String,
    /// Estimated number of states of its automaton.
    pub(super) states: u64,
    pub(super) scans: Scans,
}

/// States of a class or dot, which is several ranges of bytes.
const CLASS: u64 = 12;

pub(super) fn translate(pattern: &str, dot: Dot) -> Result<Translated, String> {
    let chars: Vec<char> = pattern.chars().collect();
    let groups = count_groups(&chars);
    let mut translator = Translator {
        chars: &chars,
        at: 0,
        out: String::new(),
        groups,
        dot,
        open: vec![0],
        last: 0,
        atoms: 0,
        endless: 0,
    };
    translator.pattern()?;
    let simple = translator.endless == 0 || translator.atoms == 1;
    Ok(Translated {
        states: translator.open.iter().sum(),
        scans: if simple { Scans::Match } else { Scans::Ahead },
        text: translator.out,
    })
}

fn count_groups(chars: &[char]) -> usize {
    let mut count = 0;
    let mut class = false;
    let mut at = 0;
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 1,
            '[' => class = true,
            ']' => class = false,
            '(' if !class && (chars.get(at + 1) != Some(&'?') || chars.get(at + 2) == Some(&'<')) => {
                count += 1
            }
            _ => {}
        }
        at += 1;
    }
    count
}

/// The meaning of an escape.
enum Meaning {
    Char(char),
    /// The inside of a class.
    Class(&'static str),
    /// An assertion, in the target's syntax.
    Assertion(&'static str),
}

struct Translator<'p> {
    chars: &'p [char],
    at: usize,
    out: String,
    groups: usize,
    dot: Dot,
    /// States of the groups that are open, the whole pattern first.
    open: Vec<u64>,
    /// States of what a quantifier would repeat.
    last: u64,
    /// Atoms, groups included.
    atoms: u32,
    /// Quantifiers without an upper bound.
    endless: u32,
}

impl Translator<'_> {
    /// Counts an atom with this number of states.
    fn atom(&mut self, states: u64) {
        self.atoms += 1;
        self.last = states;
        if let Some(group) = self.open.last_mut() {
            *group = group.saturating_add(states);
        }
    }

    /// Counts the repetitions of the preceding atom.
    fn repeat(&mut self, times: u64) {
        let more = self
            .last
            .saturating_mul(times.saturating_sub(1))
            .saturating_add(1);
        if let Some(group) = self.open.last_mut() {
            *group = group.saturating_add(more);
        }
    }

    fn pattern(&mut self) -> Result<(), String> {
        // Whether there is a preceding atom that a quantifier may repeat.
        let mut repeatable = false;
        while let Some(&c) = self.chars.get(self.at) {
            self.at += 1;
            match c {
                '\\' => {
                    match self.escape(PatternContext::Outside)? {
                        Meaning::Char(c) => {
                            push_char(&mut self.out, c);
                            self.atom(1);
                        }
                        Meaning::Class(class) => {
                            let _ = write!(self.out, "[{class}]");
                            self.atom(if class.len() < 16 { 2 } else { CLASS });
                        }
                        Meaning::Assertion(text) => {
                            self.out.push_str(text);
                            self.atom(1);
                        }
                    }
                    repeatable = true;
                }
                '.' => {
                    self.out.push_str(if self.dot == Dot::All {
                        "(?s:.)"
                    } else {
                        ANY_BUT_LINE_END
                    });
                    self.atom(CLASS);
                    repeatable = true;
                }
                '[' => {
                    self.class()?;
                    repeatable = true;
                }
                '(' => {
                    self.group()?;
                    repeatable = false;
                }
                ')' => {
                    self.out.push(')');
                    if self.open.len() > 1 {
                        let states = self.open.pop().unwrap_or(0);
                        self.atom(states.saturating_add(2));
                    }
                    repeatable = true;
                }
                '|' | '^' => {
                    self.out.push(c);
                    repeatable = false;
                }
                '$' => {
                    self.out.push('$');
                    repeatable = false;
                }
                '*' | '+' | '?' => {
                    if !repeatable {
                        return Err(format!("has a `{c}` with nothing before it to repeat"));
                    }
                    self.out.push(c);
                    self.lazy();
                    self.repeat(1);
                    self.endless += u32::from(c != '?');
                    repeatable = false;
                }
                '{' => match self.counted() {
                    Some((text, most)) => {
                        if !repeatable {
                            return Err("has a `{` with nothing before it to repeat".to_owned());
                        }
                        self.out.push_str(&text);
                        self.lazy();
                        self.repeat(most.times);
                        self.endless += u32::from(most.endless);
                        repeatable = false;
                    }
                    None => {
                        push_char(&mut self.out, '{');
                        self.atom(1);
                        repeatable = true;
                    }
                },
                other => {
                    push_char(&mut self.out, other);
                    self.atom(1);
                    repeatable = true;
                }
            }
        }
        Ok(())
    }

    fn lazy(&mut self) {
        if self.chars.get(self.at) == Some(&'?') {
            self.at += 1;
            self.out.push('?');
        }
    }

    /// `{n}`, `{n,}` or `{n,m}` after an opening brace.
    fn counted(&mut self) -> Option<(String, Repetition)> {
        let len = self.chars[self.at..].iter().take(32).position(|c| *c == '}')?;
        let inner: String = self.chars[self.at..self.at + len].iter().collect();
        let (least, most) = inner.split_once(',').unwrap_or((&inner, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(least) || !(most.is_empty() || digits(most)) {
            return None;
        }
        self.at += len + 1;
        let times = |text: &str| text.parse().unwrap_or(u64::MAX);
        let most = Repetition {
            times: times(least).max(if most.is_empty() { 0 } else { times(most) }),
            endless: most.is_empty(),
        };
        Some((format!("{{{inner}}}"), most))
    }

    fn group(&mut self) -> Result<(), String> {
        self.open.push(0);
        self.out.push('(');
        if self.chars.get(self.at) != Some(&'?') {
            return Ok(());
        }
        match (self.chars.get(self.at + 1), self.chars.get(self.at + 2)) {
            (Some(':'), _) => {
                self.at += 2;
                self.out.push_str("?:");
                Ok(())
            }
            (Some('<'), Some(c)) if !matches!(c, '=' | '!') => {
                self.at += 2;
                let len = self.chars[self.at..]
                    .iter()
                    .position(|c| *c == '>')
                    .ok_or("has an unfinished group name")?;
                let name: String = self.chars[self.at..self.at + len].iter().collect();
                self.at += len + 1;
                let _ = write!(self.out, "?P<{name}>");
                Ok(())
            }
            _ => Err("uses look-around or another extension, which is not supported".to_owned()),
        }
    }

    fn class(&mut self) -> Result<(), String> {
        let start = self.out.len();
        self.class_text()?;
        // Large where it is negated or holds negated escapes or letters beyond ASCII.
        let text = &self.out[start..];
        let large = text.starts_with("[^") || text.contains("{10FFFF}") || !text.is_ascii();
        let ranges = text.len() as u64 / 32;
        self.atom(if large { CLASS + ranges } else { 1 + ranges });
        Ok(())
    }

    fn class_text(&mut self) -> Result<(), String> {
        let negated = self.chars.get(self.at) == Some(&'^');
        self.at += usize::from(negated);
        if self.chars.get(self.at) == Some(&']') {
            self.at += 1;
            self.out.push_str(if negated {
                r"[\x00-\x{10FFFF}]"
            } else {
                r"[^\x00-\x{10FFFF}]"
            });
            return Ok(());
        }
        self.out.push_str(if negated { "[^" } else { "[" });
        loop {
            let low = match self.class_atom()? {
                None => break,
                Some(low) => low,
            };
            let range = self.chars.get(self.at) == Some(&'-')
                && self.chars.get(self.at + 1).is_some_and(|c| *c != ']');
            if !range {
                push_meaning(&mut self.out, &low);
                continue;
            }
            self.at += 1;
            let Some(high) = self.class_atom()? else { break };
            match (&low, &high) {
                (Meaning::Char(low), Meaning::Char(high)) => {
                    if low > high {
                        return Err(format!("has the range {low}-{high}, which is backwards"));
                    }
                    push_char(&mut self.out, *low);
                    self.out.push('-');
                    push_char(&mut self.out, *high);
                }
                _ => {
                    push_meaning(&mut self.out, &low);
                    push_char(&mut self.out, '-');
                    push_meaning(&mut self.out, &high);
                }
            }
        }
        self.out.push(']');
        Ok(())
    }

    fn class_atom(&mut self) -> Result<Option<Meaning>, String> {
        let c = *self
            .chars
            .get(self.at)
            .ok_or("has a character class that is not closed")?;
        self.at += 1;
        match c {
            ']' => Ok(None),
            '\\' => self.escape(PatternContext::Class).map(Some),
            other => Ok(Some(Meaning::Char(other))),
        }
    }

    fn hex(&mut self, len: usize) -> Option<char> {
        let digits: String = self.chars.get(self.at..self.at + len)?.iter().collect();
        let c = u32::from_str_radix(&digits, 16)
            .ok()
            .filter(|_| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
        self.at += len;
        Some(char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn escape(&mut self, place: PatternContext) -> Result<Meaning, String> {
        let c = *self.chars.get(self.at).ok_or("ends with a backslash")?;
        self.at += 1;
        Ok(match c {
            'd' => Meaning::Class("0-9"),
            'D' => Meaning::Class(NOT_DIGIT),
            'w' => Meaning::Class("0-9A-Za-z_"),
            'W' => Meaning::Class(NOT_WORD),
            's' => Meaning::Class(SPACE),
            'S' => Meaning::Class(NOT_SPACE),
            'b' if place == PatternContext::Outside => Meaning::Assertion(r"(?-u:\b)"),
            'B' if place == PatternContext::Outside => Meaning::Assertion(r"(?-u:\B)"),
            'b' => Meaning::Char('\u{8}'),
            'f' => Meaning::Char('\u{c}'),
            'n' => Meaning::Char('\n'),
            'r' => Meaning::Char('\r'),
            't' => Meaning::Char('\t'),
            'v' => Meaning::Char('\u{b}'),
            'c' => match self.chars.get(self.at) {
                Some(letter) if letter.is_ascii_alphabetic() => {
                    self.at += 1;
                    Meaning::Char(char::from(*letter as u8 % 32))
                }
                _ => {
                    self.at -= 1;
                    Meaning::Char('\\')
                }
            },
            'x' => Meaning::Char(self.hex(2).unwrap_or('x')),
            'u' => Meaning::Char(self.hex(4).unwrap_or('u')),
            '0'..='9' => self.number(c, place)?,
            'k' if place == PatternContext::Outside && self.chars.get(self.at) == Some(&'<') => {
                return Err("refers back to a group, which is not supported".to_owned());
            }
            other => Meaning::Char(other),
        })
    }

    /// An escaped number: a reference to an earlier group, or an octal character.
    fn number(&mut self, first: char, place: PatternContext) -> Result<Meaning, String> {
        let digit = first.to_digit(10).unwrap_or(0);
        if place == PatternContext::Outside && digit > 0 && digit as usize <= self.groups {
            return Err("refers back to a group, which is not supported".to_owned());
        }
        if digit >= 8 {
            return Ok(Meaning::Char(first));
        }
        let mut value = digit;
        for _ in 0..2 {
            match self.chars.get(self.at).and_then(|c| c.to_digit(8)) {
                Some(next) if value * 8 + next < 256 => {
                    value = value * 8 + next;
                    self.at += 1;
                }
                _ => break,
            }
        }
        Ok(Meaning::Char(char::from_u32(value).unwrap_or('\0')))
    }
}

/// The upper bound of a quantifier.
struct Repetition {
    times: u64,
    endless: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum PatternContext {
    Outside,
    Class,
}

fn push_meaning(out: &mut String, meaning: &Meaning) {
    match meaning {
        Meaning::Char(c) => push_char(out, *c),
        Meaning::Class(text) | Meaning::Assertion(text) => out.push_str(text),
    }
}

/// A literal character, escaped so that it means only itself inside and outside classes.
fn push_char(out: &mut String, c: char) {
    if c.is_ascii_alphanumeric() || (!c.is_ascii() && !c.is_control()) {
        out.push(c);
    } else {
        let _ = write!(out, r"\x{{{:X}}}", u32::from(c));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        regex::Regex::new(&translate(pattern, Dot::Line).unwrap().text)
            .unwrap()
            .is_match(text)
    }

    #[test]
    fn javascript_patterns_keep_their_meaning() {
        assert!(matches(r"^\d+$", "123"));
        assert!(!matches(r"^\d+$", "١٢٣"));
        assert!(matches(r"[a&&b]", "&"));
        assert!(matches(r"[[]", "["));
        assert!(matches(r"a{,2}", "a{,2}"));
        assert!(matches(r"\s", "\u{feff}"));
        assert!(matches(r"[\s\S]", "x"));
        assert!(matches(r"\x41\u0042", "AB"));
        assert!(!matches("a.b", "a\nb"));
        assert!(!matches("a.b", "a\rb"));
        assert!(!matches("[]", "a"));
    }

    #[test]
    fn what_cannot_be_done_in_linear_time_is_refused() {
        for pattern in [r"(a)\1", "a(?=b)", "(?<!a)b", "*", "a**"] {
            assert!(translate(pattern, Dot::Line).is_err(), "{pattern}");
        }
    }

    #[test]
    fn states_are_counted_with_their_repetitions() {
        let states = |pattern: &str| translate(pattern, Dot::Line).unwrap().states;
        assert!(states("abc") <= 4);
        assert!(states("(a{100}){100}") >= 10_000);
        assert!(states("(((a{9}){9}){9}){9}") >= 6_561);
        assert!(states("a{9999999999999999999999}") > 1 << 40);
        let scans = |pattern: &str| translate(pattern, Dot::Line).unwrap().scans;
        for pattern in ["abc", r"\s+", "[a-z]*", "a{2,5}b"] {
            assert_eq!(scans(pattern), Scans::Match, "{pattern}");
        }
        for pattern in ["(a|b)*c", ".*[^A-Z]|[A-Z]", "a+b{3,}"] {
            assert_eq!(scans(pattern), Scans::Ahead, "{pattern}");
        }
    }
}
