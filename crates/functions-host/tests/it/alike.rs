//! `local-host` around a router in its own process, and this host around the same router behind a socket: the router
//! gets the same requests, and clients get the same answers.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use functions_host::ForwardingMode;
use functions_project::{Project, Settings};
use http_body_util::BodyExt as _;
use local_host::{InProcess, LocalHost};
use serde_json::Value;
use tokio::sync::mpsc;

use crate::support::{HOST, HTTP, app, attached, raw, serve_host};

const TIMER: &str = r#"{"bindings":[{"type":"timerTrigger","name":"tick","schedule":"0 0 0 1 1 *"}]}"#;

/// Echoes what it gets, and tells it.
fn router(tell: mpsc::UnboundedSender<String>) -> Router {
    Router::new().fallback(echo).with_state(tell)
}

async fn echo(State(tell): State<mpsc::UnboundedSender<String>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if !parts.headers.contains_key("x-azure-functions-invocationid") {
        return Response::builder().status(404).body(Body::empty()).unwrap();
    }
    let body = body.collect().await.unwrap().to_bytes();
    let headers: Vec<String> = parts
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    let line = format!("{} {} {:?}", parts.method, parts.uri, parts.version);
    let text = String::from_utf8_lossy(&body);
    let message = format!("{line}\r\n{}\r\n\r\n{text}", headers.join("\r\n"));
    tell.send(without_chance(&message)).unwrap();
    let answer = Response::builder().header("content-type", "application/json");
    let answer = answer.header("x-hop", "1").header("connection", "x-hop");
    match parts.uri.path() {
        "/api/echo/nothing" => answer.status(204).body(Body::empty()),
        "/api/echo/refused" => answer.status(418).body(Body::from("refused")),
        "/echo" => {
            let reply = r#"{"Outputs":{"res":{"statusCode":202,"body":"made","headers":{"x-a":"1"}}}}"#;
            answer.body(Body::from(reply))
        }
        _ => answer
            .header("x-a", "1")
            .header("x-a", "2")
            .body(Body::from("{}")),
    }
    .unwrap()
}

/// Ids, times and the order of headers differ from call to call.
fn without_chance(message: &str) -> String {
    let (head, body) = message.split_once("\r\n\r\n").unwrap();
    let mut lines = head.split("\r\n");
    let first = lines.next().unwrap();
    let mut headers: Vec<String> = lines
        .map(|line| match line.split_once(": ").unwrap() {
            (name, _) if name.ends_with("-id") || name.ends_with("invocationid") || name == "date" => {
                format!("{name}: …")
            }
            _ => line.to_owned(),
        })
        .collect();
    headers.sort();
    let body = match serde_json::from_str::<Value>(body) {
        Ok(mut json) if json["Metadata"]["sys"].is_object() => {
            json["Metadata"]["sys"]["UtcNow"].take();
            json["Metadata"]["sys"]["RandGuid"].take();
            json.to_string()
        }
        _ => body.to_owned(),
    };
    format!("{first}\n{}\n\n{body}", headers.join("\n"))
}

const REQUESTS: &[(&str, &str, &str)] = &[
    ("GET /api/echo", "", ""),
    (
        "GET /api/echo/a%20b/%2F?x=1&x=2&code=K&y",
        "User-Agent: curl/8\r\nAccept: */*\r\n",
        "",
    ),
    (
        "POST /api/echo",
        "Content-Length: 5\r\nContent-Type: text/plain\r\n",
        "hello",
    ),
    ("POST /api/echo", "", ""),
    ("POST /api/echo", "Content-Length: 0\r\n", ""),
    (
        "PUT /api/echo",
        "Transfer-Encoding: chunked\r\n",
        "5\r\nhello\r\n0\r\n\r\n",
    ),
    ("PUT /api/echo", "Transfer-Encoding: chunked\r\n", "0\r\n\r\n"),
    (
        "DELETE /api/echo/nothing",
        "X-Forwarded-For: 9.9.9.9\r\nForwarded: for=1\r\nTE: trailers\r\n",
        "",
    ),
    ("HEAD /api/echo", "Cookie: a=1\r\nCookie: b=2\r\n", ""),
    (
        "POST /api/echo/refused",
        "Content-Length: 2\r\nX-Azure-Functions-InvocationId: mine\r\n",
        "no",
    ),
    ("POST /admin/functions/tick", "Content-Length: 0\r\n", ""),
    ("GET /nowhere", "", ""),
];

#[tokio::test]
async fn a_router_in_the_process_sees_and_answers_what_one_behind_a_socket_does() {
    let dir = app(HOST, &[("echo", HTTP), ("tick", TIMER)]);
    // All but one reach the handler; two chunked ones are refused where the host forwards.
    for (mode, expected) in [
        (ForwardingMode::Forward, REQUESTS.len() - 3),
        (ForwardingMode::Proxy, REQUESTS.len() - 1),
        (ForwardingMode::Envelope, REQUESTS.len() - 1),
    ] {
        let mut seen = 0;
        let (tell, mut socket_got) = mpsc::unbounded_channel();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let handler = listener.local_addr().unwrap();
        tokio::spawn(functions_host::serve(
            listener,
            router(tell),
            std::future::pending(),
        ));
        let (_behind, socket) = serve_host(attached(&dir, handler).mode(mode).build().unwrap()).await;

        let (tell, mut process_got) = mpsc::unbounded_channel();
        let settings = Settings::none();
        let project = Project::load(dir.path(), &settings).unwrap();
        let host = LocalHost::builder(project, &settings).unwrap().mode(mode);
        let host = host.build(Arc::new(InProcess::new(router(tell), handler.port())));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let process = listener.local_addr().unwrap();
        tokio::spawn(local_host::serve(listener, host.router(), std::future::pending()));

        for (line, headers, body) in REQUESTS {
            let request =
                format!("{line} HTTP/1.1\r\nHost: bot.example\r\nConnection: close\r\n{headers}\r\n{body}");
            let what = format!("{mode:?} {line} {headers}");
            let (over_socket, in_process) = (raw(socket, &request).await, raw(process, &request).await);
            assert_eq!(
                without_chance(&in_process),
                without_chance(&over_socket),
                "{what}"
            );
            if line.contains("/admin/") {
                // Answered before the function is called.
                let over_socket = socket_got.recv().await;
                assert_eq!(process_got.recv().await, over_socket, "{what}");
                seen += 1;
                continue;
            }
            let over_socket = socket_got.try_recv();
            seen += usize::from(over_socket.is_ok());
            assert_eq!(process_got.try_recv(), over_socket, "{what}");
        }
        assert_eq!(seen, expected, "{mode:?}");
    }
}
