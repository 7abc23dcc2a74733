//! Base64, data URIs, bytes and percent-encoding.

use super::{Call, Check, Function, Run, Types, Verify, strings::text};
use crate::eval::Outcome;
use crate::value::Val;

const S: Types = Types::STRING;
const O: Types = Types::OBJECT;
const ONE: Check = Check::any(1);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "base64",
        S,
        ONE,
        Run::Eager(Verify::Nothing, |c, v| match &v[0] {
            Val::String(s) => made(c, encode(s.as_bytes())),
            Val::Bytes(bytes) => made(c, encode(String::from_utf8_lossy(bytes).as_bytes())),
            _ => Ok(Val::Undefined),
        }),
    ),
    Function::new(
        "base64ToString",
        S,
        ONE,
        Run::Eager(Verify::String, |c, v| made(c, latin1(&decode(text(&v[0]))))),
    ),
    Function::new(
        "base64ToBinary",
        O,
        ONE,
        Run::Eager(Verify::String, |c, v| bytes(c, &latin1(&decode(text(&v[0]))))),
    ),
    Function::new(
        "binary",
        O,
        ONE,
        Run::Eager(Verify::String, |c, v| bytes(c, text(&v[0]))),
    ),
    Function::new(
        "dataUri",
        S,
        ONE,
        Run::Eager(Verify::String, |c, v| {
            made(
                c,
                format!(
                    "data:text/plain;charset=utf-8;base64,{}",
                    encode(text(&v[0]).as_bytes())
                ),
            )
        }),
    ),
    Function::new(
        "dataUriToString",
        S,
        ONE,
        Run::Eager(Verify::String, |c, v| {
            let uri = text(&v[0]);
            made(
                c,
                latin1(&decode(uri.split_once(',').map_or(uri, |(_, data)| data))),
            )
        }),
    ),
    Function::new(
        "dataUriToBinary",
        O,
        ONE,
        Run::Eager(Verify::String, |c, v| bytes(c, text(&v[0]))),
    ),
    Function::new(
        "uriComponent",
        S,
        ONE,
        Run::Eager(Verify::String, |c, v| made(c, percent_encode(text(&v[0])))),
    ),
    Function::new(
        "uriComponentToString",
        S,
        ONE,
        Run::Eager(Verify::String, |c, v| match percent_decode(text(&v[0])) {
            Some(decoded) => made(c, decoded),
            None => c.fail("the string has a % that is not followed by two hexadecimal digits of UTF-8"),
        }),
    ),
];

/// A result that is at most three times as long as its argument, so that it needs no check in advance.
fn made<'d>(call: &Call<'_, 'd>, text: String) -> Outcome<'d> {
    call.text(text)
}

fn bytes<'d>(call: &Call<'_, 'd>, text: &str) -> Outcome<'d> {
    call.budget().binary(text.as_bytes())
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(super) fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let three = chunk.iter().fold(0u32, |n, b| n << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            if at <= chunk.len() {
                out.push(char::from(ALPHABET[(three >> (18 - 6 * at) & 63) as usize]));
            } else {
                out.push('=');
            }
        }
    }
    out
}

/// Decodes leniently: both alphabets, padding optional, other characters skipped.
fn decode(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0);
    for c in text.bytes() {
        let six = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            _ => continue,
        };
        bits = bits << 6 | u32::from(six);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    out
}

/// Decodes as Latin-1, as the reference does.
fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|&b| char::from(b)).collect()
}

fn percent_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for b in text.bytes() {
        if b.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&b) {
            out.push(char::from(b));
        } else {
            const HEX: &[u8; 16] = b"0123456789ABCDEF";
            out.push('%');
            out.push(char::from(HEX[usize::from(b >> 4)]));
            out.push(char::from(HEX[usize::from(b & 15)]));
        }
    }
    out
}

fn percent_decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(b) = bytes.next() {
        if b == b'%' {
            let high = char::from(bytes.next()?).to_digit(16)?;
            let low = char::from(bytes.next()?).to_digit(16)?;
            out.push((high * 16 + low) as u8);
        } else {
            out.push(b);
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_round_trips_and_is_lenient() {
        for text in ["", "a", "ab", "abc", "héllo"] {
            assert_eq!(decode(&encode(text.as_bytes())), text.as_bytes());
        }
        assert_eq!(decode("aGVs bG8"), b"hello");
    }
}
