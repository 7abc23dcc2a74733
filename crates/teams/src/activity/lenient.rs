//! Replaces what is valid JSON grammar but rejected by `serde_json`: very deep nesting, lone surrogates, numbers beyond
//! the range of `f64`. Nothing that the bot reads looks like that, so the rest of the activity can be used.

use serde::de::IgnoredAny;

/// Nesting levels that are kept. What the bot reads is nested five deep at most; the parser's limit is 128.
const DEEPEST: usize = 100;
/// U+FFFD, the replacement character, as a JSON escape.
const REPLACEMENT: &[u8] = b"\\ufffd";

/// The JSON with `null` for values nested too deeply and numbers out of range, and U+FFFD for lone surrogates; `None`
/// if the input is not JSON.
pub(super) fn sanitized(text: &[u8]) -> Option<Vec<u8>> {
    // Checks the grammar without recursion and without looking into strings.
    serde_json::from_slice::<IgnoredAny>(text).ok()?;
    let mut sanitizer = Sanitizer {
        rest: text,
        out: Vec::with_capacity(text.len()),
        depth: 0,
    };
    while let Some((first, _)) = sanitizer.rest.split_first() {
        match first {
            b'"' => sanitizer.string(),
            b'-' | b'0'..=b'9' => sanitizer.number(),
            b'[' | b'{' => {
                sanitizer.depth += 1;
                let keep = sanitizer.depth <= DEEPEST;
                if sanitizer.depth == DEEPEST + 1 {
                    sanitizer.out.extend_from_slice(b"null");
                }
                sanitizer.step(1, keep);
            }
            b']' | b'}' => {
                let keep = sanitizer.depth <= DEEPEST;
                sanitizer.depth = sanitizer.depth.saturating_sub(1);
                sanitizer.step(1, keep);
            }
            _ => {
                let keep = sanitizer.depth <= DEEPEST;
                sanitizer.step(1, keep);
            }
        }
    }
    Some(sanitizer.out)
}

struct Sanitizer<'a> {
    rest: &'a [u8],
    out: Vec<u8>,
    depth: usize,
}

impl Sanitizer<'_> {
    /// Consumes bytes, and copies them to the output if they are kept.
    fn step(&mut self, bytes: usize, keep: bool) {
        let (passed, rest) = self.rest.split_at(bytes.min(self.rest.len()));
        if keep {
            self.out.extend_from_slice(passed);
        }
        self.rest = rest;
    }

    fn number(&mut self) {
        let keep = self.depth <= DEEPEST;
        let end = self
            .rest
            .iter()
            .position(|byte| !matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'));
        let (number, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        let value: Option<f64> = std::str::from_utf8(number)
            .ok()
            .and_then(|text| text.parse().ok());
        let fits = value.is_some_and(f64::is_finite);
        if keep {
            self.out.extend_from_slice(if fits { number } else { b"null" });
        }
        self.rest = rest;
    }

    fn string(&mut self) {
        let keep = self.depth <= DEEPEST;
        self.step(1, keep);
        while let Some(first) = self.rest.first() {
            match first {
                b'"' => return self.step(1, keep),
                b'\\' => match surrogate(self.rest) {
                    None => self.step(2, keep),
                    Some(SurrogateHalf::First)
                        if surrogate(&self.rest[6..]) == Some(SurrogateHalf::Second) =>
                    {
                        self.step(12, keep)
                    }
                    Some(_) => {
                        if keep {
                            self.out.extend_from_slice(REPLACEMENT);
                        }
                        self.step(6, false);
                    }
                },
                _ => self.step(1, keep),
            }
        }
    }
}

/// Which half of a surrogate pair an escape is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SurrogateHalf {
    First,
    Second,
}

/// The surrogate escape that the text begins with, if it begins with one.
fn surrogate(text: &[u8]) -> Option<SurrogateHalf> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    let unit = u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    match unit {
        0xD800..=0xDBFF => Some(SurrogateHalf::First),
        0xDC00..=0xDFFF => Some(SurrogateHalf::Second),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn read(text: &str) -> Value {
        serde_json::from_slice(&sanitized(text.as_bytes()).unwrap()).unwrap()
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
            assert_eq!(sanitized(text.as_bytes()), None, "{:.20}", text);
        }
    }

    proptest! {
        #[test]
        fn what_the_parser_takes_stays_as_it_is(text in "\\PC*", number in any::<f64>(), list in prop::collection::vec(any::<i64>(), 0..5)) {
            let value = serde_json::json!({ "text": text, "number": number, "list": [{ "x": list }], "\"": null });
            let written = value.to_string();
            prop_assert_eq!(sanitized(written.as_bytes()), Some(written.into_bytes()));
        }
    }
}
