//! The host's own refusals, as RFC 9457 has them: what is wrong, and how to mend it. The real host answers most of them
//! without a body; statuses are the same.

use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use super::listener::with_body;

/// A refusal with `detail` for people.
pub(super) fn problem(status: StatusCode, detail: impl Into<String>) -> Response {
    let body = json!({
        "title": status.canonical_reason().unwrap_or("Error"),
        "status": status.as_u16(),
        "detail": detail.into(),
    });
    with_body(status, "application/problem+json", body.to_string())
}

/// 401 for a call without the key that its function demands.
pub(super) fn no_key() -> Response {
    problem(
        StatusCode::UNAUTHORIZED,
        "this call needs the right function key: send it in the header x-functions-key, or as the query parameter code",
    )
}

/// 401 for a call of the admin API.
pub(super) fn no_master_key() -> Response {
    problem(
        StatusCode::UNAUTHORIZED,
        "this call needs the master key: send it in the header x-functions-key, or as the query parameter code",
    )
}

/// 404 where no function has the route, or none takes the method there: the real host tells neither from the other.
pub(super) fn no_route() -> Response {
    problem(
        StatusCode::NOT_FOUND,
        "no function has this route and method; routes are in function.json, below the routePrefix of host.json",
    )
}

/// 413 for a body over the limit of the host.
pub(super) fn too_large(limit: usize) -> Response {
    problem(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("the body is too large: at most {limit} bytes are accepted"),
    )
}
