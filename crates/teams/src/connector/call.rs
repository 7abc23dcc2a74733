//! One request to the connector: the token on it, at most one new token after a 401, the answer read within bounds.

use super::{TeamsConnector, address::Base};
use crate::{
    answers::{self, Body, Operation, broken, lost, ours, retry_after},
    cloud::Credentials,
    outbound::{Bearer, TokenError, Tokens},
    transport,
};
use bytes::Bytes;
use http::{
    HeaderValue, Method, Request, Response, Uri,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT},
};
use http_body_util::{BodyExt, Full};
use notify::ports::{Answer, Verdict};
use std::time::Duration;

/// Largest answer that is read, bytes; rosters have 500 members a page.
const LARGEST: usize = 4 * 1024 * 1024;
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const AGENT: HeaderValue = HeaderValue::from_static(transport::USER_AGENT);

/// An answer as it came.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
    pub(super) body: Body,
}

impl Reply {
    pub(super) fn classified(&self, operation: Operation) -> Answer {
        answers::classify(operation, self.status, &self.body, self.retry_after)
    }
}

impl TeamsConnector {
    /// Posts a message and gives the answer its meaning.
    pub(super) async fn send(&self, operation: Operation, base: &Base, path: &str, body: Vec<u8>) -> Answer {
        let method = if operation == Operation::Update {
            Method::PUT
        } else {
            Method::POST
        };
        match self.call(base, method, path, Some(body.into())).await {
            Ok(reply) => reply.classified(operation),
            Err(answer) => answer,
        }
    }

    /// Sends a request. Whatever status comes back is a reply; an `Err` is ours.
    pub(super) async fn call(
        &self,
        base: &Base,
        method: Method,
        path: &str,
        body: Option<Bytes>,
    ) -> Result<Reply, Answer> {
        let address = base.at(path).map_err(|_| ours(Verdict::Rejected, "bad-id"))?;
        let tokens = match (base.credentials(), &self.tokens) {
            (Credentials::Token, Some(tokens)) => tokens,
            (Credentials::Nothing, _) => return self.once(method, address, body, None).await,
            // Only local development has no tokens, and it trusts no address that needs one.
            (Credentials::Token, None) => return Err(ours(Verdict::Unauthorized, "no-credentials")),
        };
        let bearer = bearer(tokens).await?;
        let reply = self
            .once(method.clone(), address.clone(), body.clone(), Some(&bearer))
            .await?;
        if reply.status != 401 {
            return Ok(reply);
        }
        // It may have been revoked, or the key behind it rolled over. A second 401 is a matter of settings.
        tokens.refused(&bearer);
        let fresh = self::bearer(tokens).await?;
        self.once(method, address, body, Some(&fresh)).await
    }

    async fn once(
        &self,
        method: Method,
        address: Uri,
        body: Option<Bytes>,
        bearer: Option<&Bearer>,
    ) -> Result<Reply, Answer> {
        let mut request = Request::new(Full::new(Bytes::new()));
        *request.method_mut() = method;
        *request.uri_mut() = address;
        let headers = request.headers_mut();
        headers.reserve(5);
        headers.insert(ACCEPT, JSON);
        headers.insert(USER_AGENT, AGENT);
        if let Some(bearer) = bearer {
            headers.insert(AUTHORIZATION, bearer.header().clone());
        }
        if let Some(body) = body {
            headers.insert(CONTENT_TYPE, JSON);
            *request.body_mut() = Full::new(body);
        }
        let response = match self.http.direct() {
            Some(direct) => transport::exchange(direct, request, LARGEST)
                .await
                .map_err(lost)?,
            None => through_proxy(&self.http, request).await?,
        };
        let retry_after = if response.status().is_success() {
            None
        } else {
            retry_after(response.headers(), self.clock.wall())
        };
        Ok(Reply {
            status: response.status().as_u16(),
            retry_after,
            body: response.into_body(),
        })
    }
}

/// The same exchange by the general client, which knows proxies.
async fn through_proxy(
    http: &reqwest::Client,
    request: Request<Full<Bytes>>,
) -> Result<Response<Body>, Answer> {
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await;
    let mut response = http
        .request(head.method, head.uri.to_string())
        .headers(head.headers)
        .body(body.to_bytes())
        .send()
        .await
        .map_err(|error| broken(&error))?;
    let mut bytes = Vec::new();
    let body = loop {
        match response.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() <= LARGEST => bytes.extend_from_slice(&chunk),
            Ok(None) => break Body::Whole(bytes),
            Ok(Some(_)) | Err(_) => break Body::Cut(bytes),
        }
    };
    let mut answer = Response::new(body);
    *answer.status_mut() = response.status();
    *answer.headers_mut() = std::mem::take(response.headers_mut());
    Ok(answer)
}

async fn bearer(tokens: &Tokens) -> Result<Bearer, Answer> {
    tokens.bearer().await.map_err(|error| match &error {
        TokenError::Refused { code } => ours(Verdict::Unauthorized, code),
        TokenError::Certificate => ours(Verdict::Unauthorized, "certificate"),
        other => ours(
            Verdict::NotNow {
                retry_after: other.retry_after(),
            },
            "no-token",
        ),
    })
}
