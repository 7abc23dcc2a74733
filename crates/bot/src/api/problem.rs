//! Errors as people and programs read them at the edge: RFC 9457 `application/problem+json`. No logging here.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::Serialize;

/// An error (RFC 9457). `detail` says what, where and how to mend it; it never repeats secrets or message text.
#[derive(Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Problem {
    /// The kind of error, in words.
    title: &'static str,
    /// The HTTP status.
    #[schemars(range(min = 400, max = 599))]
    status: u16,
    /// What is wrong, and how to mend it.
    detail: String,
    /// The place in the body (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    /// The query parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<String>,
}

/// The status and the title only: `detail` and `pointer` may repeat what was sent.
impl std::fmt::Debug for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Problem({} {})", self.status, self.title)
    }
}

impl Problem {
    fn new(status: StatusCode, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            title,
            status: status.as_u16(),
            detail: detail.into(),
            pointer: None,
            parameter: None,
        }
    }

    /// 400: something in the body, at a JSON pointer.
    pub fn bad_body(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            pointer: Some(pointer.into()),
            ..Self::new(StatusCode::BAD_REQUEST, "Bad request body", detail)
        }
    }
    /// 400: something in a query parameter.
    pub(crate) fn parameter(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            parameter: Some(name.into()),
            ..Self::new(StatusCode::BAD_REQUEST, "Bad query parameter", detail)
        }
    }
    /// 400: something outside the body.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Bad request", detail)
    }
    /// 401.
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Unauthorized", detail)
    }
    /// 403.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "Forbidden", detail)
    }
    /// 404.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not found", detail)
    }
    /// 405.
    pub fn method(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed", detail)
    }
    /// 408.
    pub fn timeout(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "Request timeout", detail)
    }
    /// 409.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "Conflict", detail)
    }
    /// 413.
    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "Too large", detail)
    }
    /// 415.
    pub fn unsupported(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Unsupported media type",
            detail,
        )
    }
    /// 500: nothing that the caller could mend.
    pub fn server(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Server error", detail)
    }
    /// 503: nothing was accepted; the caller should try again.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "Try again", detail)
    }

    /// Says where in the body.
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }

    /// Whether it says that something is too large.
    pub(super) fn is_too_large(&self) -> bool {
        self.status == StatusCode::PAYLOAD_TOO_LARGE.as_u16()
    }

    /// Whether it points below a place in the body.
    pub(super) fn is_below(&self, pointer: &str) -> bool {
        self.pointer.as_deref().is_some_and(|at| at.starts_with(pointer))
    }

    /// The same as a mistake of this program.
    pub(super) fn of_server(self) -> Self {
        Self::server(self.detail)
    }

    #[cfg(test)]
    pub(crate) fn status(&self) -> u16 {
        self.status
    }
    #[cfg(test)]
    pub(crate) fn pointer(&self) -> Option<&str> {
        self.pointer.as_deref()
    }
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}
