//! Proxying mode: headers, body and answer are streamed.

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
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version};
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use super::listener::{Incoming, empty, public_host, scheme, unread};
use super::query::{PathEncoding, encoded_path};
use crate::body::{Metered, Watched};
use crate::core::{HOST_VERSION, INVOCATION_HEADER, SharedCore, VERSION_HEADER};
use crate::invocation::InvocationError;
use functions_project::Function;

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
    let path = encoded_path(&incoming.path, PathEncoding::Proxy);
    let target = match parts.uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    let headers = headers(&mut parts, id);
    let (body, ended_early) = Metered::new(body, core.body_limit);
    let request = request_for(parts.method, &target, headers, Body::new(body));
    let answer = match request {
        Ok(request) => call(core, request).await,
        Err(error) => Err(Failure::Invocation(error)),
    };
    // Whatever the handler made of half a body: the client learns that it was one.
    if let Some(reason) = ended_early.reason() {
        tracing::debug!(function = %function.name, invocation_id = %id, ?reason, "the request body ended early");
        return unread(reason, core.body_limit);
    }
    answer.unwrap_or_else(|failure| {
        let (status, error) = match failure {
            Failure::Silent => (StatusCode::GATEWAY_TIMEOUT, "no answer within 240 s".to_owned()),
            Failure::Invocation(error @ InvocationError::Transport(_)) => {
                (StatusCode::BAD_GATEWAY, error.to_string())
            }
            Failure::Invocation(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        };
        tracing::warn!(function = %function.name, invocation_id = %id, %error, "invocation failed");
        empty(status)
    })
}

enum Failure {
    Silent,
    Invocation(InvocationError),
}

fn request_for(
    method: Method,
    target: &str,
    headers: HeaderMap,
    body: Body,
) -> Result<Request, InvocationError> {
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = target
        .parse()
        .map_err(|error: http::uri::InvalidUri| InvocationError::Transport(error.to_string()))?;
    *request.headers_mut() = headers;
    Ok(request)
}

async fn call(core: &SharedCore, request: Request) -> Result<Response, Failure> {
    let started = Instant::now();
    let run = core.handler.ready().await.map_err(Failure::Invocation)?;
    let answer = async { Ok(timeout(IDLE, core.handler.proxy(run, request)).await) };
    let response = match core.within_timeout(run, answer).await {
        Ok(Ok(Ok(response))) => response,
        Ok(Ok(Err(error))) | Err(error) => return Err(Failure::Invocation(error)),
        Ok(Err(_)) => return Err(Failure::Silent),
    };
    let (mut head, body) = response.into_parts();
    remove_hop_by_hop(&mut head.headers);
    head.version = Version::HTTP_11;
    let deadline = core.function_timeout().map(|limit| {
        let core = core.clone();
        let action: Box<dyn FnOnce() + Send> = Box::new(move || core.handler.overran(run));
        (started + limit, action)
    });
    Ok(Response::from_parts(
        head,
        Body::new(Watched::new(body, IDLE, deadline)),
    ))
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
    let framing = headers.get(TRANSFER_ENCODING).cloned();
    remove_hop_by_hop(&mut headers);
    // The next hop is framed as this one.
    set(&mut headers, "transfer-encoding", framing);
    // `Host` becomes the handler's own address.
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
