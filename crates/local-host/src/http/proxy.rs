//! Proxying mode: headers, body and answer are streamed; connection failures are tried again.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use http::header::{
    CONNECTION, FORWARDED, HOST, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING,
    UPGRADE, UPGRADE_INSECURE_REQUESTS,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, Version};
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use super::listener::{Incoming, empty, public_host, scheme, unread};
use super::query::{PathEncoding, encoded_path};
use crate::core::{HOST_VERSION, INVOCATION_HEADER, SharedCore, VERSION_HEADER, reason};
use crate::framing::{ReadError, Replay, SourceState, Watched};
use crate::invocation::InvocationError;
use crate::upstream::Target;
use functions_project::Function;

const ATTEMPTS: u32 = 10;
const DELAYS_MS: [u64; 4] = [50, 100, 200, 250];
/// Without any bytes for so long the proxy gives up.
const IDLE: Duration = Duration::from_secs(240);

/// Headers of one hop only.
const HOP_BY_HOP: [HeaderName; 13] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    TRANSFER_ENCODING,
    UPGRADE,
    TE,
    TRAILER,
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-connection"),
    HeaderName::from_static("proxy-authentication-info"),
    HeaderName::from_static("alt-svc"),
    UPGRADE_INSECURE_REQUESTS,
    HeaderName::from_static("http2-settings"),
];

pub(super) async fn pass_on(
    core: &SharedCore,
    function: &Function,
    incoming: &Incoming,
    request: Request,
) -> Response {
    let id = Uuid::new_v4();
    let (mut parts, body) = request.into_parts();
    let headers = headers(&mut parts, id);
    let mut path = encoded_path(&incoming.path, PathEncoding::Proxy);
    if let Some(query) = parts.uri.query() {
        path.push('?');
        path.push_str(query);
    }
    let replay = Replay::new(body, core.body_limit);
    match call(core, &parts, &headers, &path, &replay).await {
        Ok(response) => response,
        Err(_) if replay.state() == SourceState::TooLarge => unread(ReadError::TooLarge, core.body_limit),
        Err(_) if replay.state() == SourceState::TooSlow => unread(ReadError::TooSlow, core.body_limit),
        Err(_) if replay.state() == SourceState::Broken => {
            tracing::debug!(function = %function.name, invocation_id = %id, "the client went away");
            unread(ReadError::Broken, core.body_limit)
        }
        Err(failure) => {
            let (status, error) = match failure {
                Failure::Silent => (StatusCode::GATEWAY_TIMEOUT, "no answer within 240 s".to_owned()),
                Failure::Invocation(error @ InvocationError::Transport(_)) => {
                    (StatusCode::BAD_GATEWAY, error.to_string())
                }
                Failure::Invocation(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
            };
            tracing::warn!(function = %function.name, invocation_id = %id, %error, "invocation failed");
            empty(status)
        }
    }
}

enum Failure {
    Silent,
    Invocation(InvocationError),
}

async fn call(
    core: &SharedCore,
    parts: &Parts,
    headers: &HeaderMap,
    path: &str,
    replay: &Replay,
) -> Result<Response, Failure> {
    let started = Instant::now();
    let target = core.upstream.target().await.map_err(Failure::Invocation)?;
    let attempts = async { Ok(timeout(IDLE, attempts(core, target, parts, headers, path, replay)).await) };
    let response = match core.within_timeout(target, attempts).await {
        Ok(Ok(Ok(response))) => response,
        Ok(Ok(Err(error))) | Err(error) => return Err(Failure::Invocation(error)),
        Ok(Err(_)) => return Err(Failure::Silent),
    };
    let (mut head, body) = response.into_parts();
    remove_hop_by_hop(&mut head.headers);
    head.version = Version::HTTP_11;
    let deadline = core.function_timeout().map(|limit| {
        let core = core.clone();
        let action: Box<dyn FnOnce() + Send> = Box::new(move || core.upstream.overrun(target));
        (started + limit, action)
    });
    Ok(Response::from_parts(
        head,
        Body::new(Watched::new(body, IDLE, deadline)),
    ))
}

/// Sends until an answer begins; a POST may therefore reach the handler more than once.
async fn attempts(
    core: &SharedCore,
    first: Target,
    parts: &Parts,
    headers: &HeaderMap,
    path: &str,
    replay: &Replay,
) -> Result<Response<hyper::body::Incoming>, InvocationError> {
    let mut target = first;
    let mut attempt = 0;
    loop {
        let mut request = http::Request::new(Body::new(replay.body()));
        *request.method_mut() = parts.method.clone();
        *request.uri_mut() = uri(target, path)?;
        *request.headers_mut() = headers.clone();
        let error = match core.upstream.client.request(request).await {
            Ok(response) => return Ok(response),
            Err(error) => InvocationError::Transport(reason(&error)),
        };
        attempt += 1;
        if attempt >= ATTEMPTS || replay.state() != SourceState::Replayable {
            return Err(error);
        }
        let delay = DELAYS_MS
            .get(attempt as usize - 1)
            .or(DELAYS_MS.last())
            .copied()
            .unwrap_or_default();
        tokio::time::sleep(Duration::from_millis(delay)).await;
        target = core.upstream.target().await?;
    }
}

fn uri(target: Target, path: &str) -> Result<Uri, InvocationError> {
    format!("http://{}{path}", target.address)
        .parse()
        .map_err(|error: http::uri::InvalidUri| InvocationError::Transport(error.to_string()))
}

/// The default transformer's headers: hop-by-hop ones out, Host replaced, X-Forwarded-* set.
fn headers(parts: &mut Parts, id: Uuid) -> HeaderMap {
    let public = public_host(&parts.headers, &parts.uri);
    let scheme = scheme(&parts.headers);
    let peer = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|peer| peer.0.ip());
    let mut headers = std::mem::take(&mut parts.headers);
    remove_hop_by_hop(&mut headers);
    // The client sets Host to the handler's own address.
    headers.remove(HOST);
    headers.remove(FORWARDED);
    set(
        &mut headers,
        "x-forwarded-for",
        peer.and_then(|peer| HeaderValue::try_from(peer.to_string()).ok()),
    );
    set(&mut headers, "x-forwarded-host", public);
    set(
        &mut headers,
        "x-forwarded-proto",
        Some(HeaderValue::from_static(scheme)),
    );
    set(&mut headers, "x-forwarded-prefix", None);
    let id = HeaderValue::try_from(id.to_string()).ok();
    set(&mut headers, VERSION_HEADER, Some(HOST_VERSION));
    set(&mut headers, INVOCATION_HEADER, id.clone());
    set(&mut headers, "x-ms-invocation-id", id);
    headers
}

fn set(headers: &mut HeaderMap, name: &'static str, value: Option<HeaderValue>) {
    match value {
        Some(value) => headers.insert(HeaderName::from_static(name), value),
        None => headers.remove(name),
    };
}

fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| HeaderName::try_from(name.trim()).ok())
        .collect();
    for name in HOP_BY_HOP.iter().chain(&named) {
        headers.remove(name);
    }
}
