//! Forwarding mode: the request is rebuilt and buffered, with the losses of the real host.

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http::header::{
    ALLOW, CONNECTION, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH,
    CONTENT_LOCATION, CONTENT_RANGE, COOKIE, EXPIRES, HOST, LAST_MODIFIED, TRANSFER_ENCODING, USER_AGENT,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version};
use uuid::Uuid;

use super::listener::{Incoming, declared_length, empty, public_host, unread};
use super::query::{PathEncoding, Query, encoded_path};
use crate::body::read_all;
use crate::core::{HOST_AGENT, HOST_VERSION, INVOCATION_HEADER, SharedCore, VERSION_HEADER, read_answer};
use crate::handler::Run;
use crate::invocation::InvocationError;
use functions_project::Function;

/// Content headers that have no place in .NET's request headers and are lost.
const LOST: [HeaderName; 9] = [
    CONTENT_ENCODING,
    CONTENT_LANGUAGE,
    CONTENT_DISPOSITION,
    CONTENT_RANGE,
    CONTENT_LOCATION,
    EXPIRES,
    LAST_MODIFIED,
    ALLOW,
    HeaderName::from_static("content-md5"),
];

pub(super) async fn pass_on(
    core: &SharedCore,
    function: &Function,
    incoming: &Incoming,
    request: Request,
) -> Response {
    let id = Uuid::new_v4();
    let (parts, body) = request.into_parts();
    if parts.headers.contains_key(TRANSFER_ENCODING) {
        tracing::warn!(function = %function.name, invocation_id = %id,
            "a chunked request cannot be forwarded: forwarding mode needs a Content-Length; turn on enableProxyingHttpRequest");
        return empty(StatusCode::INTERNAL_SERVER_ERROR);
    }
    let body = match declared_length(&parts.headers) {
        Some(length) if length > 0 => match read_all(body, core.body_limit).await {
            Ok(bytes) => bytes,
            Err(error) => return unread(error, core.body_limit),
        },
        _ => Bytes::new(),
    };
    let mut headers = headers(&parts.headers, id);
    if let Some(host) = public_host(&parts.headers, &parts.uri) {
        headers.insert(HOST, host);
    }
    let path = if core.custom_handler.legacy {
        format!("/{}", function.name)
    } else {
        encoded_path(&incoming.path, PathEncoding::Forward)
    };
    let call = Call {
        method: parts.method,
        path,
        query: Query::parse(parts.uri.query().unwrap_or_default()).rebuilt(),
        headers,
        body,
    };
    // A client that goes away does not end the handler's work: the call runs in a task of its own.
    let (core, name) = (core.clone(), function.name.clone());
    let work = tokio::spawn(async move {
        let outcome = async {
            let run = core.handler.ready().await?;
            core.within_timeout(run, send(&core, run, call)).await
        };
        outcome.await.unwrap_or_else(|error| {
            tracing::warn!(function = %name, invocation_id = %id, %error, "invocation failed");
            empty(StatusCode::INTERNAL_SERVER_ERROR)
        })
    });
    work.await
        .unwrap_or_else(|_| empty(StatusCode::INTERNAL_SERVER_ERROR))
}

struct Call {
    method: Method,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Bytes,
}

/// Everything but the lost content headers; repeated headers on one line; the host's own appended.
fn headers(original: &HeaderMap, id: Uuid) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(original.len() + 3);
    for name in original.keys().filter(|name| !LOST.contains(name)) {
        let separator: &[u8] = if *name == COOKIE { b"; " } else { b", " };
        let values: Vec<&[u8]> = original.get_all(name).iter().map(HeaderValue::as_bytes).collect();
        if let Ok(value) = HeaderValue::from_bytes(&values.join(separator)) {
            headers.insert(name.clone(), value);
        }
    }
    append(&mut headers, USER_AGENT, " ", HOST_AGENT);
    headers.insert(VERSION_HEADER, HOST_VERSION);
    append(
        &mut headers,
        HeaderName::from_static(INVOCATION_HEADER),
        ", ",
        &id.to_string(),
    );
    headers
}

fn append(headers: &mut HeaderMap, name: HeaderName, separator: &str, more: &str) {
    let mut bytes = headers
        .get(&name)
        .map(|value| value.as_bytes().to_vec())
        .unwrap_or_default();
    if !bytes.is_empty() {
        bytes.extend_from_slice(separator.as_bytes());
    }
    bytes.extend_from_slice(more.as_bytes());
    if let Ok(value) = HeaderValue::from_bytes(&bytes) {
        headers.insert(name, value);
    }
}

async fn send(core: &SharedCore, run: Run, call: Call) -> Result<Response, InvocationError> {
    let Call {
        method,
        path,
        query,
        mut headers,
        body,
    } = call;
    // An encoded "?" in the path has come out as the beginning of the query, a "#" ends everything.
    let joined = match (path.contains('?'), query.is_empty()) {
        (_, true) => path,
        (true, false) => format!("{path}&{query}"),
        (false, false) => format!("{path}?{query}"),
    };
    let line = joined.split('#').next().unwrap_or_default();
    let is_head = method == Method::HEAD;
    if body.is_empty() {
        headers.remove(CONTENT_LENGTH);
    }
    let mut request = http::Request::new(Body::from(body));
    *request.method_mut() = method;
    *request.uri_mut() = line
        .parse()
        .map_err(|error: http::uri::InvalidUri| InvocationError::Transport(error.to_string()))?;
    *request.headers_mut() = headers;
    let (mut head, body) = core.handler.call(run, request).await?.into_parts();
    let body = read_answer(body).await?;
    head.headers.remove(TRANSFER_ENCODING);
    // The client's connection is this host's own business.
    head.headers.remove(CONNECTION);
    if !is_head {
        // hyper counts the buffered body itself, and knows the statuses that have none.
        head.headers.remove(CONTENT_LENGTH);
    }
    head.version = Version::HTTP_11;
    Ok(Response::from_parts(head, Body::from(body)))
}
