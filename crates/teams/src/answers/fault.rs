//! The bodies of refusals, in the four shapes that come: the standard `error` object, a bare `message`, an `errorCode`
//! with JSON as text inside `message`, and what is no JSON at all (empty, or a gateway's HTML).

use serde_json::{Map, Value};
use std::sync::Arc;

/// As much of a body as is searched, bytes.
const SEARCHED: usize = 16 * 1024;
/// Longest code that a report keeps, bytes.
const LONGEST: usize = 64;
/// JSON inside JSON inside …: Teams does it once.
const DEEPEST: u8 = 4;

/// What a body says.
#[derive(Debug, Default)]
pub(super) struct Fault {
    codes: Vec<String>,
    /// `errorCode`.
    pub(super) number: Option<u64>,
    sub_code: Option<String>,
    words: String,
}

impl Fault {
    pub(super) fn read(body: &[u8]) -> Self {
        let mut fault = Self::default();
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        if let Ok(Value::Object(object)) = serde_json::from_slice(body) {
            fault.object(&object, 0);
        }
        let searched = &body[..body.len().min(SEARCHED)];
        fault.words = String::from_utf8_lossy(searched).to_ascii_lowercase();
        fault
    }

    /// Whether a code or the sub-code is this one.
    pub(super) fn names(&self, code: &str) -> bool {
        self.codes
            .iter()
            .chain(&self.sub_code)
            .any(|named| named.eq_ignore_ascii_case(code))
    }

    /// Whether the words (lower-case) stand anywhere in the body.
    pub(super) fn says(&self, words: &str) -> bool {
        self.words.contains(words)
    }

    /// Whether there is any code.
    pub(super) fn has_code(&self) -> bool {
        !self.codes.is_empty() || self.number.is_some() || self.sub_code.is_some()
    }

    /// `code`, `code/subCode` or `subCode`, for the report. The code that decided the answer's meaning is in it, also
    /// where it stood deeper or only in words.
    pub(super) fn code(&self, decisive: Option<&'static str>) -> Option<Arc<str>> {
        let code = self
            .codes
            .first()
            .cloned()
            .or_else(|| self.number.map(|number| number.to_string()));
        let reported = match (code, &self.sub_code) {
            (Some(code), Some(sub)) => Some(format!("{code}/{sub}")),
            (Some(code), None) => Some(code),
            (None, Some(sub)) => Some(sub.clone()),
            (None, None) => None,
        };
        let is_reported = |decisive: &str| {
            reported
                .iter()
                .flat_map(|reported| reported.split('/'))
                .any(|part| part.eq_ignore_ascii_case(decisive))
        };
        match (decisive.filter(|decisive| !is_reported(decisive)), &reported) {
            (Some(decisive), Some(reported)) => Some(format!("{reported}/{decisive}").into()),
            (Some(decisive), None) => Some(decisive.into()),
            (None, _) => reported.map(Arc::from),
        }
    }

    fn object(&mut self, object: &Map<String, Value>, depth: u8) {
        if depth > DEEPEST {
            return;
        }
        for (member, value) in object {
            match (member.to_ascii_lowercase().as_str(), value) {
                ("code", Value::String(code)) => self.codes.extend(plain(code)),
                ("code" | "errorcode", Value::Number(number)) => {
                    self.number = self.number.or(number.as_u64())
                }
                ("errorcode", Value::String(code)) => match code.parse() {
                    Ok(number) => self.number = self.number.or(Some(number)),
                    Err(_) => self.codes.extend(plain(code)),
                },
                ("subcode" | "errorsubcode", Value::String(code)) => {
                    self.sub_code = self.sub_code.take().or_else(|| plain(code));
                }
                ("error", Value::String(code)) => self.codes.extend(plain(code)),
                ("error" | "innererror" | "innerhttperror" | "body", Value::Object(inner)) => {
                    self.object(inner, depth + 1);
                }
                ("message" | "body", Value::String(text)) if text.trim_start().starts_with('{') => {
                    if let Ok(Value::Object(inner)) = serde_json::from_str(text) {
                        self.object(&inner, depth + 1);
                    }
                }
                _ => {}
            }
        }
    }
}

/// A code, not a sentence: reports and logs keep nothing else.
fn plain(code: &str) -> Option<String> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    (!code.is_empty() && code.len() <= LONGEST && code.bytes().all(fits)).then(|| code.to_owned())
}
