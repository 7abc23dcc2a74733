//! Forwarding and proxying, header by header.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::{Body, Bytes};
use axum::response::Response;
use local_host::ForwardingMode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::{Fake, HOST, HTTP, app, body, json, local, raw, send, serve_host, status};

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
    })
    .await;
    let dir = app(HOST, &[("echo", HTTP)]);
    let host = local(&dir, fake.address)
        .mode(ForwardingMode::Forward)
        .build()
        .unwrap();
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
async fn forwarding_refuses_chunked_bodies_and_answers_500_when_nobody_is_there() {
    let fake = Fake::agreeable().await;
    let dir = app(HOST, &[("echo", HTTP)]);
    let host = local(&dir, fake.address)
        .mode(ForwardingMode::Forward)
        .build()
        .unwrap();
    let (_running, address) = serve_host(host).await;
    let answer = send(
        address,
        "POST /api/echo",
        "Transfer-Encoding: chunked\r\n",
        "5\r\nhello\r\n0\r\n\r\n",
    )
    .await;
    assert_eq!((status(&answer), body(&answer)), (500, ""));

    let gone = raw_server(vec![Reply::Drop; 20]).await;
    let host = local(&dir, gone.0).mode(ForwardingMode::Forward).build().unwrap();
    let (_running, address) = serve_host(host).await;
    let answer = send(address, "GET /api/echo", "", "").await;
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
    })
    .await;
    let dir = app(HOST, &[("echo", HTTP)]);
    let (_running, address) = serve_host(local(&dir, fake.address).build().unwrap()).await;
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
    let own = fake.address.to_string();
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
    })
    .await;
    let dir = app(HOST, &[("echo", HTTP)]);
    let (_running, address) = serve_host(local(&dir, fake.address).build().unwrap()).await;
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
    let (running, address) = serve_host(local(&dir, server).build().unwrap()).await;
    running.ready().await.unwrap();
    let answer = send(address, "POST /api/echo", "Content-Length: 5\r\n", "hello").await;
    assert_eq!((status(&answer), body(&answer)), (200, "ok"));
    assert_eq!(
        count.load(Ordering::SeqCst),
        4,
        "one ping and three times the POST"
    );
}

#[tokio::test]
async fn bodies_over_the_limit_are_refused() {
    let fake = Fake::agreeable().await;
    let dir = app(HOST, &[("echo", HTTP)]);
    for mode in [
        ForwardingMode::Forward,
        ForwardingMode::Proxy,
        ForwardingMode::Envelope,
    ] {
        let settings = functions_project::Settings::none().with("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "4");
        let host = local(&dir, fake.address)
            .settings(settings)
            .mode(mode)
            .build()
            .unwrap();
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
    })
    .await;
    let dir = app(HOST, &[("echo", HTTP)]);
    for mode in [ForwardingMode::Forward, ForwardingMode::Proxy] {
        let (_running, address) = serve_host(local(&dir, fake.address).mode(mode).build().unwrap()).await;
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
    })
    .await;
    let dir = app(HOST, &[("echo", HTTP)]);
    let host = local(&dir, fake.address)
        .mode(ForwardingMode::Forward)
        .build()
        .unwrap();
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

/// What a raw server does with one request.
#[derive(Clone, Copy)]
enum Reply {
    Send(&'static str),
    Drop,
}

/// Reads one request a connection, then does as the script says; counts the requests. After the script
/// it drops everything.
async fn raw_server(script: Vec<Reply>) -> (std::net::SocketAddr, Arc<AtomicUsize>) {
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
