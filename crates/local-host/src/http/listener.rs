//! The public listener: finds the function, checks the key, and passes the request on in its mode.

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};

use super::problem::{no_key, no_route, problem, too_large};
use super::query::LONGEST_QUERY;
use super::{admin, cors, envelope, forward, proxy};
use crate::body::ReadError;
use crate::builder::ForwardingMode;
use crate::core::SharedCore;
use functions_project::{Function, decoded_path};

/// A request as far as every mode needs it.
pub(super) struct Incoming {
    /// Percent-decoded, dot segments removed.
    pub(super) path: String,
    pub(super) values: functions_project::RouteValues,
}

/// How a request reaches the handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Forward,
    Proxy,
    Envelope,
}

pub(crate) fn router(core: SharedCore) -> Router {
    let router = Router::new().fallback(serve);
    let router = match core.cors.clone() {
        Some(allowed) => router.layer(axum::middleware::from_fn_with_state(allowed, cors::apply)),
        None => router,
    };
    router.with_state(core)
}

async fn serve(State(core): State<SharedCore>, request: Request) -> Response {
    let mut response = answer(&core, request).await;
    for (name, value) in &core.project.host().http.custom_headers {
        if let (Ok(name), Ok(value)) = (
            HeaderName::try_from(name.as_str()),
            HeaderValue::try_from(value.as_str()),
        ) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

async fn answer(core: &SharedCore, request: Request) -> Response {
    let path = decoded_path(request.uri().path());
    let query = request.uri().query().unwrap_or_default();
    if let Some(rest) = admin::below_admin(&path) {
        return admin::answer(core, rest, request).await;
    }
    let Some((route, values)) = core.routes.find(request.method(), &path) else {
        return nothing_here(core, &path);
    };
    let Ok(function) = core.function(route.function.as_str()) else {
        return no_route();
    };
    if !core
        .keys
        .admits(route.trigger.auth_level, request.headers(), query)
    {
        return no_key();
    }
    if query.len() > LONGEST_QUERY {
        return query_too_long(query.len());
    }
    if declared_length(request.headers()).is_some_and(|length| length > core.body_limit as u64) {
        return too_large(core.body_limit);
    }
    let incoming = Incoming { path, values };
    match mode(core, function) {
        Mode::Forward => forward::pass_on(core, function, &incoming, request).await,
        Mode::Proxy => proxy::pass_on(core, function, &incoming, request).await,
        Mode::Envelope => envelope::pass_on(core, function, &incoming, request).await,
    }
}

/// The host's choice: proxying first, then forwarding, and only for HTTP in and out.
fn mode(core: &SharedCore, function: &Function) -> Mode {
    let handler = &core.custom_handler;
    match core.mode {
        _ if !function.http_in_and_out => Mode::Envelope,
        ForwardingMode::Envelope => Mode::Envelope,
        ForwardingMode::Forward => Mode::Forward,
        ForwardingMode::Proxy => Mode::Proxy,
        ForwardingMode::FromHostJson if handler.proxying => Mode::Proxy,
        ForwardingMode::FromHostJson if handler.forwarding => Mode::Forward,
        ForwardingMode::FromHostJson => Mode::Envelope,
    }
}

fn nothing_here(core: &SharedCore, path: &str) -> Response {
    if path != "/" {
        return no_route();
    }
    if !core.homepage {
        return empty(StatusCode::NO_CONTENT);
    }
    text(StatusCode::OK, "Your function app is up and running.\n")
}

pub(super) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

pub(super) fn text(status: StatusCode, text: impl Into<Body>) -> Response {
    with_body(status, "text/plain; charset=utf-8", text)
}

pub(super) fn with_body(status: StatusCode, media: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, HeaderValue::from_static(media));
    response
}

fn query_too_long(length: usize) -> Response {
    problem(
        StatusCode::URI_TOO_LONG,
        format!(
            "the query string has {length} bytes; at most {LONGEST_QUERY} are accepted: send what is long in the body"
        ),
    )
}

/// The answer to a body that could not be read.
pub(super) fn unread(error: ReadError, limit: usize) -> Response {
    match error {
        ReadError::TooLarge => too_large(limit),
        ReadError::TooSlow => problem(
            StatusCode::REQUEST_TIMEOUT,
            "the body was sent too slowly, or not to its end",
        ),
        ReadError::Broken => problem(StatusCode::BAD_REQUEST, "the body was not sent to its end"),
    }
}

pub(super) fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(http::header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()
}

/// The scheme that the client used, as a front end in the way reports it.
pub(super) fn scheme(headers: &HeaderMap) -> &'static str {
    match headers
        .get("x-forwarded-proto")
        .and_then(|value| value.to_str().ok())
    {
        Some(proto) if proto.eq_ignore_ascii_case("https") => "https",
        _ => "http",
    }
}

/// The public host name of a request.
pub(super) fn public_host(headers: &HeaderMap, uri: &Uri) -> Option<HeaderValue> {
    headers
        .get(http::header::HOST)
        .cloned()
        .or_else(|| HeaderValue::from_str(uri.authority()?.as_str()).ok())
}
