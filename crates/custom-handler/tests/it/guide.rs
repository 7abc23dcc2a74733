//! The README's `curl` lines, against the example that they are for.

#[path = "../../examples/hello.rs"]
#[allow(dead_code, reason = "its main starts a server")]
mod hello;

use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use tower::ServiceExt as _;

/// Path and body of each line `$ curl localhost:3000/… [-d '…']`.
fn requests() -> Vec<(&'static str, &'static str)> {
    let lines = include_str!("../../README.md").lines();
    let requests = lines.filter_map(|line| line.strip_prefix("$ curl localhost:3000"));
    let parts = requests.map(|request| request.split_once(" -d ").unwrap_or((request, "")));
    parts
        .map(|(path, body)| (path, body.trim_matches('\'')))
        .collect()
}

#[tokio::test]
async fn the_example_answers_what_the_readme_sends() {
    let requests = requests();
    let mut answers = Vec::new();
    for (path, body) in &requests {
        let request = match *body {
            "" => Request::get(*path).body(Body::empty()),
            body => Request::post(*path).body(Body::from(body)),
        };
        let router = hello::app().await.unwrap().into_router().unwrap();
        let response = router.oneshot(request.unwrap()).await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        answers.push(String::from_utf8(body.to_vec()).unwrap());
    }
    assert_eq!(answers.len(), 2, "{requests:?}");
    assert_eq!(answers[0], "hello\n");
    assert!(answers[1].contains("HI"), "{answers:?}");
}
