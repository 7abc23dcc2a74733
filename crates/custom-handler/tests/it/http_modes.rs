//! The same routes, proxied, forwarded and enveloped.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, RawQuery};
use axum::response::AppendHeaders;
use axum::routing::{any, get, post};
use custom_handler::{App, HttpFunction, InvocationId};
use http::{HeaderMap, Request, StatusCode};
use serde_json::{Value, json};

use crate::host::{ID, envelope, failure, reply, send, text};

async fn show(
    method: http::Method,
    Path(rest): Path<String>,
    RawQuery(query): RawQuery,
    id: Option<InvocationId>,
    headers: HeaderMap,
    body: String,
) -> axum::Json<Value> {
    let header = |name: &str| headers.get(name).map(|v| v.to_str().unwrap().to_owned());
    axum::Json(json!({
        "method": method.as_str(), "rest": rest, "query": query, "id": id.map(|id| id.to_string()), "body": body,
        "key": header("x-functions-key"), "host": header("host"), "length": header("content-length"),
        "printed": format!("{headers:?}"),
    }))
}

fn app() -> Router {
    App::new()
        .http("/api/notification/{*rest}", any(show))
        .http(
            "/api/bytes",
            post(|body: axum::body::Bytes| async move { format!("{body:?}") }),
        )
        .http("/api/binary", get(|| async { vec![0xff_u8, 0xfe] }))
        .http(
            "/api/cookies",
            get(|| async {
                (
                    AppendHeaders([
                        ("set-cookie", "a=1"),
                        ("set-cookie", "b=2"),
                        ("vary", "x"),
                        ("vary", "y"),
                    ]),
                    "",
                )
            }),
        )
        .http(
            "/api/teapot",
            get(|| async { (StatusCode::IM_A_TEAPOT, "short and stout") }),
        )
        .http(
            "/api/panic",
            get(|| async {
                assert_eq!(1, 2, "arithmetic");
            }),
        )
        .routes(Router::new().route("/plain", post(|| async { "a public route of one segment" })))
        .http_function("httpTrigger")
        .http_function(HttpFunction::named("renamed").output("$return").trigger("req"))
        .into_router()
        .unwrap()
}

fn http(method: &str, url: &str, headers: &Value, body: &Value) -> String {
    let mut request = json!({
        "Url": url, "Method": method, "Query": { "code": "KEY" }, "Headers": headers, "Params": {},
        "Identities": [{ "AuthenticationType": null, "IsAuthenticated": false, "Claims": [], "Name": null }],
    });
    if !body.is_null() {
        request["Body"] = body.clone();
    }
    json!({ "Data": { "req": request }, "Metadata": { "hello": "\"world\"", "Headers": { "Host": "x" } } })
        .to_string()
}

#[tokio::test]
async fn forwarded_and_proxied_requests_reach_their_route() {
    let request = Request::post("/api/notification/a/b?code=KEY&x=1%2C2")
        .header("host", "bot.example.net")
        .header("x-functions-key", "KEY2")
        .header("x-azure-functions-invocationid", format!("forged, {ID}"))
        .header("x-ms-invocation-id", ID)
        .body(Body::from("{}"))
        .unwrap();
    let response = send(&app(), request).await;
    assert_eq!(response.status(), 200);
    let seen: Value = serde_json::from_str(&text(response).await).unwrap();
    assert_eq!(
        (&seen["rest"], &seen["query"], &seen["body"]),
        (&json!("a/b"), &json!("code=KEY&x=1%2C2"), &json!("{}"))
    );
    assert_eq!(
        (&seen["id"], &seen["key"], &seen["host"]),
        (&json!(ID), &json!("KEY2"), &json!("bot.example.net"))
    );
    assert!(!seen["printed"].as_str().unwrap().contains("KEY2"), "{seen}");
}

#[tokio::test]
async fn answers_of_routes_pass_unchanged() {
    let app = app();
    let ask = async |method: &str, path: &str| {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("x-azure-functions-invocationid", ID);
        send(&app, request.body(Body::empty()).unwrap()).await
    };
    assert_eq!(ask("GET", "/api/teapot").await.status(), 418);
    assert_eq!(ask("HEAD", "/api/teapot").await.status(), 418);
    assert_eq!(ask("GET", "/api/nowhere").await.status(), 404);
    assert_eq!(ask("DELETE", "/api/teapot").await.status(), 405);
    assert_eq!(ask("POST", "/plain").await.status(), 200);
    assert_eq!(
        ask("GET", "/").await.status(),
        404,
        "a public request for the root is no ping"
    );
    let panicked = ask("GET", "/api/panic").await;
    assert_eq!(panicked.status(), 500);
    assert_eq!(panicked.headers()["content-type"], "application/problem+json");
    let shown = text(panicked).await;
    assert!(!shown.contains("arithmetic"), "a client must not see {shown}");
    assert_eq!(ask("GET", "/api/teapot").await.status(), 418);
}

#[tokio::test]
async fn the_ping_is_answered_whatever_else_is_there() {
    let response = send(&app(), Request::get("/").body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn an_enveloped_request_is_served_by_the_same_route() {
    let headers = json!({ "Host": ["bot.example.net"], "Content-Type": ["application/json"], "Content-Length": ["999"],
        "X-Azure-Functions-InvocationId": ["forged"], "x-functions-key": ["KEY2"] });
    let body = http(
        "POST",
        "https://bot.example.net/api/notification/a b?code=KEY&x=1",
        &headers,
        &json!("{\"ü\":1}"),
    );
    let res = reply(&app(), "httpTrigger", body).await["Outputs"]["res"].clone();
    assert_eq!(res["statusCode"], 200);
    assert_eq!(res["headers"]["content-type"], "application/json");
    let seen: Value = serde_json::from_str(res["body"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&seen["method"], &seen["rest"], &seen["query"]),
        (&json!("POST"), &json!("a b"), &json!("code=KEY&x=1"))
    );
    assert_eq!(
        (&seen["body"], &seen["length"], &seen["id"]),
        (&json!("{\"ü\":1}"), &json!("8"), &json!(ID))
    );
    assert_eq!(
        (&seen["host"], &seen["key"]),
        (&json!("bot.example.net"), &json!("KEY2"))
    );
    assert!(!seen["printed"].as_str().unwrap().contains("KEY2"), "{seen}");
}

#[tokio::test]
async fn enveloped_bodies_may_be_absent_or_binary() {
    let app = app();
    let none = http("GET", "https://x/api/notification/z", &json!({}), &Value::Null);
    let res = reply(&app, "httpTrigger", none).await["Outputs"]["res"].clone();
    assert_eq!(
        serde_json::from_str::<Value>(res["body"].as_str().unwrap()).unwrap()["body"],
        ""
    );
    let octets = json!({ "Content-Type": ["application/octet-stream"] });
    let binary = http("POST", "https://x/api/bytes", &octets, &json!("AP8="));
    assert_eq!(
        reply(&app, "httpTrigger", binary).await["Outputs"]["res"]["body"],
        r#"b"\0\xff""#
    );
    let (status, why) = failure(
        &app,
        "httpTrigger",
        http("POST", "https://x/api/bytes", &octets, &json!("*")),
    )
    .await;
    assert!(status == 400 && why.contains("base64"), "{status} {why}");
    let (status, why) = failure(&app, "httpTrigger", r#"{"Data":{"req":{"Method":"GET"}}}"#).await;
    assert!(status == 400 && why.contains("`Url`"), "{status} {why}");
}

#[tokio::test]
async fn enveloped_answers_keep_status_and_headers() {
    let app = app();
    let ask = async |path: &str| {
        let body = http("GET", &format!("https://x{path}"), &json!({}), &Value::Null);
        reply(&app, "httpTrigger", body).await["Outputs"]["res"].clone()
    };
    let teapot = ask("/api/teapot").await;
    assert_eq!(
        (&teapot["statusCode"], &teapot["body"]),
        (&json!(418), &json!("short and stout"))
    );
    let cookies = ask("/api/cookies").await;
    assert_eq!(
        (&cookies["headers"]["set-cookie"], &cookies["headers"]["vary"]),
        (&json!("a=1"), &json!("x, y"))
    );
    assert_eq!(ask("/api/nowhere").await["statusCode"], 404);
    assert_eq!(ask("/api/panic").await["statusCode"], 500);
    assert_eq!(ask("/api/binary").await["statusCode"], 500);
}

#[tokio::test]
async fn the_answer_goes_where_the_binding_is() {
    let body = http("GET", "https://x/api/teapot", &json!({}), &Value::Null);
    let answer = reply(&app(), "renamed", body).await;
    assert_eq!(
        (&answer["Outputs"], &answer["ReturnValue"]["statusCode"]),
        (&json!({}), &json!(418))
    );
}

#[tokio::test]
async fn an_http_envelope_must_be_declared() {
    let body = http("GET", "https://x/api/teapot", &json!({}), &Value::Null);
    let response = send(&app(), envelope("undeclared", body)).await;
    assert_eq!(response.status(), 404);
    assert!(
        text(response)
            .await
            .contains("this handler has: httpTrigger, renamed")
    );
}
