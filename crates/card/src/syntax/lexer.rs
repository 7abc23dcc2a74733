//! Text to tokens. Longest match; the quirks of strings and `%` identifiers are the reference's.

use super::SyntaxError;
use super::interpolation::{self, Part};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// An operator or bracket.
    Op(&'static str),
    Number,
    Ident,
    String,
    Interpolated(Vec<Part>),
    End,
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Longer operators before their prefixes.
const OPERATORS: [&str; 32] = [
    "==", "!=", "<>", "<=", ">=", "&&", "||", "=>", "??", "+", "-", "!", "^", "*", "/", "%", "&", "<", ">",
    "(", ")", ".", "[", "]", "{", "}", ",", ":", "?", "=", "|", ";",
];

/// The tokens of `text`, the last being [`Kind::End`]. Offsets count from the start of `text`.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, SyntaxError> {
    let mut out = Vec::with_capacity(text.len() / 3 + 2);
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let start = at;
        let kind = match c {
            ' ' | '\t' | '\u{feff}' | '\u{a0}' | '\n' => {
                at += c.len_utf8();
                continue;
            }
            '\r' if text[at + 1..].starts_with('\n') => {
                at += 2;
                continue;
            }
            '0'..='9' => {
                at = number_end(text.as_bytes(), at);
                Kind::Number
            }
            '\'' | '"' => {
                at = string_ends(text, at).first().copied().ok_or_else(|| {
                    SyntaxError::new(
                        start,
                        format!("this text has no closing {c}: expected {c} before the end"),
                    )
                })?;
                Kind::String
            }
            '`' => {
                let (parts, end) = interpolation::parts(text, at)?;
                at = end;
                Kind::Interpolated(parts)
            }
            _ => match ident_end(text, at) {
                Some(end) => {
                    at = end;
                    Kind::Ident
                }
                None => {
                    let op = OPERATORS.iter().find(|op| text[at..].starts_with(**op));
                    let op = op
                        .filter(|op| !matches!(**op, "=" | "|" | ";"))
                        .ok_or_else(|| stray(c, start))?;
                    at += op.len();
                    Kind::Op(op)
                }
            },
        };
        out.push(Token { kind, start, end: at });
    }
    out.push(Token {
        kind: Kind::End,
        start: text.len(),
        end: text.len(),
    });
    Ok(out)
}

fn stray(c: char, at: usize) -> SyntaxError {
    let hint = match c {
        '=' => "; write == to compare",
        '|' => "; write || for or",
        _ if c.is_alphabetic() => {
            "; names have the letters A to Z, digits and _, others go in brackets: $data['…']"
        }
        _ => "",
    };
    SyntaxError::new(at, format!("unexpected `{c}`{hint}"))
}

fn number_end(bytes: &[u8], start: usize) -> usize {
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let end = start + digits(start);
    if bytes.get(end) == Some(&b'.') {
        let fraction = digits(end + 1);
        if fraction > 0 {
            return end + 1 + fraction;
        }
    }
    end
}

/// The end of the identifier at `at`, if one starts there. `%` wins over the operator when name characters follow or not, as
/// the longest match: `%3` is a name, `%` alone is the operator.
pub(super) fn ident_end(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut end = match bytes.get(at)? {
        b'@' if bytes.get(at + 1) == Some(&b'@') => at + 2,
        b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'#' | b'@' | b'$' | b'%' => at + 1,
        _ => return None,
    };
    while bytes
        .get(end)
        .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
    {
        end += 1;
    }
    if &text[at..end] == "%" { None } else { Some(end) }
}

/// Where the string literal at `start` may end, best first: a backslash keeps the next quote inside unless
/// no other quote follows.
pub(super) fn string_ends(text: &str, start: usize) -> Vec<usize> {
    let bytes = text.as_bytes();
    let quote = bytes[start];
    let mut at = start + 1;
    let mut fallback = Vec::new();
    while let Some(&b) = bytes.get(at) {
        if b == b'\\'
            && bytes
                .get(at + 1)
                .is_some_and(|next| *next == quote || *next == b'\\')
        {
            if bytes[at + 1] == quote {
                fallback.push(at + 2);
            }
            at += 2;
        } else if b == quote {
            fallback.push(at + 1);
            break;
        } else {
            at += 1;
        }
    }
    fallback.reverse();
    fallback
}

/// The value of a string literal, quotes included in `literal`.
pub(super) fn string_value(literal: &str) -> String {
    let quote = if literal.starts_with('"') { "\\\"" } else { "\\'" };
    let inner = literal[1..literal.len() - 1].replace(quote, &quote[1..]);
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.peek() {
            Some('r') => out.push('\r'),
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('\\') => out.push('\\'),
            Some('\r' | '\n') | None => {
                out.push('\\');
                continue;
            }
            Some(other) => out.extend(['\\', *other]),
        }
        chars.next();
    }
    out
}
