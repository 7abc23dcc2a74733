//! One request to an HTTP function: path parameters, query, headers and the whole body at hand.

use crate::{api::Problem, incoming};
use axum::{
    body::Bytes,
    extract::Request,
    http::{HeaderMap, Method},
};
use notify::identity::NotificationSource;
use serde::de::DeserializeOwned;

/// A request with its whole body. `Debug` prints the method and the size only: a path has parameters.
#[derive(Clone)]
pub struct HttpRequest {
    method: Method,
    path: String,
    parameters: Vec<(String, String)>,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
}

impl std::fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HttpRequest({}, {} bytes)", self.method, self.body.len())
    }
}

impl HttpRequest {
    /// Reads a request whose route gave these values.
    pub(super) async fn read(request: Request, parameters: Vec<(String, String)>) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let body = incoming::whole(body).await?;
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self {
            query: query_pairs(query),
            path: parts.uri.path().to_owned(),
            method: parts.method,
            headers: parts.headers,
            body,
            parameters,
        })
    }

    /// The verb.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The public path as it came.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The value of a parameter of the function's route, decoded; its name in any case.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        value_of(&self.parameters, |known| known.eq_ignore_ascii_case(name))
    }

    /// The first value of a query parameter, decoded.
    pub fn query(&self, name: &str) -> Option<&str> {
        value_of(&self.query, |known| known == name)
    }

    /// All query parameters in their order, decoded. `code`, the function key, is not among them.
    pub fn queries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.query
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A header's value; `None` also where it isn't text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// All headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body read as JSON.
    ///
    /// # Errors
    /// 400 with the place and what was expected; nothing of the body is repeated.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_json::from_slice(&self.body).map_err(|error| {
            Problem::bad_body(
                "",
                format!(
                    "line {}, column {}: {}",
                    error.line(),
                    error.column(),
                    what(&error)
                ),
            )
        })
    }

    /// What makes this request the same one when it is repeated.
    pub(crate) fn source(&self) -> NotificationSource {
        if let Some(key) = self.header("idempotency-key").map(str::trim)
            && !key.is_empty()
        {
            return NotificationSource::Key(key.to_owned());
        }
        NotificationSource::Invocation(incoming::invocation(&self.headers))
    }
}

/// What serde says, unless it quotes the body.
fn what(error: &serde_json::Error) -> &'static str {
    match error.classify() {
        serde_json::error::Category::Syntax | serde_json::error::Category::Eof => "this is not JSON",
        serde_json::error::Category::Data => "a property is missing or has another type than expected",
        serde_json::error::Category::Io => "the body could not be read",
    }
}

fn value_of(pairs: &[(String, String)], is: impl Fn(&str) -> bool) -> Option<&str> {
    let found = pairs.iter().find(|(name, _)| is(name));
    found.map(|(_, value)| value.as_str())
}

fn query_pairs(query: &str) -> Vec<(String, String)> {
    let pairs = serde_urlencoded::from_str::<Vec<(String, String)>>(query).unwrap_or_default();
    // The host's own: a key belongs into no log and no code.
    let is_key = |name: &str| name.eq_ignore_ascii_case("code");
    pairs.into_iter().filter(|(name, _)| !is_key(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    async fn request(uri: &str, body: &str) -> HttpRequest {
        let request = Request::builder()
            .method("POST")
            .uri(uri)
            .header("Idempotency-Key", "k-1")
            .body(Body::from(body.to_owned()))
            .unwrap();
        HttpRequest::read(request, vec![("Team".to_owned(), "ops".to_owned())])
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn everything_is_at_hand() {
        let request = request("/api/alerts/ops?severity=high+%26+low&code=secret", r#"{"n":7}"#).await;
        assert_eq!(request.parameter("team"), Some("ops"));
        assert_eq!(request.query("severity"), Some("high & low"));
        assert_eq!(request.queries().count(), 1, "the key is not among them");
        assert_eq!(request.source(), NotificationSource::Key("k-1".to_owned()));
        let body: serde_json::Value = request.json().unwrap();
        assert_eq!(body["n"], 7);
    }

    #[tokio::test]
    async fn debug_prints_nothing_that_came() {
        let request = request(
            "/api/alerts/planted-word?q=planted-word",
            r#"{"n":"planted-word"}"#,
        )
        .await;
        for shown in [format!("{request:?}"), format!("{request:#?}")] {
            assert!(!shown.contains("planted-word"), "{shown}");
        }
    }

    #[tokio::test]
    async fn a_body_of_another_shape_is_refused_without_quoting_it() {
        let request = request("/", r#"{"n":"secret"}"#).await;
        #[derive(Debug, serde::Deserialize)]
        struct Wanted {
            #[allow(dead_code, reason = "only read")]
            n: u32,
        }
        let problem = request.json::<Wanted>().unwrap_err();
        assert!(problem.detail().contains("line 1, column"), "{problem:?}");
        assert!(!problem.detail().contains("secret"), "{problem:?}");
    }
}
