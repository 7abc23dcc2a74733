//! HTTP responses that this crate creates: replies and errors. Always a JSON object with its content type, because the
//! host fails a 2xx of any other content type and never finishes one with an empty body.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::reply::Reply;

/// Who receives an error response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorAudience {
    /// The host, which uses only the status; the body is visible in `func start`'s trace.
    Host,
    /// A client, through the host.
    Client,
}

/// Information for the trace layer, as a response extension.
#[derive(Debug, Clone, Default)]
pub(crate) struct TraceInfo {
    pub(crate) function: Option<String>,
    pub(crate) route: Option<String>,
    /// Status of the application's response where it is inside an envelope.
    pub(crate) inner_status: Option<StatusCode>,
    pub(crate) error: Option<String>,
}

pub(crate) fn success(reply: &Reply) -> Response {
    json_response(StatusCode::OK, "application/json", &reply.to_json())
}

pub(crate) fn error(reader: ErrorAudience, status: StatusCode, detail: &str) -> Response {
    let content_type = match reader {
        ErrorAudience::Host => "application/json",
        ErrorAudience::Client => "application/problem+json",
    };
    let title = status.canonical_reason().unwrap_or("Error");
    json_response(
        status,
        content_type,
        &json!({ "title": title, "status": status.as_u16(), "detail": detail }),
    )
}

fn json_response(status: StatusCode, content_type: &'static str, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// Adds information for the trace layer to a response.
pub(crate) fn with_trace_info(mut response: Response, note: impl FnOnce(&mut TraceInfo)) -> Response {
    let mut trace = response
        .extensions_mut()
        .remove::<TraceInfo>()
        .unwrap_or_default();
    note(&mut trace);
    response.extensions_mut().insert(trace);
    response
}
