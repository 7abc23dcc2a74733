//! Over a real loopback socket: framing, stopping.

use std::sync::Arc;
use std::time::Duration;

use axum::routing::get;
use custom_handler::{App, Failure, Invocation, QueueItem, Reply, Shutdown, Stopped, listen, serve};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};

use crate::host::{ID, queue_body};

pub(crate) fn get_request(path: &str) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nHost: x\r\nX-Azure-Functions-InvocationId: {ID}\r\nConnection: close\r\n\r\n"
    )
    .into()
}

pub(crate) fn post_request(port: u16, function: &str, body: &str) -> Vec<u8> {
    format!(
        "POST /{function} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Azure-Functions-InvocationId: {ID}\r\nConnection: close\r\n\
         Content-Type: application/json; charset=utf-8\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into()
}

/// The host's own framing in Azure.
fn chunked_request(port: u16, function: &str, body: &str) -> Vec<u8> {
    let mut request = format!(
        "POST /{function} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Azure-Functions-InvocationId: {ID}\r\nConnection: close\r\n\
         Content-Type: application/json; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    .into_bytes();
    for chunk in body.as_bytes().chunks(4096) {
        request.extend(format!("{:x}\r\n", chunk.len()).bytes());
        request.extend(chunk);
        request.extend(b"\r\n");
    }
    request.extend(b"0\r\n\r\n");
    request
}

/// Status and body of one request on its own connection.
pub(crate) async fn call(port: u16, request: Vec<u8>) -> (u16, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(&request).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
}

struct Served {
    port: u16,
    entered: Arc<Notify>,
    release: Arc<Notify>,
    stop: oneshot::Sender<()>,
    force: oneshot::Sender<()>,
    server: tokio::task::JoinHandle<Stopped>,
}

async fn served(grace: Duration) -> Served {
    let (entered, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (inside, gate) = (Arc::clone(&entered), Arc::clone(&release));
    let router = App::new()
        .http("/api/hello", get(|| async { "hello" }))
        .queue("echo", |item: QueueItem, _: Invocation| async move {
            Ok::<_, Failure>(Reply::new().queue("out", [item.text]))
        })
        .queue("waits", move |_: QueueItem, _: Invocation| {
            let (inside, gate) = (Arc::clone(&inside), Arc::clone(&gate));
            async move {
                inside.notify_one();
                gate.notified().await;
                Ok::<_, Failure>(())
            }
        })
        .into_router()
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (stop, stopping) = oneshot::channel();
    let (force, forcing) = oneshot::channel::<()>();
    let shutdown = Shutdown::when(async { drop(stopping.await) })
        .grace(grace)
        .force_when(async {
            if forcing.await.is_err() {
                std::future::pending().await
            }
        });
    let server = tokio::spawn(async move { serve(listener, router, shutdown).await });
    Served {
        port,
        entered,
        release,
        stop,
        force,
        server,
    }
}

#[tokio::test]
async fn both_framings_are_read_at_several_megabytes() {
    let s = served(Duration::from_secs(10)).await;
    let message = "words and \"quotes\" ".repeat(100_000);
    let expected = serde_json::json!({ "Outputs": { "out": [message] }, "Logs": [], "ReturnValue": null });
    for request in [
        chunked_request(s.port, "echo", &queue_body(&message)),
        post_request(s.port, "echo", &queue_body(&message)),
    ] {
        let (status, body) = call(s.port, request).await;
        assert_eq!(status, 200);
        assert!(serde_json::from_str::<serde_json::Value>(&body).unwrap() == expected);
    }
    s.stop.send(()).unwrap();
    assert_eq!(s.server.await.unwrap(), Stopped::Drained);
}

#[tokio::test]
async fn stopping_finishes_what_is_in_flight_and_accepts_nothing_new() {
    let s = served(Duration::from_secs(30)).await;
    let idle = TcpStream::connect(("127.0.0.1", s.port)).await.unwrap();
    let in_flight = tokio::spawn(call(s.port, post_request(s.port, "waits", &queue_body("x"))));
    s.entered.notified().await;
    s.stop.send(()).unwrap();
    // The listener goes away as soon as the server sees the request to stop.
    let refused = async {
        while TcpStream::connect(("127.0.0.1", s.port)).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), refused)
        .await
        .unwrap();
    assert!(!in_flight.is_finished() && !s.server.is_finished());
    s.release.notify_one();
    assert_eq!(in_flight.await.unwrap().0, 200);
    assert_eq!(s.server.await.unwrap(), Stopped::Drained);
    drop(idle);
}

#[tokio::test]
async fn stopping_has_a_bound() {
    let s = served(Duration::from_millis(50)).await;
    let in_flight = tokio::spawn(call(s.port, post_request(s.port, "waits", &queue_body("x"))));
    s.entered.notified().await;
    s.stop.send(()).unwrap();
    assert_eq!(s.server.await.unwrap(), Stopped::OutOfTime);
    in_flight.abort();
}

#[tokio::test]
async fn a_second_request_to_stop_is_obeyed_at_once() {
    let s = served(Duration::from_secs(600)).await;
    let in_flight = tokio::spawn(call(s.port, post_request(s.port, "waits", &queue_body("x"))));
    s.entered.notified().await;
    s.stop.send(()).unwrap();
    s.force.send(()).unwrap();
    assert_eq!(s.server.await.unwrap(), Stopped::Forced);
    in_flight.abort();
}

#[tokio::test]
async fn only_loopback_is_listened_on_and_a_taken_port_is_named() {
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let port = std::num::NonZeroU16::new(free).unwrap().into();
    let listener = listen(port).await.unwrap();
    assert!(listener.local_addr().unwrap().ip().is_loopback());
    let error = listen(port).await.unwrap_err().to_string();
    assert!(
        error.starts_with(&format!("port {free} on 127.0.0.1 is already in use")),
        "{error}"
    );
}
