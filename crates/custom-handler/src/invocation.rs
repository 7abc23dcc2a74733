//! An invocation: its id and the other information that the host sends besides the trigger's value.

use std::fmt;
use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::HeaderMap;
use http::request::Parts;
use jiff::Timestamp;

use crate::envelope::{Envelope, RawObject};

const ID_HEADER: &str = "x-azure-functions-invocationid";
const MAX_ID_BYTES: usize = 128;

/// The host's id of one attempt at one invocation. **For correlation only**: in forwarding mode a client can send
/// the header too, and a repeated attempt gets a new id.
///
/// In an axum handler take `Option<InvocationId>`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct InvocationId(Arc<str>);

impl InvocationId {
    /// Reads `X-Azure-Functions-InvocationId`. The forwarding host appends its own value to one that a client
    /// sent, so the last element counts. `None` when it is missing, longer than 128 bytes, or not plain ASCII.
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let last = headers.get_all(ID_HEADER).iter().next_back()?.to_str().ok()?;
        let id = last.rsplit(',').next().unwrap_or(last).trim();
        let plain = !id.is_empty() && id.len() <= MAX_ID_BYTES && id.bytes().all(|b| b.is_ascii_graphic());
        plain.then(|| Self(id.into()))
    }

    /// The id as the host wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host sends the header with everything but pings.
    pub(crate) fn is_present(headers: &HeaderMap) -> bool {
        headers.contains_key(ID_HEADER)
    }
}

impl fmt::Display for InvocationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for InvocationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for InvocationId {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Self::Rejection> {
        Ok(Self::from_headers(&parts.headers))
    }
}

impl<S: Sync> FromRequestParts<S> for InvocationId {
    type Rejection = (http::StatusCode, &'static str);

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Self::from_headers(&parts.headers).ok_or((
            http::StatusCode::BAD_REQUEST,
            "the header X-Azure-Functions-InvocationId is missing",
        ))
    }
}

/// One attempt at one non-HTTP invocation, without its trigger value. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Invocation {
    id: Option<InvocationId>,
    function: Arc<str>,
    host_version: Option<Arc<str>>,
    traceparent: Option<Arc<str>>,
    envelope: Envelope,
}

/// The state of a configured retry policy. **Untrusted** for queue messages with a property `RetryContext`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryContext {
    /// 0 on the first attempt.
    pub retry_count: i64,
    /// -1: without limit.
    pub max_retry_count: i64,
}

impl Invocation {
    pub(crate) fn new(function: Arc<str>, headers: &HeaderMap, envelope: Envelope) -> Self {
        let header = |name: &str| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(Arc::from)
        };
        Self {
            id: InvocationId::from_headers(headers),
            function,
            host_version: header("x-azure-functions-hostversion"),
            traceparent: header("traceparent"),
            envelope,
        }
    }

    /// The host's id of this attempt; `None` when the caller is not the host.
    pub fn id(&self) -> Option<&InvocationId> {
        self.id.as_ref()
    }

    /// The function's name, which is its folder's name.
    pub fn function(&self) -> &str {
        &self.function
    }

    /// For example `4.1037.0.0`.
    pub fn host_version(&self) -> Option<&str> {
        self.host_version.as_deref()
    }

    /// W3C trace context; the host sends one only while it traces.
    pub fn traceparent(&self) -> Option<&str> {
        self.traceparent.as_deref()
    }

    /// The whole envelope, other input bindings included.
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// The host's clock when it built this invocation (`Metadata.sys.UtcNow`). **Untrusted** for queue messages,
    /// whose property `sys` would replace it.
    pub fn host_time(&self) -> Option<Timestamp> {
        let sys = self.envelope.metadata("sys")?;
        let sys = RawObject::parse(&sys.text()).ok().flatten()?;
        crate::trigger::instant(&crate::Payload::new(sys.get("UtcNow")?).text())
    }

    /// The retry policy's state; `None` when the function has no retry policy.
    pub fn retry(&self) -> Option<RetryContext> {
        let context = RawObject::parse(&self.envelope.metadata("RetryContext")?.text())
            .ok()
            .flatten()?;
        let number = |name: &str| crate::Payload::new(context.get(name)?).text().parse().ok();
        Some(RetryContext {
            retry_count: number("RetryCount")?,
            max_retry_count: number("MaxRetryCount")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(values: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(ID_HEADER, value.parse().unwrap());
        }
        InvocationId::from_headers(&headers).map(|id| id.to_string())
    }

    #[test]
    fn the_last_element_is_the_hosts() {
        assert_eq!(id(&["0d5f"]).unwrap(), "0d5f");
        assert_eq!(id(&["forged, 0d5f"]).unwrap(), "0d5f");
        assert_eq!(id(&["forged", "0d5f"]).unwrap(), "0d5f");
        assert_eq!(id(&[]), None);
        assert_eq!(id(&["forged,"]), None);
        assert_eq!(id(&[&"x".repeat(129)]), None);
        assert_eq!(id(&["two words"]), None);
    }

    #[test]
    fn metadata_of_the_call() {
        let body = br#"{"Data":{"tick":{}},"Metadata":{"sys":{"MethodName":"t","UtcNow":"2026-11-22T07:00:00.0451234Z"},
            "RetryContext":{"RetryCount":1,"MaxRetryCount":3,"Exception":null}}}"#;
        let mut headers = HeaderMap::new();
        headers.insert("X-Azure-Functions-HostVersion", "4.1".parse().unwrap());
        let call = Invocation::new("t".into(), &headers, Envelope::parse(body).unwrap());
        assert_eq!(
            call.host_time().unwrap().to_string(),
            "2026-11-22T07:00:00.0451234Z"
        );
        assert_eq!(
            call.retry(),
            Some(RetryContext {
                retry_count: 1,
                max_retry_count: 3
            })
        );
        assert_eq!(
            (call.host_version(), call.traceparent(), call.id()),
            (Some("4.1"), None, None)
        );
    }
}
