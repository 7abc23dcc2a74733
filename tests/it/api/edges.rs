//! What all routes have in common: query parameters, methods, keys, and how long answers may be kept.

use super::served;
use crate::support::{activities::entra, http::Answer};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn an_unknown_query_parameter_is_named_on_every_route() {
    let (handler, connector) = served(1).await;
    let id = handler
        .accepts(&json!({ "text": "x", "audience": { "users": [entra(1)] } }))
        .await;
    handler.ends(&id).await;
    let sent = connector.messages().len();
    let one = format!("/api/notification/{id}");
    for (method, path) in [
        (Method::GET, "/api/notification".to_owned()),
        (Method::POST, "/api/notification".to_owned()),
        (Method::GET, one.clone()),
        (Method::HEAD, one.clone()),
        (Method::PUT, one.clone()),
        (Method::DELETE, one.clone()),
        (Method::GET, format!("{one}/report")),
        (Method::POST, format!("{one}/cancel")),
        (Method::POST, format!("{one}/pause")),
        (Method::POST, format!("{one}/resume")),
        (Method::GET, "/api/openapi.json".to_owned()),
        (Method::GET, "/api/health".to_owned()),
    ] {
        let request = handler.request(method.clone(), &format!("{path}?code=x&stat=1"));
        let answer = Answer::to(request.body(r#"{"text":"y"}"#)).await.expect(400);
        if method != Method::HEAD {
            assert_eq!(answer.problem(400)["parameter"], "stat", "{method} {path}");
        }
    }
    assert_eq!(connector.messages().len(), sent, "nothing was sent");
    let near = Answer::to(handler.request(Method::GET, "/api/notification?Limit=1")).await;
    let detail = near.problem(400)["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("did you mean \"limit\"?"), "{detail}");
    for fine in ["code=x", "CODE=x&clientId=y", "clientid=y&limit=1"] {
        Answer::to(handler.request(Method::GET, &format!("/api/notification?{fine}")))
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn every_path_says_which_methods_it_takes() {
    let (handler, _connector) = served(1).await;
    let id = handler
        .accepts(&json!({ "text": "x", "audience": { "users": [entra(1)] } }))
        .await;
    handler.ends(&id).await;
    let one = format!("/api/notification/{id}");
    for (path, methods) in [
        ("/api/notification".to_owned(), "GET, HEAD, POST, OPTIONS"),
        (one.clone(), "GET, HEAD, PUT, DELETE, OPTIONS"),
        (format!("{one}/report"), "GET, HEAD, OPTIONS"),
        (format!("{one}/cancel"), "POST, OPTIONS"),
        (format!("{one}/pause"), "POST, OPTIONS"),
        (format!("{one}/resume"), "POST, OPTIONS"),
        ("/api/openapi.json".to_owned(), "GET, HEAD, OPTIONS"),
        ("/api/health".to_owned(), "GET, HEAD, OPTIONS"),
    ] {
        let sorted = |text: &str| {
            let mut all: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
            all.sort();
            all
        };
        let options = Answer::to(handler.request(Method::OPTIONS, &path))
            .await
            .expect(204);
        assert_eq!(sorted(options.header("allow")), sorted(methods), "{path}");
        let refused = Answer::to(handler.request(Method::PATCH, &path)).await;
        let problem = refused.problem(405);
        assert_eq!(sorted(refused.header("allow")), sorted(methods), "{path}");
        assert!(
            problem["detail"].as_str().unwrap().contains("OPTIONS"),
            "{problem}"
        );
    }
    let head = Answer::to(handler.request(Method::HEAD, &one)).await.expect(200);
    assert_eq!(
        (head.body.as_str(), head.header("content-type")),
        ("", "application/json")
    );
}

#[tokio::test]
async fn what_the_host_refuses_is_a_problem_too() {
    let (handler, _connector) = served(0).await;
    for path in [
        "/api/notification",
        "/api/notification/x/report",
        "/api/openapi.json",
    ] {
        let bare = crate::support::http::client().get(handler.url(path));
        let problem = Answer::to(bare).await.problem(401);
        assert!(
            problem["detail"].as_str().unwrap().contains("x-functions-key"),
            "{problem}"
        );
    }
    for path in ["/api/nowhere", "/nowhere", "/api/notification/x/nowhere"] {
        Answer::to(handler.request(Method::GET, path)).await.problem(404);
    }
}

#[tokio::test]
async fn nobody_keeps_answers_but_the_description() {
    let (handler, _connector) = served(0).await;
    for path in ["/api/notification", "/api/notification/x", "/api/health"] {
        let answer = Answer::to(handler.request(Method::GET, path)).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
    let first = Answer::to(handler.request(Method::GET, "/api/openapi.json"))
        .await
        .expect(200);
    assert_eq!(first.header("cache-control"), "no-cache");
    let etag = first.header("etag").to_owned();
    for known in [
        etag.clone(),
        format!("W/{etag}"),
        format!("\"x\", {etag}"),
        "*".to_owned(),
    ] {
        let request = handler.request(Method::GET, "/api/openapi.json");
        let again = Answer::to(request.header("if-none-match", &known))
            .await
            .expect(304);
        assert_eq!(
            (again.header("etag"), again.body.as_str()),
            (etag.as_str(), ""),
            "{known}"
        );
    }
    let other = handler.request(Method::GET, "/api/openapi.json");
    Answer::to(other.header("if-none-match", "\"x\""))
        .await
        .expect(200);
}
