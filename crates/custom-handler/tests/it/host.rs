//! The host's side, for the tests: requests as it builds them, answers as it judges them.

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

pub(crate) const ID: &str = "0d5f7f0e-54be-4ba1-9a8e-0a5d3c0f6b77";

/// What the host makes of an answer to an envelope.
#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    Success(Value),
    Failure(StatusCode, Value),
    /// The invocation never completes; the host kills the handler at its time limit.
    Hangs,
}

/// A string as the host writes it into `Data` and `Metadata`.
pub(crate) fn doubled(text: &str) -> Value {
    Value::String(serde_json::to_string(text).unwrap())
}

pub(crate) fn queue_body(text: &str) -> String {
    serde_json::json!({
        "Data": { "job": doubled(text) },
        "Metadata": {
            "DequeueCount": "1",
            "ExpirationTime": "2026-11-29T10:00:00+00:00",
            "Id": "\"800ae4b3-bdd2-4c08-badd-f08e5a34b865\"",
            "PopReceipt": "\"AgAAAAMAAAAAAAAAq1k2bQ==\"",
            "sys": { "MethodName": "job", "UtcNow": "2026-11-22T10:00:00.1234567Z", "RandGuid": ID }
        }
    })
    .to_string()
}

pub(crate) fn envelope(function: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(format!("/{function}"))
        .header("host", "127.0.0.1:41234")
        .header("content-type", "application/json; charset=utf-8")
        .header("x-azure-functions-hostversion", "4.1037.0.0")
        .header("x-azure-functions-invocationid", ID)
        .header("user-agent", "Azure-Functions-Host/4.1037.0.0")
        .body(body.into())
        .unwrap()
}

pub(crate) async fn send(router: &Router, request: Request<Body>) -> Response {
    router.clone().oneshot(request).await.unwrap()
}

pub(crate) async fn text(response: Response) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().into()).unwrap()
}

/// Posts an envelope and judges the answer by the host's table.
pub(crate) async fn invoke(router: &Router, function: &str, body: impl Into<Body>) -> Verdict {
    let response = send(router, envelope(function, body)).await;
    let status = response.status();
    let media = response
        .headers()
        .get(header::CONTENT_TYPE)
        .map(|v| v.to_str().unwrap().to_owned());
    let text = text(response).await;
    if status.is_success() && (text.is_empty() || text == "null") {
        return Verdict::Hangs;
    }
    assert_eq!(media.as_deref(), Some("application/json"), "{text}");
    let value: Value = serde_json::from_str(&text).unwrap();
    assert!(value.is_object(), "{text}");
    if status.is_success() {
        Verdict::Success(value)
    } else {
        Verdict::Failure(status, value)
    }
}

/// The reply of a successful invocation.
pub(crate) async fn reply(router: &Router, function: &str, body: impl Into<Body>) -> Value {
    match invoke(router, function, body).await {
        Verdict::Success(value) => value,
        other => panic!("{other:?}"),
    }
}

/// Status and explanation of a failed one.
pub(crate) async fn failure(router: &Router, function: &str, body: impl Into<Body>) -> (u16, String) {
    match invoke(router, function, body).await {
        Verdict::Failure(status, value) => (status.as_u16(), value["detail"].as_str().unwrap().to_owned()),
        other => panic!("{other:?}"),
    }
}
