//! Errors of the control API: `{"error":{"code","message"}}`, and its check against cross-origin requests.

use axum::Json;
use axum::extract::Request;
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::events::EventError;
use crate::switches::SwitchError;
use crate::world::UnknownConversation;

/// An error response.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl ApiError {
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: "badRequest",
            message: message.into(),
        }
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            code: "notFound",
            message: message.into(),
        }
    }

    pub(crate) fn wrong_method() -> Self {
        Self {
            status: StatusCode::METHOD_NOT_ALLOWED,
            code: "methodNotAllowed",
            message: "this resource does not support the method".to_owned(),
        }
    }
}

impl From<UnknownConversation> for ApiError {
    fn from(unknown: UnknownConversation) -> Self {
        EventError::from(unknown).into()
    }
}

impl From<SwitchError> for ApiError {
    fn from(error: SwitchError) -> Self {
        let (status, code) = match error {
            SwitchError::Conversation(unknown) => return unknown.into(),
            SwitchError::Setting(message) => return Self::bad_request(message),
            SwitchError::Name(_) => (StatusCode::NOT_FOUND, "switchNotFound"),
            SwitchError::Person(_) => (StatusCode::NOT_FOUND, "personNotFound"),
            SwitchError::Team(_) => (StatusCode::NOT_FOUND, "teamNotFound"),
            SwitchError::Tenant(_) => (StatusCode::NOT_FOUND, "tenantNotFound"),
            SwitchError::NotOn(_) => (StatusCode::NOT_FOUND, "notOn"),
        };
        Self {
            status,
            code,
            message: error.to_string(),
        }
    }
}

impl From<EventError> for ApiError {
    fn from(error: EventError) -> Self {
        let (status, code) = match &error {
            EventError::Conversation(UnknownConversation::Malformed) => {
                (StatusCode::BAD_REQUEST, "badConversationId")
            }
            EventError::Conversation(_) => (StatusCode::NOT_FOUND, "conversationNotFound"),
            EventError::Person(_) => (StatusCode::NOT_FOUND, "personNotFound"),
            EventError::Message(_) => (StatusCode::NOT_FOUND, "messageNotFound"),
            EventError::NotInstalled => (StatusCode::CONFLICT, "notInstalled"),
            EventError::Blocked => (StatusCode::CONFLICT, "blocked"),
            EventError::NotAMember => (StatusCode::CONFLICT, "notAMember"),
            EventError::NotAChannel(_) | EventError::NotAGroup | EventError::General => {
                (StatusCode::CONFLICT, "wrongConversation")
            }
        };
        Self {
            status,
            code,
            message: error.to_string(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = json!({ "error": { "code": self.code, "message": self.message } });
        (self.status, Json(body)).into_response()
    }
}

/// Refuses requests of other web pages, which could control the sandbox through the developer's browser.
pub(crate) async fn same_origin(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if !reads && !is_same_origin(request.headers()) {
        let message = "requests from other web pages are refused".to_owned();
        return ApiError {
            status: StatusCode::FORBIDDEN,
            code: "otherOrigin",
            message,
        }
        .into_response();
    }
    next.run(request).await
}

fn is_same_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN) else {
        return true;
    };
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    matches!((origin, host), (Some((_, from)), Some(host)) if from.eq_ignore_ascii_case(host))
}
