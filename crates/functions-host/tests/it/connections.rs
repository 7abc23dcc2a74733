//! A handler that isn't there, comes late, or drops its connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use functions_host::ForwardingMode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::{HOST, HTTP, app, attached, body, send, serve_host, status};

#[tokio::test]
async fn a_broken_connection_is_an_empty_500_in_forwarding_mode_and_502_in_proxying_mode() {
    let dir = app(HOST, &[("echo", HTTP)]);
    for (mode, expected) in [(ForwardingMode::Forward, 500), (ForwardingMode::Proxy, 502)] {
        let (server, _) = raw_server(Vec::new()).await;
        let (_running, address) = serve_host(attached(&dir, server).mode(mode).build().unwrap()).await;
        let answer = send(address, "GET /api/echo", "", "").await;
        assert_eq!((status(&answer), body(&answer)), (expected, ""), "{mode:?}");
    }
}

#[tokio::test]
async fn proxying_sends_a_post_again_after_a_broken_connection() {
    let ok = Reply::Send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    let (server, count) = raw_server(vec![
        Reply::Send("HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
        Reply::Drop,
        Reply::Drop,
        ok,
    ])
    .await;
    let dir = app(HOST, &[("echo", HTTP)]);
    let (_running, address) = serve_host(attached(&dir, server).build().unwrap()).await;
    let answer = send(address, "POST /api/echo", "Content-Length: 5\r\n", "hello").await;
    assert_eq!((status(&answer), body(&answer)), (200, "ok"));
    assert_eq!(
        count.load(Ordering::SeqCst),
        4,
        "one ping and three times the POST"
    );
}

#[tokio::test]
async fn nobody_answers_when_the_handler_never_comes() {
    let host = HOST.replace(
        "\"enableProxying",
        "\"initializationTimeout\":\"00:00:00.1\",\"enableProxying",
    );
    let dir = app(&host, &[("echo", HTTP)]);
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let (running, address) = serve_host(attached(&dir, gone).build().unwrap()).await;
    let reason = running.stopped().await;
    assert!(reason.contains(&gone.to_string()), "{reason}");
    let answer = send(address, "GET /api/echo", "", "").await;
    assert_eq!(
        (status(&answer), body(&answer)),
        (503, "Function host is not running.")
    );
}

/// What a raw server does with one request.
#[derive(Clone, Copy)]
enum Reply {
    Send(&'static str),
    Drop,
}

/// Reads one request a connection, then does as the script says; counts the requests. After the script
/// it drops everything.
async fn raw_server(script: Vec<Reply>) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    tokio::spawn(async move {
        let mut script = script.into_iter();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut seen = Vec::new();
            let mut buffer = [0; 4096];
            while !seen.windows(4).any(|end| end == b"\r\n\r\n") {
                match stream.read(&mut buffer).await {
                    Ok(0) | Err(_) => break,
                    Ok(read) => seen.extend_from_slice(&buffer[..read]),
                }
            }
            counted.fetch_add(1, Ordering::SeqCst);
            if let Some(Reply::Send(text)) = script.next() {
                let _ = stream.write_all(text.as_bytes()).await;
            }
        }
    });
    (address, count)
}
