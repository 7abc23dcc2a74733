//! One request to the connector: with the token, at most one retry with a new token after a 401, and a bounded response.

use super::{TeamsConnector, address::BaseUrl};
use crate::{
    answers::{self, Body, Operation, exchange_failed, local_answer, request_failed, retry_after},
    cloud::{ServiceHosts, TokenUse},
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

/// Largest response body that is read, bytes; rosters have up to 500 members a page.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const AGENT: HeaderValue = HeaderValue::from_static(transport::USER_AGENT);

/// A response of the connector, not classified yet.
pub(super) struct HttpReply {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
    pub(super) body: Body,
}

impl HttpReply {
    pub(super) fn classified(&self, operation: Operation, hosts: &ServiceHosts) -> Answer {
        answers::classify(operation, self.status, &self.body, self.retry_after, hosts)
    }
}

impl TeamsConnector {
    /// Posts or updates a message and classifies the response.
    pub(super) async fn send(
        &self,
        operation: Operation,
        base: &BaseUrl,
        path: &str,
        body: Vec<u8>,
    ) -> Answer {
        let method = if operation == Operation::Update {
            Method::PUT
        } else {
            Method::POST
        };
        match self.call(base, method, path, Some(body.into())).await {
            Ok(reply) => reply.classified(operation, &self.hosts),
            Err(answer) => answer,
        }
    }

    /// Sends a request. Any HTTP status is `Ok`; `Err` means that there was no response.
    pub(super) async fn call(
        &self,
        base: &BaseUrl,
        method: Method,
        path: &str,
        body: Option<Bytes>,
    ) -> Result<HttpReply, Answer> {
        let address = base
            .at(path)
            .map_err(|_| local_answer(Verdict::Rejected, "bad-id"))?;
        let tokens = match (base.token_use(), &self.tokens) {
            (TokenUse::Attach, Some(tokens)) => tokens,
            (TokenUse::Omit, _) => return self.once(method, address, body, None).await,
            // Only local development has no tokens, and it trusts no address that needs one.
            (TokenUse::Attach, None) => return Err(local_answer(Verdict::Unauthorized, "no-credentials")),
        };
        let bearer = bearer(tokens).await?;
        let reply = self
            .once(method.clone(), address.clone(), body.clone(), Some(&bearer))
            .await?;
        if reply.status != 401 {
            return Ok(reply);
        }
        // The token may have been revoked, or its key rolled over. A second 401 means wrong settings.
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
    ) -> Result<HttpReply, Answer> {
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
            Some(direct) => transport::exchange(direct, request, MAX_BODY_BYTES)
                .await
                .map_err(exchange_failed)?,
            None => through_proxy(&self.http, request).await?,
        };
        let retry_after = if response.status().is_success() {
            None
        } else {
            retry_after(response.headers(), self.clock.wall())
        };
        Ok(HttpReply {
            status: response.status().as_u16(),
            retry_after,
            body: response.into_body(),
        })
    }
}

/// The same exchange with the general client, which supports proxies.
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
        .map_err(|error| request_failed(&error))?;
    let mut bytes = Vec::new();
    let body = loop {
        match response.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() <= MAX_BODY_BYTES => bytes.extend_from_slice(&chunk),
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
        TokenError::Refused { code } => local_answer(Verdict::Unauthorized, code),
        TokenError::Certificate => local_answer(Verdict::Unauthorized, "certificate"),
        other => {
            let not_now = Verdict::NotNow {
                retry_after: other.retry_after(),
            };
            match other {
                TokenError::Unavailable {
                    status: Some(status), ..
                } => local_answer(not_now, &format!("no-token/{status}")),
                _ => local_answer(not_now, "no-token"),
            }
        }
    })
}
