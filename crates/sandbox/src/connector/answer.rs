//! The connector's response: a status with a body, or a connection that is closed.

use bytes::Bytes;
use serde::Serialize;

/// The outcome of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// An HTTP response.
    Reply(Reply),
    /// The connection is closed without a response.
    Reset,
}

/// Content type of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// No body.
    Empty,
    /// `application/json; charset=utf-8`
    Json,
    /// `text/html`: what a gateway sends.
    Html,
    /// `text/plain`
    Text,
}

/// An HTTP response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Status code.
    pub status: u16,
    /// `Retry-After` in seconds, if the header is sent.
    pub retry_after: Option<u32>,
    /// `Location`, if the header is sent.
    pub location: Option<&'static str>,
    /// Content type of the body.
    pub media: Media,
    /// Body.
    pub body: Bytes,
}

impl Answer {
    /// The status, or `None` for a reset.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Reply(reply) => Some(reply.status),
            Self::Reset => None,
        }
    }

    /// The HTTP answer, or `None` for a reset.
    #[must_use]
    pub fn reply(&self) -> Option<&Reply> {
        match self {
            Self::Reply(reply) => Some(reply),
            Self::Reset => None,
        }
    }
}

impl Reply {
    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            retry_after: None,
            location: None,
            media: Media::Empty,
            body: Bytes::new(),
        }
    }

    pub(crate) fn json_text(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            retry_after: None,
            location: None,
            media: Media::Json,
            body: body.into(),
        }
    }

    pub(crate) fn json(status: u16, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => Self::json_text(status, body),
            Err(error) => super::errors::error(500, "ServiceError", &error.to_string()),
        }
    }

    /// `{"id":"…"}`: the usual response to a send.
    pub(crate) fn id(status: u16, id: u64) -> Self {
        Self::json_text(status, format!("{{\"id\":\"{id}\"}}"))
    }

    /// True for 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Error code of the body (`error.code`, or `errorCode` with its sub-code), for display.
    #[must_use]
    pub fn code(&self) -> Option<String> {
        let body: serde_json::Value = serde_json::from_slice(&self.body).ok()?;
        if let Some(code) = body["error"]["code"].as_str() {
            return Some(code.to_owned());
        }
        let inner: serde_json::Value = serde_json::from_str(body["message"].as_str()?).ok()?;
        inner["subCode"].as_str().map(str::to_owned)
    }
}
