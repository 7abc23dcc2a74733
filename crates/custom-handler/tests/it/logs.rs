//! The log that an operator reads.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use custom_handler::logging::Lines;
use custom_handler::{App, Failure, Invocation, QueueItem};
use futures::FutureExt as _;
use http::Request;
use serde_json::{Value, json};
use tracing_subscriber::layer::SubscriberExt as _;

use crate::host::{ID, envelope, queue_body, send};

fn app() -> Router {
    App::new()
        .http(
            "/api/users/{id}",
            get(|| async {
                tracing::info!(step = 1, "inside");
                "ok"
            }),
        )
        .http("/api/waits", get(std::future::pending::<()>))
        .queue("q", |item: QueueItem, _: Invocation| async move {
            match item.text.as_str() {
                "fail" => Err(Failure::new("store is down")),
                "panic" => panic!("broken"),
                _ => Ok(()),
            }
        })
        .into_router()
        .unwrap()
}

/// A log kept in memory.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The lines that the requests leave.
async fn lines(requests: Vec<Request<Body>>) -> (String, Vec<Value>) {
    let written = Kept::default();
    let writer = written.clone();
    let subscriber = tracing_subscriber::registry().with(Lines::json(move || writer.clone()));
    let _installed = tracing::subscriber::set_default(subscriber);
    let app = app();
    for request in requests {
        send(&app, request).await;
    }
    let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    let lines = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    (text, lines)
}

#[tokio::test]
async fn each_invocation_is_one_line_with_its_id() {
    let requests = ["x", "fail", "panic"].map(|text| envelope("q", queue_body(text)));
    let (_, lines) = lines(requests.into()).await;
    assert_eq!(lines.len(), 3, "{lines:#?}");
    for line in &lines {
        assert_eq!(
            (&line["function"], &line["method"], &line["invocation_id"]),
            (&json!("q"), &json!("POST"), &json!(ID))
        );
        assert!(
            line["duration_ms"].is_f64() && line["timestamp"].is_string(),
            "{line}"
        );
    }
    let shown: Vec<_> = lines
        .iter()
        .map(|l| (&l["level"], &l["status"], l.get("error").and_then(Value::as_str)))
        .collect();
    assert_eq!(shown[0], (&json!("INFO"), &json!(200), None));
    assert_eq!(shown[1], (&json!("ERROR"), &json!(500), Some("store is down")));
    assert_eq!(
        shown[2],
        (&json!("ERROR"), &json!(500), Some("the handler panicked: broken"))
    );
}

#[tokio::test]
async fn lines_inside_an_invocation_carry_its_id_and_no_line_a_secret() {
    let request = Request::get("/api/users/a@example.com?code=KEY1&q=words")
        .header("x-azure-functions-invocationid", ID)
        .header("x-functions-key", "KEY2")
        .header("authorization", "Bearer KEY3")
        .header("cookie", "s=KEY4");
    let (text, lines) = lines(vec![request.body(Body::empty()).unwrap()]).await;
    assert_eq!(
        (
            &lines[0]["message"],
            &lines[0]["step"],
            &lines[0]["invocation_id"]
        ),
        (&json!("inside"), &json!(1), &json!(ID))
    );
    assert_eq!(
        (&lines[1]["route"], &lines[1]["status"]),
        (&json!("/api/users/{id}"), &json!(200))
    );
    assert!(
        !["KEY", "words", "example.com"]
            .iter()
            .any(|secret| text.contains(secret)),
        "{text}"
    );
}

#[tokio::test]
async fn what_matches_nothing_is_a_warning_and_pings_leave_no_line() {
    let unknown = Request::get("/api/other/a@example.com?code=KEY")
        .body(Body::empty())
        .unwrap();
    let ping = Request::get("/").body(Body::empty()).unwrap();
    let (text, lines) = lines(vec![ping, unknown, envelope("nobody", queue_body("x"))]).await;
    assert_eq!(lines.len(), 2, "{text}");
    assert!(
        lines
            .iter()
            .all(|line| line["level"] == "WARN" && line["status"] == 404),
        "{text}"
    );
    assert!(
        lines[0]["message"]
            .as_str()
            .unwrap()
            .starts_with("GET /api/other/… (no such route) answered 404")
    );
    assert_eq!(
        lines[1]["error"],
        "no function is named `nobody`; this handler has: q"
    );
    assert!(!text.contains("KEY") && !text.contains("example.com"), "{text}");
}

#[tokio::test]
async fn a_request_that_its_caller_gives_up_leaves_a_line() {
    let written = Kept::default();
    let writer = written.clone();
    let subscriber = tracing_subscriber::registry().with(Lines::json(move || writer.clone()));
    let _installed = tracing::subscriber::set_default(subscriber);
    let app = app();
    let request = Request::get("/api/waits?code=KEY").header("x-azure-functions-invocationid", ID);
    assert!(
        send(&app, request.body(Body::empty()).unwrap())
            .now_or_never()
            .is_none()
    );
    let line: Value = serde_json::from_slice(&written.0.lock().unwrap()).unwrap();
    assert_eq!(line["message"], "GET /api/waits was cancelled by its caller");
    assert_eq!(
        (&line["level"], &line["invocation_id"]),
        (&json!("WARN"), &json!(ID))
    );
}

#[tokio::test]
async fn the_id_is_there_at_every_level() {
    let written = Kept::default();
    let writer = written.clone();
    let levels = tracing_subscriber::filter::Targets::new().with_default(tracing::Level::ERROR);
    let subscriber = tracing_subscriber::registry()
        .with(levels)
        .with(Lines::json(move || writer.clone()));
    let _installed = tracing::subscriber::set_default(subscriber);
    let app = App::new()
        .http("/x", get(|| async { tracing::error!("inside") }))
        .into_router()
        .unwrap();
    let request = Request::get("/x").header("x-azure-functions-invocationid", ID);
    send(&app, request.body(Body::empty()).unwrap()).await;
    let line: Value = serde_json::from_slice(&written.0.lock().unwrap()).unwrap();
    assert_eq!(
        (&line["message"], &line["invocation_id"]),
        (&json!("inside"), &json!(ID))
    );
}
