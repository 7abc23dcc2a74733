//! What the SDK's managed identity lacks: it reads `expires_on` as text only, though endpoints also write a number, and it
//! asks the endpoint with every request while a token nears its end, though the endpoint hands out the same token.

use azure_core::{
    credentials::{AccessToken, TokenCredential, TokenRequestOptions},
    http::{AsyncRawResponse, HttpClient, Request},
    time::{Duration as SdkDuration, OffsetDateTime},
};
use serde_json::Value;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::Mutex;

/// How long a token near its end is used before the endpoint is asked again.
const PAUSE: Duration = Duration::from_secs(30);
/// A token that ends sooner is not sent any more: a request takes time.
const LAST_MOMENTS: SdkDuration = SdkDuration::seconds(30);

/// Sends to the identity endpoint and makes its numbers the texts that the SDK reads.
#[derive(Debug)]
pub(super) struct IdentityEndpointClient(pub(super) Arc<dyn HttpClient>);

#[async_trait::async_trait]
impl HttpClient for IdentityEndpointClient {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let (status, headers, body) = self.0.execute_request(request).await?.deconstruct();
        let body = body.collect().await?;
        let body = match with_text_expiry(&body, OffsetDateTime::now_utc().unix_timestamp()) {
            Some(text) => text.into(),
            None => body,
        };
        Ok(AsyncRawResponse::from_bytes(status, headers, body))
    }
}

/// The answer with `expires_on` as text; `None` when it is one already, or no token's answer.
fn with_text_expiry(body: &[u8], now: i64) -> Option<Vec<u8>> {
    let mut answer: Value = serde_json::from_slice(body).ok()?;
    let whole = |value: &Value| value.as_i64().or_else(|| value.as_str()?.trim().parse().ok());
    answer.get("access_token")?;
    let end = match answer.get("expires_on") {
        Some(Value::String(_)) => return None,
        Some(number) => number.as_f64().map(|seconds| seconds as i64)?,
        None => now.checked_add(whole(answer.get("expires_in")?)?)?,
    };
    answer
        .as_object_mut()?
        .insert("expires_on".to_owned(), Value::String(end.to_string()));
    serde_json::to_vec(&answer).ok()
}

/// Asks a credential for a token at most every [`PAUSE`], as long as the one it gave can be used.
#[derive(Debug)]
pub(super) struct PacedCredential {
    inner: Arc<dyn TokenCredential>,
    last: Mutex<Option<(Instant, AccessToken)>>,
}

impl PacedCredential {
    pub(super) fn new(inner: Arc<dyn TokenCredential>) -> Self {
        Self {
            inner,
            last: Mutex::new(None),
        }
    }
}

#[async_trait::async_trait]
impl TokenCredential for PacedCredential {
    /// All requests here are for one scope.
    async fn get_token(
        &self,
        scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let mut last = self.last.lock().await;
        let usable = last
            .as_ref()
            .filter(|(_, token)| token.expires_on > OffsetDateTime::now_utc() + LAST_MOMENTS);
        if let Some((asked, token)) = usable
            && asked.elapsed() < PAUSE
        {
            return Ok(token.clone());
        }
        let usable = usable.map(|(_, token)| token.clone());
        match (self.inner.get_token(scopes, options).await, usable) {
            (Ok(token), _) | (Err(_), Some(token)) => {
                *last = Some((Instant::now(), token.clone()));
                Ok(token)
            }
            (Err(error), None) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use azure_core::error::{Error, ErrorKind};
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn every_spelling_of_an_end_becomes_the_sdks() {
        let end = |body: &str| {
            let text = with_text_expiry(body.as_bytes(), 1_000)?;
            let answer: Value = serde_json::from_slice(&text).ok()?;
            Some(answer["expires_on"].clone())
        };
        for (body, expected) in [
            (
                r#"{"access_token":"t","expires_on":1767229200}"#,
                Some("1767229200"),
            ),
            (
                r#"{"access_token":"t","expires_on":1767229200.0}"#,
                Some("1767229200"),
            ),
            (r#"{"access_token":"t","expires_in":"3600"}"#, Some("4600")),
            (r#"{"access_token":"t","expires_in":3600}"#, Some("4600")),
            (r#"{"access_token":"t","expires_on":"1767229200"}"#, None),
            (r#"{"error":"x","expires_on":1}"#, None),
            ("no JSON", None),
        ] {
            assert_eq!(
                end(body),
                expected.map(|text| Value::String(text.to_owned())),
                "{body}"
            );
        }
    }

    /// Gives tokens that end in so many seconds, and counts; fails from the second on if set to.
    #[derive(Debug)]
    struct Endpoint {
        seconds: i64,
        fails_later: &'static [usize],
        asked: AtomicUsize,
    }

    #[async_trait::async_trait]
    impl TokenCredential for Endpoint {
        async fn get_token(
            &self,
            _: &[&str],
            _: Option<TokenRequestOptions<'_>>,
        ) -> azure_core::Result<AccessToken> {
            let number = self.asked.fetch_add(1, Ordering::Relaxed);
            if self.fails_later.contains(&number) {
                return Err(Error::with_message(ErrorKind::Credential, "no"));
            }
            let end = OffsetDateTime::now_utc() + SdkDuration::seconds(self.seconds);
            Ok(AccessToken::new("t".to_owned(), end))
        }
    }

    async fn asked(seconds: i64, fails_later: &'static [usize], requests: usize) -> (usize, usize) {
        let endpoint = Arc::new(Endpoint {
            seconds,
            fails_later,
            asked: AtomicUsize::new(0),
        });
        let credential = PacedCredential::new(Arc::clone(&endpoint) as _);
        let mut had = 0;
        for _ in 0..requests {
            had += usize::from(credential.get_token(&["s"], None).await.is_ok());
        }
        (endpoint.asked.load(Ordering::Relaxed), had)
    }

    #[tokio::test]
    async fn a_token_near_its_end_is_not_asked_for_by_every_request() {
        // Within the SDK's five minutes.
        assert_eq!(asked(120, &[], 50).await, (1, 50));
        // One that is as good as over is never used again.
        assert_eq!(asked(10, &[], 3).await, (3, 3));
        // A failure without a usable token is returned, and the next request tries again.
        assert_eq!(asked(120, &[0], 3).await, (2, 2));
    }
}
