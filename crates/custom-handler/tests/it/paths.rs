//! Paths as the host matches them: it routes in any case and with a slash at the end, and passes the path as it came.

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Path, RawQuery};
use axum::routing::{any, get, post};
use custom_handler::App;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::host::{ID, reply, send, text};

/// Which route answered, and the values of its parameters.
async fn show(route: MatchedPath, RawQuery(query): RawQuery, path: Path<Vec<(String, String)>>) -> String {
    let values: Vec<String> = path
        .0
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    format!(
        "{} {} {}",
        route.as_str(),
        values.join(" "),
        query.as_deref().unwrap_or("-")
    )
}

fn app() -> Router {
    App::new()
        .http("/api/messages", post(show))
        .http("/api/notification", any(show))
        .http("/api/notification/{*rest}", any(show))
        .http("/api/users/{id}/report", get(show))
        .http("/api/users/all/report", get(show))
        .http("/api/slash/", get(show))
        .http("/api/MixedCase/v1.0", get(show))
        .routes(Router::new().route("/api/own", get(show)))
        .http_function("messageHandler")
        .into_router()
        .unwrap()
}

async fn ask(app: &Router, method: &str, path: &str) -> (StatusCode, String) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("x-azure-functions-invocationid", ID);
    let response = send(app, request.body(Body::empty()).unwrap()).await;
    (response.status(), text(response).await)
}

#[tokio::test]
async fn literals_match_in_any_case_encoded_and_with_a_slash_at_the_end() {
    let app = app();
    for (path, shown) in [
        ("/api/messages", "/api/messages  -"),
        ("/api/Messages", "/api/messages  -"),
        ("/API/MESSAGES/", "/api/messages  -"),
        ("/api/messages/?code=K%2f", "/api/messages  code=K%2f"),
        ("/api/%6Dessages", "/api/messages  -"),
        ("/%41pi/m%65ssages/", "/api/messages  -"),
        ("/api/Notification", "/api/notification  -"),
        ("/api/notification/", "/api/notification  -"),
        (
            "/api/Notification/Ab/REPORT",
            "/api/notification/{*rest} rest=Ab/REPORT -",
        ),
        (
            "/Api/Notification/a%2Fb%20C/",
            "/api/notification/{*rest} rest=a/b C/ -",
        ),
    ] {
        assert_eq!(
            ask(&app, "POST", path).await,
            (StatusCode::OK, shown.to_owned()),
            "{path}"
        );
    }
    for (path, shown) in [
        ("/api/users/Ab-Cd/REPORT/", "/api/users/{id}/report id=Ab-Cd -"),
        ("/api/Users/%C3%9C%2f/report", "/api/users/{id}/report id=Ü/ -"),
        // What is literal in one route is no parameter of another.
        ("/api/users/ALL/report", "/api/users/all/report  -"),
        ("/api/Slash", "/api/slash/  -"),
        ("/api/slash/", "/api/slash/  -"),
        ("/api/mixedcase/V1.0/", "/api/MixedCase/v1.0  -"),
    ] {
        assert_eq!(
            ask(&app, "GET", path).await,
            (StatusCode::OK, shown.to_owned()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn what_the_host_does_not_match_is_not_found() {
    let app = app();
    for path in [
        "/api/messages//",
        "//api/messages",
        "/api//messages",
        "/api/message",
        "/api/messages/x",
        "/api/messages%2F",
        "/api/m%25essages",
        "/api/m%FFessages",
        "/api%2Fmessages",
        "/Api/notification//",
        "/api/own/",
        "/api/Own",
    ] {
        assert_eq!(ask(&app, "POST", path).await.0, 404, "{path}");
    }
    assert_eq!(
        ask(&app, "GET", "/api/own").await.0,
        200,
        "a router's own routes are its own"
    );
    assert_eq!(ask(&app, "GET", "/api/Messages/").await.0, 405);
    assert_eq!(ask(&app, "HEAD", "/api/Slash").await.0, 200);
    assert_eq!(ask(&app, "OPTIONS", "/api/Slash").await.0, 405);
}

#[tokio::test]
async fn enveloped_requests_are_matched_alike_and_functions_by_their_exact_name() {
    let app = app();
    let body = json!({ "Data": { "req": { "Url": "https://bot.example.net/api/Messages/?x=1", "Method": "POST", "Headers": {} } } });
    let answer: Value = reply(&app, "messageHandler", body.to_string()).await;
    assert_eq!(answer["Outputs"]["res"]["body"], "/api/messages  x=1");
    let request = Request::post("/MessageHandler")
        .body(Body::from(body.to_string()))
        .unwrap();
    assert_eq!(
        send(&app, request).await.status(),
        404,
        "the host keeps the folder's case"
    );
}
