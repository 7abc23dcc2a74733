//! An HTTP request in an envelope, for functions with more bindings than HTTP in and out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Method};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::Envelope;
use super::value::quoted;
use functions_project::FunctionName;

/// A request as read.
#[derive(Clone, Debug)]
pub(crate) struct HttpFacts<'a> {
    pub(crate) url: &'a str,
    pub(crate) method: &'a Method,
    /// Query values, repeated ones joined by a comma.
    pub(crate) query: &'a [(String, String)],
    pub(crate) headers: &'a HeaderMap,
    pub(crate) params: &'a [(String, String)],
    /// `None` when the request had no Content-Length or 0.
    pub(crate) body: Option<&'a [u8]>,
}

pub(crate) fn http_request(
    function: &FunctionName,
    trigger: &str,
    facts: &HttpFacts<'_>,
    now: Timestamp,
) -> Envelope {
    let query: Map<String, Value> = texts(facts.query);
    let mut lists: Map<String, Value> = Map::new();
    let mut joined: Map<String, Value> = Map::new();
    for name in facts.headers.keys() {
        let values: Vec<String> = facts
            .headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .collect();
        let name = written(name.as_str());
        joined.insert(name.clone(), Value::String(values.join(",")));
        lists.insert(name, json!(values));
    }
    let mut request = json!({
        "Url": facts.url,
        "Method": facts.method.as_str(),
        "Query": query,
        "Headers": lists,
        "Params": texts(facts.params),
        "Identities": [identity()],
    });
    let text = facts.body.map(|bytes| body_text(bytes, facts.headers));
    if let (Some(text), Some(request)) = (&text, request.as_object_mut()) {
        request.insert("Body".to_owned(), Value::String(text.clone()));
    }
    let mut envelope = Envelope::new(function, trigger, request, now);
    let metadata = envelope.metadata();
    if let Some(text) = &text {
        metadata.lift(text);
    }
    for (name, value) in facts
        .query
        .iter()
        .filter(|(name, _)| !name.eq_ignore_ascii_case("code"))
    {
        metadata.set(name, quoted(value));
    }
    for (name, value) in facts.params {
        metadata.set(name, quoted(value));
    }
    metadata.set("Query", Value::Object(query));
    metadata.set("Headers", Value::Object(joined));
    envelope
}

fn texts(pairs: &[(String, String)]) -> Map<String, Value> {
    pairs
        .iter()
        .map(|(name, value)| (name.clone(), Value::String(value.clone())))
        .collect()
}

fn identity() -> Value {
    json!({
        "AuthenticationType": null, "IsAuthenticated": false, "Actor": null, "BootstrapContext": null,
        "Claims": [], "Label": null, "Name": null,
        "NameClaimType": "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
        "RoleClaimType": "http://schemas.microsoft.com/ws/2008/06/identity/claims/role",
    })
}

/// Text as it is; binary media types as base64.
fn body_text(bytes: &[u8], headers: &HeaderMap) -> String {
    let media = headers
        .get(http::header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let media = media.trim().to_ascii_lowercase();
    if media.starts_with("application/octet-stream") || media.starts_with("multipart/") {
        return STANDARD.encode(bytes);
    }
    String::from_utf8_lossy(bytes).into_owned()
}

/// The host spells the headers it knows with capitals; others come as the client wrote them.
fn written(name: &str) -> String {
    const KNOWN: [&str; 24] = [
        "accept",
        "accept-charset",
        "accept-encoding",
        "accept-language",
        "authorization",
        "cache-control",
        "connection",
        "content-encoding",
        "content-language",
        "content-length",
        "content-type",
        "cookie",
        "date",
        "expect",
        "from",
        "host",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "origin",
        "range",
        "referer",
        "transfer-encoding",
        "user-agent",
    ];
    if !KNOWN.contains(&name) {
        return name.to_owned();
    }
    let capital = |word: &str| {
        word.chars()
            .take(1)
            .map(|first| first.to_ascii_uppercase())
            .chain(word.chars().skip(1))
            .collect::<String>()
    };
    name.split('-').map(capital).collect::<Vec<_>>().join("-")
}
