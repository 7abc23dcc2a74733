//! HTTP answers of this crate's own: replies and errors, always a JSON object with its content type, because the
//! host fails a 2xx of any other content type and never finishes an empty one.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::reply::Reply;

/// Who reads an error answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// The host, which looks at the status only; a person sees the body in `func start`'s trace.
    Host,
    /// A client, through the host.
    Client,
}

/// What the trace layer is told about a request, as a response extension.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told {
    pub(crate) function: Option<String>,
    pub(crate) route: Option<String>,
    /// Status of the application's own answer where it travels inside an envelope.
    pub(crate) inner_status: Option<StatusCode>,
    pub(crate) error: Option<String>,
}

pub(crate) fn success(reply: &Reply) -> Response {
    json_response(StatusCode::OK, "application/json", &reply.to_json())
}

pub(crate) fn error(reader: Reader, status: StatusCode, detail: &str) -> Response {
    let content_type = match reader {
        Reader::Host => "application/json",
        Reader::Client => "application/problem+json",
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

/// Notes something for the trace layer.
pub(crate) fn tell(mut response: Response, note: impl FnOnce(&mut Told)) -> Response {
    let mut told = response.extensions_mut().remove::<Told>().unwrap_or_default();
    note(&mut told);
    response.extensions_mut().insert(told);
    response
}
