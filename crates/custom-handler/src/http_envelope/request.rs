//! Converts `Data.<trigger>` = `{Url, Method, Headers, Body, …}` to an `http::Request`. `Metadata` is never read: it
//! repeats parts of the request under names that the client can choose.

use axum::body::Body;
use axum::extract::Request;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::Value;

use crate::envelope::{Envelope, EnvelopeError, Payload, RawObject};
use crate::invocation::Invocation;

pub(crate) fn request(
    envelope: &Envelope,
    binding: Option<&str>,
    call: &Invocation,
) -> Result<Request, EnvelopeError> {
    let (name, payload) = envelope.trigger(binding)?;
    let wrong = |expected, found: &str| EnvelopeError::WrongShape {
        binding: name.to_owned(),
        expected,
        found: found.to_owned(),
    };
    let shape = "an HTTP request: an object with `Url`, `Method`, `Headers`, `Body`";
    let object = RawObject::parse(&payload.text())
        .ok()
        .flatten()
        .ok_or_else(|| wrong(shape, payload.kind()))?;
    let text = |member: &str| {
        object
            .get(member)
            .and_then(|raw| serde_json::from_str::<String>(raw.get()).ok())
    };

    let method = text("Method").and_then(|m| Method::from_bytes(m.as_bytes()).ok());
    let method = method.ok_or_else(|| wrong(shape, "an object without a valid `Method`"))?;
    let uri = text("Url").and_then(|url| path_and_query(&url));
    let uri = uri.ok_or_else(|| wrong(shape, "an object without a valid `Url`"))?;
    let mut headers = headers(&object);
    let body = body(&object, &headers).ok_or_else(|| {
        wrong(
            "a `Body` in base64, as its content type asks for",
            "a request with another `Body`",
        )
    })?;

    for gone in [header::TRANSFER_ENCODING, header::CONNECTION] {
        headers.remove(gone);
    }
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    let mut own = |name: &'static str, value: Option<&str>| {
        headers.remove(name);
        if let Some(value) = value.and_then(|v| HeaderValue::from_str(v).ok()) {
            headers.insert(name, value);
        }
    };
    own(
        "x-azure-functions-invocationid",
        call.id().map(crate::InvocationId::as_str),
    );
    own("x-azure-functions-hostversion", call.host_version());

    crate::layers::redact::mark_headers(&mut headers);

    let mut request = Request::new(Body::from(body));
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    Ok(request)
}

/// What can't stand in a URI; percent signs stay, as the rest is escaped already.
const NOT_IN_A_URI: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The host sends an absolute URL, partly unescaped; routes need path and query, escaped.
fn path_and_query(url: &str) -> Option<Uri> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| {
        rest.find(['/', '?']).map_or("/", |at| &rest[at..])
    });
    let rest = rest.split('#').next().unwrap_or_default();
    let mut escaped = String::with_capacity(rest.len() + 1);
    if !rest.starts_with('/') {
        escaped.push('/');
    }
    escaped.extend(utf8_percent_encode(rest, NOT_IN_A_URI));
    escaped.parse().ok()
}

/// Each header's value is an array of strings; a single string is accepted too. Headers that are invalid in HTTP are left out.
fn headers(object: &RawObject) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let Some(object) = object
        .get("Headers")
        .and_then(|raw| RawObject::parse(raw.get()).ok().flatten())
    else {
        return headers;
    };
    for (name, raw) in object.iter() {
        let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else {
            continue;
        };
        let values: Vec<String> = serde_json::from_str(raw.get())
            .or_else(|_| serde_json::from_str(raw.get()).map(|one| vec![one]))
            .unwrap_or_default();
        for value in values
            .iter()
            .filter_map(|v| HeaderValue::from_bytes(v.as_bytes()).ok())
        {
            headers.append(&name, value);
        }
    }
    headers
}

/// `Body` is the text, encoded once, or base64 for octet streams and multipart. `None` if that is not base64.
fn body(object: &RawObject, headers: &HeaderMap) -> Option<Vec<u8>> {
    let Some(raw) = object.get("Body") else {
        return Some(Vec::new());
    };
    let text = match serde_json::from_str(raw.get()) {
        Ok(Value::Null) => return Some(Vec::new()),
        Ok(Value::String(text)) => text,
        _ => return Some(Payload::new(raw).raw().as_bytes().to_vec()),
    };
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    let content_type = content_type.trim().to_ascii_lowercase();
    if content_type.starts_with("application/octet-stream") || content_type.starts_with("multipart/") {
        STANDARD.decode(text.trim()).ok()
    } else {
        Some(text.into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_become_routable() {
        let shown = |url: &str| path_and_query(url).unwrap().to_string();
        assert_eq!(
            shown("https://bot.example.net/api/Notify?code=KEY&x=1"),
            "/api/Notify?code=KEY&x=1"
        );
        assert_eq!(shown("https://bot.example.net"), "/");
        assert_eq!(shown("https://bot.example.net?x=1"), "/?x=1");
        assert_eq!(
            shown("http://localhost:7071/api/a b/ü%2F?q={1}#frag"),
            "/api/a%20b/%C3%BC%2F?q=%7B1%7D"
        );
        assert_eq!(shown("/api/x"), "/api/x");
    }
}
