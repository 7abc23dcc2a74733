//! One value of `Data` or `Metadata`, with the host's double encoding undone once.
//!
//! The host encodes a string as a JSON string that contains a JSON string literal, scalars and arrays as JSON strings
//! of their JSON, objects as objects, bytes as base64. Its documentation shows strings encoded once and plain numbers.
//! Both are accepted here; decoding a second time would corrupt a message that happens to be a JSON string.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// A value as received. `Debug` prints its type and size, never content.
#[derive(Clone, Copy)]
pub struct Payload<'a>(&'a RawValue);

/// A payload does not have the requested form. The message names types and positions, never content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PayloadError {
    /// Not JSON of the expected shape.
    #[error("not JSON of the expected shape: {reason} at line {line}, column {column}")]
    Json {
        /// Syntax, shape, or too short.
        reason: &'static str,
        /// Line in the payload's text, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
    },
    /// Not base64; give the trigger binding `"dataType": "binary"` in function.json.
    #[error("not base64; a binary trigger needs `\"dataType\": \"binary\"` in function.json")]
    Base64,
}

impl<'a> Payload<'a> {
    pub(crate) fn new(raw: &'a RawValue) -> Self {
        Self(raw)
    }

    /// The JSON as it is in the envelope.
    pub fn raw(&self) -> &'a str {
        self.0.get()
    }

    /// The payload's text: for a string, its value with at most one further level of quoting undone; for anything
    /// else, its JSON verbatim.
    pub fn text(&self) -> Cow<'a, str> {
        match self.outer() {
            None => Cow::Borrowed(self.raw()),
            Some(outer) => match serde_json::from_str::<String>(&outer) {
                Ok(inner) => Cow::Owned(inner),
                Err(_) => Cow::Owned(outer),
            },
        }
    }

    /// The payload's text read as JSON.
    ///
    /// # Errors
    /// [`PayloadError::Json`] with line and column in the text.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, PayloadError> {
        from_json(&self.text())
    }

    /// The bytes of a binary payload (base64, encoded once).
    ///
    /// # Errors
    /// [`PayloadError::Base64`].
    pub fn bytes(&self) -> Result<Vec<u8>, PayloadError> {
        let outer = self.outer().ok_or(PayloadError::Base64)?;
        STANDARD
            .decode(outer.trim())
            .or_else(|_| STANDARD.decode(self.text().trim()))
            .map_err(|_| PayloadError::Base64)
    }

    /// `an object`, `an array`, `a string`, `a number`, `a boolean` or `null`: its type in the envelope.
    pub fn kind(&self) -> &'static str {
        kind(self.raw())
    }

    /// The value of a JSON string; `None` for other types.
    fn outer(&self) -> Option<String> {
        if self.raw().starts_with('"') {
            serde_json::from_str(self.raw()).ok()
        } else {
            None
        }
    }
}

impl fmt::Debug for Payload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({}, {} bytes)", self.kind(), self.raw().len())
    }
}

/// Reads text as JSON; the error quotes nothing.
pub(crate) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, PayloadError> {
    serde_json::from_str(text).map_err(|e| PayloadError::Json {
        reason: match e.classify() {
            serde_json::error::Category::Data => {
                "a value of another type than expected, or a missing property,"
            }
            serde_json::error::Category::Eof => "the text ends too early",
            _ => "a syntax error",
        },
        line: e.line(),
        column: e.column(),
    })
}

/// The type of a JSON value.
pub(crate) fn kind(json: &str) -> &'static str {
    match json.trim_start().bytes().next() {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        Some(_) => "a number",
        None => "nothing",
    }
}
