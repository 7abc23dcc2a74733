//! The lexer. Longest match; the quirks of strings and `%` identifiers are the reference's.

use super::SyntaxError;
use super::interpolation::{self, Close};
use std::borrow::Cow;

/// An operator or bracket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Equal,
    NotEqual,
    Differs,
    LessOrEqual,
    GreaterOrEqual,
    And,
    Or,
    Arrow,
    Coalesce,
    Plus,
    Minus,
    Bang,
    Caret,
    Star,
    Slash,
    Percent,
    Join,
    Less,
    Greater,
    Open,
    Close,
    Dot,
    OpenBracket,
    CloseBracket,
    OpenBrace,
    CloseBrace,
    Comma,
    Colon,
    Question,
}

impl Op {
    /// Its spelling, which is also the name of the function that it calls.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Op::Equal => "==",
            Op::NotEqual => "!=",
            Op::Differs => "<>",
            Op::LessOrEqual => "<=",
            Op::GreaterOrEqual => ">=",
            Op::And => "&&",
            Op::Or => "||",
            Op::Arrow => "=>",
            Op::Coalesce => "??",
            Op::Plus => "+",
            Op::Minus => "-",
            Op::Bang => "!",
            Op::Caret => "^",
            Op::Star => "*",
            Op::Slash => "/",
            Op::Percent => "%",
            Op::Join => "&",
            Op::Less => "<",
            Op::Greater => ">",
            Op::Open => "(",
            Op::Close => ")",
            Op::Dot => ".",
            Op::OpenBracket => "[",
            Op::CloseBracket => "]",
            Op::OpenBrace => "{",
            Op::CloseBrace => "}",
            Op::Comma => ",",
            Op::Colon => ":",
            Op::Question => "?",
        }
    }

    /// The operator that `text` begins with; of two the longer.
    fn at_start(text: &[u8]) -> Option<Self> {
        Some(match text {
            [b'=', b'=', ..] => Op::Equal,
            [b'!', b'=', ..] => Op::NotEqual,
            [b'<', b'>', ..] => Op::Differs,
            [b'<', b'=', ..] => Op::LessOrEqual,
            [b'>', b'=', ..] => Op::GreaterOrEqual,
            [b'&', b'&', ..] => Op::And,
            [b'|', b'|', ..] => Op::Or,
            [b'=', b'>', ..] => Op::Arrow,
            [b'?', b'?', ..] => Op::Coalesce,
            [b'+', ..] => Op::Plus,
            [b'-', ..] => Op::Minus,
            [b'!', ..] => Op::Bang,
            [b'^', ..] => Op::Caret,
            [b'*', ..] => Op::Star,
            [b'/', ..] => Op::Slash,
            [b'%', ..] => Op::Percent,
            [b'&', ..] => Op::Join,
            [b'<', ..] => Op::Less,
            [b'>', ..] => Op::Greater,
            [b'(', ..] => Op::Open,
            [b')', ..] => Op::Close,
            [b'.', ..] => Op::Dot,
            [b'[', ..] => Op::OpenBracket,
            [b']', ..] => Op::CloseBracket,
            [b'{', ..] => Op::OpenBrace,
            [b'}', ..] => Op::CloseBrace,
            [b',', ..] => Op::Comma,
            [b':', ..] => Op::Colon,
            [b'?', ..] => Op::Question,
            _ => return None,
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    Op(Op),
    Number,
    Ident,
    String,
    /// A backtick string, both backticks included.
    Interpolated,
    End,
}

/// A token, as byte offsets of the whole text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Appends the tokens of `text[from..to]`, the last being [`TokenKind::End`].
pub(super) fn lex(text: &str, from: usize, to: usize, out: &mut Vec<Token>) -> Result<(), SyntaxError> {
    let text = text.get(..to).unwrap_or(text);
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(&first) = bytes.get(at) {
        let start = at;
        let kind = match first {
            b' ' | b'\t' | b'\n' => {
                at += 1;
                continue;
            }
            b'\r' if bytes.get(at + 1) == Some(&b'\n') => {
                at += 2;
                continue;
            }
            b'0'..=b'9' => {
                at = number_end(bytes, at);
                TokenKind::Number
            }
            b'\'' | b'"' => {
                at = string_end(text, at, |_| {}).ok_or_else(|| {
                    let c = char::from(first);
                    SyntaxError::new(
                        start,
                        format!("this string has no closing {c}: expected {c} before the end"),
                    )
                })?;
                TokenKind::String
            }
            b'`' => {
                at = interpolation::parts(text, at + 1, Close::Backtick, |_| Ok(()))?;
                TokenKind::Interpolated
            }
            _ => match (ident_end(text, at), Op::at_start(&bytes[at..])) {
                (Some(end), _) => {
                    at = end;
                    TokenKind::Ident
                }
                (None, Some(op)) => {
                    at += op.text().len();
                    TokenKind::Op(op)
                }
                (None, None) => match text[at..].chars().next() {
                    Some('\u{feff}' | '\u{a0}') => {
                        at += if first == 0xc2 { 2 } else { 3 };
                        continue;
                    }
                    c => return Err(stray(c.unwrap_or(char::REPLACEMENT_CHARACTER), start)),
                },
            },
        };
        out.push(Token { kind, start, end: at });
    }
    out.push(Token {
        kind: TokenKind::End,
        start: text.len(),
        end: text.len(),
    });
    Ok(())
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

/// The end of the identifier at `at`, if one starts there. The longest match wins: `%3` is a
/// name, `%` alone is the operator.
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

/// Where the string literal at `start` ends: a backslash keeps the next quote inside unless no other quote
/// follows. `others` is called with the other possible ends, in order.
pub(super) fn string_end(text: &str, start: usize, others: impl FnMut(usize)) -> Option<usize> {
    string_span(text, start, others).0
}

/// The same, with the offset up to which the text was scanned.
pub(super) fn string_span(text: &str, start: usize, mut others: impl FnMut(usize)) -> (Option<usize>, usize) {
    let bytes = text.as_bytes();
    let Some(&quote) = bytes.get(start) else {
        return (None, start);
    };
    let mut at = start + 1;
    let mut best = None;
    while let Some(&b) = bytes.get(at) {
        let escapes = b == b'\\'
            && bytes
                .get(at + 1)
                .is_some_and(|next| *next == quote || *next == b'\\');
        let ends = if escapes {
            bytes[at + 1] == quote
        } else {
            b == quote
        };
        at += if escapes { 2 } else { 1 };
        if ends {
            if let Some(other) = best.replace(at) {
                others(other);
            }
            if !escapes {
                break;
            }
        }
    }
    (best, at)
}

/// The value of a string literal, quotes included in `literal`.
pub(super) fn string_value(literal: &str) -> Cow<'_, str> {
    if !literal.contains('\\') {
        return Cow::Borrowed(&literal[1..literal.len() - 1]);
    }
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
    Cow::Owned(out)
}
