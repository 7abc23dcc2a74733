//! A strict JSON parser that borrows strings, limits nesting, and reports the position and what was expected.

use super::plain::plain_len;
use super::position::Position;
use super::{Json, order};
use std::borrow::Cow;

/// The deepest nesting that is read, in templates and in data.
pub const MAX_DEPTH: usize = 128;

/// Why a text is not a JSON document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct JsonError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What was found and what was expected.
    pub message: String,
}

/// The result of reading a part; boxed, as errors are rare and large.
type ParseResult<T> = Result<T, Box<JsonError>>;

pub(super) fn parse(text: &str) -> Result<Json<'_>, JsonError> {
    document(text).map_err(|error| *error)
}

fn document(text: &str) -> ParseResult<Json<'_>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: 0,
        items: Vec::with_capacity(16),
        properties: Vec::with_capacity(16),
    };
    reader.space();
    let value = reader.value(0)?;
    reader.space();
    if reader.at < reader.bytes.len() {
        return Err(reader.unexpected("the end of the document"));
    }
    Ok(value)
}

/// The text before byte `at`, or before the character that contains it.
pub(crate) fn up_to(text: &str, at: usize) -> &str {
    let mut end = at.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    /// The items of the arrays that are open, so that each list is allocated once, as long as it is.
    items: Vec<Json<'a>>,
    /// The same for the properties of objects.
    properties: Vec<(Cow<'a, str>, Json<'a>)>,
}

impl<'a> Reader<'a> {
    #[cold]
    fn error_at(&self, at: usize, message: String) -> Box<JsonError> {
        let Position { line, column } = Position::of(self.text, at);
        Box::new(JsonError {
            line,
            column,
            message,
        })
    }

    #[cold]
    fn unexpected(&self, expected: &str) -> Box<JsonError> {
        let found = match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some('\0' | char::REPLACEMENT_CHARACTER) => {
                "a part of UTF-16 or another encoding than UTF-8".to_owned()
            }
            Some(c) => format!("`{}`", c.escape_default()),
            None => "the end of the text".to_owned(),
        };
        self.error_at(self.at, format!("found {found}, expected {expected}"))
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.bytes.get(self.at) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> ParseResult<Json<'a>> {
        match self.bytes.get(self.at) {
            Some(b'"') => {
                self.at += 1;
                Ok(Json::String(self.string()?))
            }
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Json::Bool(true)),
            Some(b'f') => self.word("false", Json::Bool(false)),
            Some(b'n') => self.word("null", Json::Null),
            _ => Err(self.unexpected("a JSON value")),
        }
    }

    fn word(&mut self, word: &str, value: Json<'a>) -> ParseResult<Json<'a>> {
        if self.text[self.at..].starts_with(word) {
            self.at += word.len();
            Ok(value)
        } else {
            Err(self.unexpected(&format!("`{word}`")))
        }
    }

    fn deeper(&self, depth: usize) -> ParseResult<()> {
        if depth < MAX_DEPTH {
            Ok(())
        } else {
            Err(self.error_at(self.at, format!("nested deeper than {MAX_DEPTH} levels")))
        }
    }

    fn array(&mut self, depth: usize) -> ParseResult<Json<'a>> {
        self.deeper(depth)?;
        self.at += 1;
        let first = self.items.len();
        self.space();
        if self.bytes.get(self.at) == Some(&b']') {
            self.at += 1;
            return Ok(Json::Array(Vec::new()));
        }
        loop {
            self.space();
            let item = self.value(depth + 1)?;
            self.items.push(item);
            self.space();
            match self.bytes.get(self.at) {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Json::Array(self.items.split_off(first)));
                }
                _ => return Err(self.unexpected("`,` or `]`")),
            }
        }
    }

    fn object(&mut self, depth: usize) -> ParseResult<Json<'a>> {
        self.deeper(depth)?;
        self.at += 1;
        let first = self.properties.len();
        self.space();
        if self.bytes.get(self.at) == Some(&b'}') {
            self.at += 1;
            return Ok(Json::Object(Vec::new()));
        }
        loop {
            self.space();
            if self.bytes.get(self.at) != Some(&b'"') {
                return Err(self.unexpected("a property name in double quotes"));
            }
            self.at += 1;
            let key = self.string()?;
            self.space();
            if self.bytes.get(self.at) != Some(&b':') {
                return Err(self.unexpected("`:`"));
            }
            self.at += 1;
            self.space();
            let value = self.value(depth + 1)?;
            self.properties.push((key, value));
            self.space();
            match self.bytes.get(self.at) {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    let mut properties = self.properties.split_off(first);
                    order::normalise(&mut properties);
                    return Ok(Json::Object(properties));
                }
                _ => return Err(self.unexpected("`,` or `}`")),
            }
        }
    }

    fn number(&mut self) -> ParseResult<Json<'a>> {
        let start = self.at;
        let negative = self.bytes[self.at] == b'-';
        self.at += usize::from(negative);
        let whole = self.digits()?;
        if whole > 1 && self.bytes[self.at - whole] == b'0' {
            self.at -= whole - 1;
            return Err(self.unexpected("a number without leading zeros"));
        }
        let mut plain = whole < 16;
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
            plain = false;
        }
        if let Some(b'e' | b'E') = self.bytes.get(self.at) {
            self.at += 1;
            if let Some(b'+' | b'-') = self.bytes.get(self.at) {
                self.at += 1;
            }
            self.digits()?;
            plain = false;
        }
        let text = &self.text[start..self.at];
        if plain {
            let digits = &self.bytes[start + usize::from(negative)..self.at];
            let n = digits.iter().fold(0u64, |n, b| n * 10 + u64::from(b - b'0')) as f64;
            return Ok(Json::Number(if negative { -n } else { n }));
        }
        text.parse()
            .map(Json::Number)
            .map_err(|_| self.error_at(start, "not a number".to_owned()))
    }

    fn digits(&mut self) -> ParseResult<usize> {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        if self.at == start {
            Err(self.unexpected("a digit"))
        } else {
            Ok(self.at - start)
        }
    }

    /// Reads the rest of a string, after its opening quote.
    fn string(&mut self) -> ParseResult<Cow<'a, str>> {
        let start = self.at;
        self.at += plain_len(&self.bytes[start..]);
        match self.bytes.get(self.at) {
            Some(b'"') => {
                let text = &self.text[start..self.at];
                self.at += 1;
                Ok(Cow::Borrowed(text))
            }
            Some(b'\\') => self.escaped(start).map(Cow::Owned),
            Some(_) => Err(self.unexpected("no raw control character in a string")),
            None => Err(self.error_at(start - 1, "this string has no closing quote".to_owned())),
        }
    }

    fn escaped(&mut self, start: usize) -> ParseResult<String> {
        let mut out = String::with_capacity(self.at - start + 16);
        let mut from = start;
        loop {
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    out.push_str(&self.text[from..self.at]);
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => {
                    out.push_str(&self.text[from..self.at]);
                    self.at += 1;
                    self.escape(&mut out)?;
                    from = self.at;
                }
                Some(0..0x20) => return Err(self.unexpected("no raw control character in a string")),
                Some(_) => self.at += plain_len(&self.bytes[self.at..]),
                None => return Err(self.error_at(start - 1, "this string has no closing quote".to_owned())),
            }
        }
    }

    fn escape(&mut self, out: &mut String) -> ParseResult<()> {
        let c = match self.bytes.get(self.at) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                let c = self.unicode()?;
                out.push(c);
                return Ok(());
            }
            _ => return Err(self.unexpected("one of \" \\ / b f n r t u after the backslash")),
        };
        self.at += 1;
        out.push(c);
        Ok(())
    }

    fn unicode(&mut self) -> ParseResult<char> {
        let unit = self.hex4()?;
        if !(0xd800..0xdc00).contains(&unit) {
            return Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        if self.text[self.at..].starts_with("\\u") {
            let back = self.at;
            self.at += 2;
            let low = self.hex4()?;
            if (0xdc00..0xe000).contains(&low) {
                let c = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                return Ok(char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = back;
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn hex4(&mut self) -> ParseResult<u32> {
        let mut unit = 0;
        for _ in 0..4 {
            match self.bytes.get(self.at).and_then(|&b| char::from(b).to_digit(16)) {
                Some(digit) => unit = unit * 16 + digit,
                None => return Err(self.unexpected("four hexadecimal digits after \\u")),
            }
            self.at += 1;
        }
        Ok(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for text in [
            r#"{"a":[1,-2.5,1e+21,true,null,"x\ny"],"b":{}}"#,
            "[]",
            "\"\\\"\"",
            "0.1",
        ] {
            assert_eq!(Json::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn keys_keep_the_order_of_javascript() {
        let json = Json::parse(r#"{"b":1,"10":2,"2":3,"a":4,"b":5}"#).unwrap();
        assert_eq!(json.to_string(), r#"{"2":3,"10":2,"b":5,"a":4}"#);
    }

    #[test]
    fn says_where_and_what() {
        let error = Json::parse("{\n  \"a\": 1,\n  b: 2}").unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 3, column 3: found `b`, expected a property name in double quotes"
        );
        assert!(
            Json::parse("[1,]")
                .unwrap_err()
                .message
                .contains("expected a JSON value")
        );
        assert!(
            Json::parse(&"[".repeat(100_000))
                .unwrap_err()
                .message
                .contains("nested deeper")
        );
    }

    #[test]
    fn surrogates_join_or_are_replaced() {
        assert_eq!(
            Json::parse(r#""\ud83d\ude00 \ud83d""#).unwrap().as_str(),
            Some("😀 \u{fffd}")
        );
    }
}
