//! Error bodies in their four shapes: the standard `error` object, a bare `message`, an `errorCode` with JSON as a
//! string inside `message`, and bodies that are not JSON (empty, or a gateway's HTML).

use serde_json::{Map, Value};
use std::sync::Arc;

/// How much of a body is searched for text, bytes.
const MAX_SEARCHED_BYTES: usize = 16 * 1024;
/// Longest code that a report keeps, bytes.
const LONGEST: usize = 64;
/// Limit for JSON strings nested in JSON; Teams nests once.
const DEEPEST: u8 = 4;

/// The error codes and the text of an error body.
#[derive(Default)]
pub(super) struct Fault {
    codes: Vec<String>,
    /// `errorCode`.
    pub(super) number: Option<u64>,
    sub_code: Option<String>,
    /// Whether the body is an object with a code, not inside `error`.
    pub(super) is_bare: bool,
    body: String,
}

impl Fault {
    pub(super) fn read(body: &[u8]) -> Self {
        let mut fault = Self::default();
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        if let Ok(Value::Object(object)) = serde_json::from_slice(body) {
            fault.is_bare = is_bare(&object);
            fault.object(&object, 0);
        }
        let searched = &body[..body.len().min(MAX_SEARCHED_BYTES)];
        fault.body = String::from_utf8_lossy(searched).to_ascii_lowercase();
        fault
    }

    /// Whether a code or the sub-code is this one.
    pub(super) fn has_code_named(&self, code: &str) -> bool {
        self.codes
            .iter()
            .chain(&self.sub_code)
            .any(|named| named.eq_ignore_ascii_case(code))
    }

    /// Whether the text (lower-case) occurs anywhere in the body.
    pub(super) fn body_contains(&self, body: &str) -> bool {
        self.body.contains(body)
    }

    /// Whether there is any code.
    pub(super) fn has_code(&self) -> bool {
        !self.codes.is_empty() || self.number.is_some() || self.sub_code.is_some()
    }

    /// `code`, `code/subCode` or `subCode`, for the report. The code that matched the row is
    /// included even where it was nested deeper or only in the text.
    pub(super) fn code(&self, matched_code: Option<&'static str>) -> Option<Arc<str>> {
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
        let is_reported = |matched_code: &str| {
            reported
                .iter()
                .flat_map(|reported| reported.split('/'))
                .any(|part| part.eq_ignore_ascii_case(matched_code))
        };
        match (
            matched_code.filter(|matched_code| !is_reported(matched_code)),
            &reported,
        ) {
            (Some(matched_code), Some(reported)) => Some(format!("{reported}/{matched_code}").into()),
            (Some(matched_code), None) => Some(matched_code.into()),
            (None, _) => reported.map(Arc::from),
        }
    }

    fn object(&mut self, object: &Map<String, Value>, depth: u8) {
        if depth > DEEPEST {
            return;
        }
        for (property, value) in object {
            match (property.to_ascii_lowercase().as_str(), value) {
                ("code", Value::String(code)) => self.codes.extend(code_like(code)),
                ("code" | "errorcode", Value::Number(number)) => {
                    self.number = self.number.or(number.as_u64())
                }
                ("errorcode", Value::String(code)) => match code.parse() {
                    Ok(number) => self.number = self.number.or(Some(number)),
                    Err(_) => self.codes.extend(code_like(code)),
                },
                ("subcode" | "errorsubcode", Value::String(code)) => {
                    self.sub_code = self.sub_code.take().or_else(|| code_like(code));
                }
                ("error", Value::String(code)) => self.codes.extend(code_like(code)),
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

fn is_bare(object: &Map<String, Value>) -> bool {
    let has = |property: &str| object.keys().any(|key| key.eq_ignore_ascii_case(property));
    let code = object.iter().find(|(key, _)| key.eq_ignore_ascii_case("code"));
    !has("error") && code.is_some_and(|(_, code)| code.as_str().is_some_and(|code| code_like(code).is_some()))
}

/// Accepts codes, not sentences: reports and logs must not hold text of the body.
fn code_like(code: &str) -> Option<String> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    (!code.is_empty() && code.len() <= LONGEST && code.bytes().all(fits)).then(|| code.to_owned())
}
