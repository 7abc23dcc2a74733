//! How long a client may take.

use super::Half;
use crate::support::{
    handler::{dev, serve},
    room::Room,
};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Well above 10 s, for a machine that runs much else.
const LONGEST_WAIT: Duration = Duration::from_secs(40);

/// What comes until the connection is closed.
async fn rest(mut stream: TcpStream, what: &str) -> String {
    let mut answer = Vec::new();
    let read = timeout(LONGEST_WAIT, stream.read_to_end(&mut answer)).await;
    assert!(read.is_ok(), "{what}: still open after {LONGEST_WAIT:?}");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn half_sent_requests_are_given_up_after_a_while() {
    let (serve, dev) = (serve(Room::new()).start().await, dev(Room::new()).start().await);
    let mut open = Vec::new();
    for port in [serve.port, dev.port] {
        for half in [Half::Nothing, Half::Head, Half::Body, Half::Chunk] {
            open.push((format!("{half:?} at {port}"), half.open(port).await));
        }
    }
    let body = Half::KeyedBody.open(serve.port).await;
    // A stream of the page is not half a request.
    let mut page = TcpStream::connect(("127.0.0.1", dev.port)).await.unwrap();
    page.write_all(b"GET /sandbox/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        .await
        .unwrap();
    let given_up = open
        .into_iter()
        .map(|(what, stream)| async move { rest(stream, &what).await });
    let (answer, _) = tokio::join!(rest(body, "a keyed body"), futures::future::join_all(given_up));
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");

    let mut seen = vec![0; 1024 * 1024];
    let read = page.read(&mut seen).await.unwrap();
    assert!(String::from_utf8_lossy(&seen[..read]).starts_with("HTTP/1.1 200"));
    while let Ok(read) = timeout(Duration::from_millis(100), page.read(&mut seen)).await {
        assert_ne!(read.unwrap(), 0, "the page's stream was cut");
    }
}

/// A slow client is no attacker: 4 KB in eight pieces, one each half second.
#[tokio::test]
async fn a_slow_client_is_served() {
    let handler = serve(Room::new()).start().await;
    let text = "x".repeat(4_000);
    let body = format!("{{\"text\":\"{text}\",\"audience\":{{\"users\":[\"nobody\"]}}}}");
    let mut stream = TcpStream::connect(("127.0.0.1", handler.port)).await.unwrap();
    let head = Half::KeyedBody
        .bytes()
        .replace("Content-Length: 100\r\n\r\n{", "");
    let head = format!(
        "{head}Connection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    for piece in head.as_bytes().chunks(60).chain(body.as_bytes().chunks(600)) {
        stream.write_all(piece).await.unwrap();
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let answer = rest(stream, "a slow client").await;
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
}
