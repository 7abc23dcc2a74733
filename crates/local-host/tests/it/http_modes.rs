//! Forwarding and proxying, header by header.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::response::Response;
use local_host::ForwardingMode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::{
    Fake, HOST, HTTP, PORT, app, body, json, local, local_with, raw, send, serve_host, status,
};

const HEADERS: &str = "Content-Length: 5\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\nContent-Language: de\r\n\
    User-Agent: curl/8\r\nX-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Proto: https\r\nForwarded: for=1\r\nx-functions-key: K\r\n\
    X-Azure-Functions-InvocationId: mine\r\nCookie: a=1\r\nX-Twice: 1\r\nX-Twice: 2\r\nAuthorization: Bearer t\r\n\
    Proxy-Authorization: p\r\nTE: trailers\r\nX-Hop: x\r\n";

#[tokio::test]
async fn forwarding_rebuilds_the_request_with_the_hosts_losses() {
    let mut fake = Fake::start(|_| async {
        Response::builder()
            .status(418)
            .header("Set-Cookie", "a=1")
            .header("Set-Cookie", "b=2")
            .header("Location", "/elsewhere")
            .body(Body::from_stream(Chunks(vec!["one", "two"])))
            .unwrap()
    });
    let dir = app(HOST, &[("echo", HTTP)]);
    let host = local(&dir).mode(ForwardingMode::Forward).build(fake.handler());
    let (_running, address) = serve_host(host).await;
    let answer = send(
        address,
        "POST /api/echo/a%20b%2Fc?k=a&k=b&v&code=KEY",
        HEADERS,
        "hello",
    )
    .await;
    let got = fake.next().await;
    assert_eq!(
        (got.method.as_str(), got.target.as_str()),
        ("POST", "/api/echo/a%20b%2Fc?k=a%2Cb&v=&code=KEY")
    );
    assert_eq!(&got.body[..], b"hello");
    for (name, value) in [
        ("host", Some("bot.example")),
        ("content-type", Some("text/plain")),
        ("content-length", Some("5")),
        ("content-encoding", None),
        ("content-language", None),
        ("user-agent", Some("curl/8 Azure-Functions-Host/4.1052.200.0")),
        ("x-forwarded-for", Some("9.9.9.9")),
        ("x-forwarded-host", None),
        ("forwarded", Some("for=1")),
        ("x-functions-key", Some("K")),
        ("cookie", Some("a=1")),
        ("x-twice", Some("1, 2")),
        ("authorization", Some("Bearer t")),
        ("x-azure-functions-hostversion", Some("4.1052.200.0")),
        ("x-ms-invocation-id", None),
    ] {
        assert_eq!(got.header(name), value, "{name}");
    }
    let (mine, id) = got
        .header("x-azure-functions-invocationid")
        .unwrap()
        .split_once(", ")
        .unwrap();
    assert_eq!((mine, id.len(), id), ("mine", 36, id.to_lowercase().as_str()));
    assert_eq!((status(&answer), body(&answer)), (418, "onetwo"));
    let lower = answer.to_lowercase();
    assert!(
        lower.contains("content-length: 6") && !lower.contains("chunked"),
        "{answer}"
    );
    assert!(
        lower.contains("set-cookie: a=1")
            && lower.contains("set-cookie: b=2")
            && lower.contains("location: /elsewhere")
    );
}

#[tokio::test]
async fn forwarding_refuses_chunked_bodies() {
    let fake = Fake::agreeable();
    let dir = app(HOST, &[("echo", HTTP)]);
    let host = local(&dir).mode(ForwardingMode::Forward).build(fake.handler());
    let (_running, address) = serve_host(host).await;
    let answer = send(
        address,
        "POST /api/echo",
        "Transfer-Encoding: chunked\r\n",
        "5\r\nhello\r\n0\r\n\r\n",
    )
    .await;
    assert_eq!((status(&answer), body(&answer)), (500, ""));
}

#[tokio::test]
async fn proxying_replaces_host_and_streams() {
    let mut fake = Fake::start(|_| async {
        Response::builder()
            .status(201)
            .header("Connection", "x-hop-back")
            .header("X-Hop-Back", "1")
            .header("Alt-Svc", "h3")
            .header("Set-Cookie", "a=1")
            .header("Set-Cookie", "b=2")
            .body(Body::from_stream(Chunks(vec!["one", "two"])))
            .unwrap()
    });
    let dir = app(HOST, &[("echo", HTTP)]);
    let (_running, address) = serve_host(local(&dir).build(fake.handler())).await;
    let headers = HEADERS.replace("Content-Length: 5", "Transfer-Encoding: chunked");
    let request = format!(
        "PUT /api/echo/a%20b%2Fc?k=a&k=b&v&code=KEY HTTP/1.1\r\nHost: bot.example\r\nConnection: close, X-Hop\r\n{headers}\r\n5\r\nhello\r\n0\r\n\r\n"
    );
    let answer = raw(address, &request).await;
    let got = fake.next().await;
    assert_eq!(
        (got.method.as_str(), got.target.as_str()),
        ("PUT", "/api/echo/a%20b%2Fc?k=a&k=b&v&code=KEY")
    );
    assert_eq!(&got.body[..], b"hello");
    let own = format!("127.0.0.1:{PORT}");
    for (name, value) in [
        ("host", Some(own.as_str())),
        ("content-encoding", Some("gzip")),
        ("content-language", Some("de")),
        ("transfer-encoding", Some("chunked")),
        ("user-agent", Some("curl/8")),
        ("x-forwarded-for", Some("127.0.0.1")),
        ("x-forwarded-host", Some("bot.example")),
        ("x-forwarded-proto", Some("https")),
        ("x-forwarded-prefix", None),
        ("forwarded", None),
        ("proxy-authorization", None),
        ("te", None),
        ("x-hop", None),
        ("connection", None),
        ("x-functions-key", Some("K")),
        ("x-azure-functions-hostversion", Some("4.1052.200.0")),
    ] {
        assert_eq!(got.header(name), value, "{name}");
    }
    assert_eq!(got.headers.get_all("x-twice").iter().count(), 2);
    let id = got.header("x-azure-functions-invocationid").unwrap();
    assert_eq!((id.len(), Some(id)), (36, got.header("x-ms-invocation-id")));
    assert_eq!(status(&answer), 201);
    let lower = answer.to_lowercase();
    assert!(
        lower.contains("transfer-encoding: chunked") && lower.contains("set-cookie: b=2"),
        "{answer}"
    );
    assert!(
        !lower.contains("x-hop-back") && !lower.contains("alt-svc"),
        "{answer}"
    );
}

#[tokio::test]
async fn proxying_streams_before_the_answer_ends() {
    let (sender, receiver) = tokio::sync::mpsc::channel::<Bytes>(1);
    let receiver = Arc::new(std::sync::Mutex::new(Some(receiver)));
    let fake = Fake::start(move |_| {
        let receiver = receiver.lock().unwrap().take().unwrap();
        async move { Response::new(Body::from_stream(Events(receiver))) }
    });
    let dir = app(HOST, &[("echo", HTTP)]);
    let (_running, address) = serve_host(local(&dir).build(fake.handler())).await;
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET /api/echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    sender.send(Bytes::from_static(b"data: 1\n\n")).await.unwrap();
    let mut seen = String::new();
    while !seen.contains("data: 1") {
        let mut buffer = [0; 1024];
        let read = stream.read(&mut buffer).await.unwrap();
        assert!(read > 0, "the answer ended before its first event: {seen}");
        seen.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
    }
    drop(sender);
    stream.read_to_string(&mut seen).await.unwrap();
}

#[tokio::test]
async fn bodies_over_the_limit_are_refused() {
    let fake = Fake::agreeable();
    let dir = app(HOST, &[("echo", HTTP)]);
    for mode in [
        ForwardingMode::Forward,
        ForwardingMode::Proxy,
        ForwardingMode::Envelope,
    ] {
        let settings = functions_project::Settings::none().with("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "4");
        let host = local_with(&dir, &settings).mode(mode).build(fake.handler());
        let (_running, address) = serve_host(host).await;
        let answer = send(address, "POST /api/echo", "Content-Length: 5\r\n", "hello").await;
        assert_eq!(status(&answer), 413, "{mode:?}");
        if mode == ForwardingMode::Proxy {
            let answer = send(
                address,
                "POST /api/echo",
                "Transfer-Encoding: chunked\r\n",
                "5\r\nhello\r\n0\r\n\r\n",
            )
            .await;
            assert_eq!(status(&answer), 413, "chunked");
        }
    }
}

#[tokio::test]
async fn head_and_no_content_pass_in_both_modes() {
    let fake = Fake::start(|got| async move {
        if got.method == "HEAD" {
            return Response::builder()
                .header("content-length", "17")
                .body(Body::empty())
                .unwrap();
        }
        Response::builder().status(204).body(Body::empty()).unwrap()
    });
    let dir = app(HOST, &[("echo", HTTP)]);
    for mode in [ForwardingMode::Forward, ForwardingMode::Proxy] {
        let (_running, address) = serve_host(local(&dir).mode(mode).build(fake.handler())).await;
        let answer = send(address, "HEAD /api/echo", "", "").await.to_lowercase();
        assert!(
            status(&answer) == 200 && answer.contains("content-length: 17"),
            "{mode:?} {answer}"
        );
        let answer = send(address, "DELETE /api/echo", "", "").await;
        assert_eq!((status(&answer), body(&answer)), (204, ""), "{mode:?}");
    }
}

#[tokio::test]
async fn a_client_that_leaves_does_not_cancel_a_forwarded_call() {
    let (done, mut finished) = tokio::sync::mpsc::unbounded_channel();
    let gate = Arc::new(tokio::sync::Notify::new());
    let opened = gate.clone();
    let mut fake = Fake::start(move |_| {
        let (done, gate) = (done.clone(), gate.clone());
        async move {
            gate.notified().await;
            let _ = done.send(());
            json(200, "{}")
        }
    });
    let dir = app(HOST, &[("echo", HTTP)]);
    let host = local(&dir).mode(ForwardingMode::Forward).build(fake.handler());
    let (_running, address) = serve_host(host).await;
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET /api/echo HTTP/1.1\r\nHost: h\r\n\r\n")
        .await
        .unwrap();
    fake.next().await;
    drop(stream);
    opened.notify_one();
    finished.recv().await.unwrap();
}

/// A body of several chunks.
struct Chunks(Vec<&'static str>);

impl futures_core::Stream for Chunks {
    type Item = Result<Bytes, std::convert::Infallible>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        let next = (!self.0.is_empty()).then(|| Ok(Bytes::from_static(self.0.remove(0).as_bytes())));
        std::task::Poll::Ready(next)
    }
}

/// A body that goes on as long as the sender lives.
struct Events(tokio::sync::mpsc::Receiver<Bytes>);

impl futures_core::Stream for Events {
    type Item = Result<Bytes, std::convert::Infallible>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|item| item.map(Ok))
    }
}
