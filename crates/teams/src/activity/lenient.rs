//! JSON that is JSON but more than the parser takes: nested very deeply, halves of surrogate pairs, numbers beyond a
//! float. Nothing that the bot needs looks so, so such parts are replaced, and the rest is read. No parsing here.

use serde::de::IgnoredAny;

/// Levels that are kept. What the bot reads lies five deep at most; the parser gives up at 128.
const DEEPEST: usize = 100;
/// U+FFFD, as a decoder writes what is no character.
const REPLACEMENT: &[u8] = b"\\ufffd";

/// The text with `null` for what is nested too deeply or too large a number, and U+FFFD for lone surrogates; `None` if
/// it is no JSON.
pub(super) fn mended(text: &[u8]) -> Option<Vec<u8>> {
    // Checks the grammar without recursion and without looking into strings.
    serde_json::from_slice::<IgnoredAny>(text).ok()?;
    let mut mending = Mending {
        rest: text,
        out: Vec::with_capacity(text.len()),
        depth: 0,
    };
    while let Some((first, _)) = mending.rest.split_first() {
        match first {
            b'"' => mending.string(),
            b'-' | b'0'..=b'9' => mending.number(),
            b'[' | b'{' => {
                mending.depth += 1;
                let kept = mending.depth <= DEEPEST;
                if mending.depth == DEEPEST + 1 {
                    mending.out.extend_from_slice(b"null");
                }
                mending.step(1, kept);
            }
            b']' | b'}' => {
                let kept = mending.depth <= DEEPEST;
                mending.depth = mending.depth.saturating_sub(1);
                mending.step(1, kept);
            }
            _ => {
                let kept = mending.depth <= DEEPEST;
                mending.step(1, kept);
            }
        }
    }
    Some(mending.out)
}

struct Mending<'a> {
    rest: &'a [u8],
    out: Vec<u8>,
    depth: usize,
}

impl Mending<'_> {
    /// Goes on by so many bytes.
    fn step(&mut self, bytes: usize, kept: bool) {
        let (passed, rest) = self.rest.split_at(bytes.min(self.rest.len()));
        if kept {
            self.out.extend_from_slice(passed);
        }
        self.rest = rest;
    }

    fn number(&mut self) {
        let kept = self.depth <= DEEPEST;
        let end = self
            .rest
            .iter()
            .position(|byte| !matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'));
        let (number, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        let value: Option<f64> = std::str::from_utf8(number)
            .ok()
            .and_then(|text| text.parse().ok());
        let fits = value.is_some_and(f64::is_finite);
        if kept {
            self.out.extend_from_slice(if fits { number } else { b"null" });
        }
        self.rest = rest;
    }

    fn string(&mut self) {
        let kept = self.depth <= DEEPEST;
        self.step(1, kept);
        while let Some(first) = self.rest.first() {
            match first {
                b'"' => return self.step(1, kept),
                b'\\' => match surrogate(self.rest) {
                    None => self.step(2, kept),
                    Some(Half::First) if surrogate(&self.rest[6..]) == Some(Half::Second) => {
                        self.step(12, kept)
                    }
                    Some(_) => {
                        if kept {
                            self.out.extend_from_slice(REPLACEMENT);
                        }
                        self.step(6, false);
                    }
                },
                _ => self.step(1, kept),
            }
        }
    }
}

/// Which half of a pair an escape is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    First,
    Second,
}

/// The half that the text begins with, if it begins with one.
fn surrogate(text: &[u8]) -> Option<Half> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    let unit = u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    match unit {
        0xD800..=0xDBFF => Some(Half::First),
        0xDC00..=0xDFFF => Some(Half::Second),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn read(text: &str) -> Value {
        serde_json::from_slice(&mended(text.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn lone_halves_become_replacement_characters_and_pairs_stay() {
        let text = r#"{"a":"x\ud800y","b":"\udc00","c":"\ud83d\udd25","d":"\ud800\ud83d\udd25","e":"\\ud800","\udfff":1}"#;
        let value = read(text);
        assert_eq!(value["a"], "x\u{fffd}y");
        assert_eq!(value["b"], "\u{fffd}");
        assert_eq!(value["c"], "\u{1f525}");
        assert_eq!(value["d"], "\u{fffd}\u{1f525}");
        assert_eq!(value["e"], "\\ud800");
        assert_eq!(value["\u{fffd}"], 1);
    }

    #[test]
    fn what_is_too_deep_or_too_large_becomes_null_and_the_rest_stays() {
        let deep = format!(
            "{}[\"]\",1]{}",
            "{\"a\":[".repeat(60_000 / 6),
            "]}".repeat(60_000 / 6)
        );
        let value = read(&format!(
            r#"{{"before":1,"deep":{deep},"big":1e999,"small":-1.5e-3,"after":[{{}},2]}}"#
        ));
        assert_eq!((&value["before"], &value["after"][1]), (&1.into(), &2.into()));
        assert_eq!(value["big"], Value::Null);
        assert_eq!(value["small"], -0.0015);
        assert!(value["deep"]["a"][0]["a"].is_array());
    }

    #[test]
    fn what_is_no_json_stays_none() {
        for text in [
            "",
            "{",
            "{\"a\":}",
            "[1,]",
            "\"\\u12\"",
            "{} x",
            "\"\\x\"",
            &"[".repeat(100_000),
        ] {
            assert_eq!(mended(text.as_bytes()), None, "{:.20}", text);
        }
    }

    proptest! {
        #[test]
        fn what_the_parser_takes_stays_as_it_is(text in "\\PC*", number in any::<f64>(), list in prop::collection::vec(any::<i64>(), 0..5)) {
            let value = serde_json::json!({ "text": text, "number": number, "list": [{ "x": list }], "\"": null });
            let written = value.to_string();
            prop_assert_eq!(mended(written.as_bytes()), Some(written.into_bytes()));
        }
    }
}
