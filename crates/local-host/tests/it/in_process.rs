//! What a socket between host and handler would do, without one.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use http_body_util::BodyExt as _;
use local_host::{ForwardingMode, InProcess, InvocationError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc;

use crate::support::{Fake, HOST, HTTP, PORT, app, body, json, local, send, serve_host, status};

const TIMER: &str = r#"{"bindings":[{"type":"timerTrigger","name":"tick","schedule":"0 0 0 1 1 *"}]}"#;

fn handler(router: Router) -> Arc<InProcess> {
    Arc::new(InProcess::new(router, PORT))
}

#[tokio::test]
async fn a_body_reaches_the_handler_before_its_end() {
    let (pieces, mut seen) = mpsc::unbounded_channel();
    let router = Router::new().fallback(move |request: Request| {
        let pieces = pieces.clone();
        async move {
            let mut body = request.into_body();
            while let Some(Ok(frame)) = body.frame().await {
                pieces.send(frame.into_data().unwrap()).unwrap();
            }
            "read"
        }
    });
    let dir = app(HOST, &[("echo", HTTP)]);
    let (_running, address) = serve_host(local(&dir).build(handler(router))).await;
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"POST /api/echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
        .await
        .unwrap();
    assert_eq!(&soon(&mut seen).await[..], b"one");
    stream.write_all(b"3\r\ntwo\r\n0\r\n\r\n").await.unwrap();
    assert_eq!(&soon(&mut seen).await[..], b"two");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert_eq!((status(&answer), body(&answer)), (200, "read"));
}

/// What comes within seconds, or not at all.
async fn soon<T>(channel: &mut mpsc::UnboundedReceiver<T>) -> T {
    let next = tokio::time::timeout(Duration::from_secs(10), channel.recv());
    next.await.unwrap().unwrap()
}

/// Tells when it is dropped.
struct Dropped(mpsc::UnboundedSender<()>);

impl Drop for Dropped {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

#[tokio::test]
async fn a_client_that_leaves_cancels_a_proxied_call() {
    let (began, mut begun) = mpsc::unbounded_channel();
    let (ended, mut cancelled) = mpsc::unbounded_channel();
    let router = Router::new().fallback(move || {
        let (began, dropped) = (began.clone(), Dropped(ended.clone()));
        async move {
            let _dropped = dropped;
            began.send(()).unwrap();
            std::future::pending::<Response>().await
        }
    });
    let dir = app(HOST, &[("echo", HTTP)]);
    let (_running, address) = serve_host(local(&dir).build(handler(router))).await;
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET /api/echo HTTP/1.1\r\nHost: h\r\n\r\n")
        .await
        .unwrap();
    soon(&mut begun).await;
    drop(stream);
    soon(&mut cancelled).await;
}

/// The handler reads half a body and answers as if that were all: the client learns that it was not.
#[tokio::test]
async fn what_a_handler_makes_of_half_a_body_is_not_passed_on() {
    let router = Router::new().fallback(|request: Request| async move {
        let _ = request.into_body().collect().await;
        "fine"
    });
    let dir = app(HOST, &[("echo", HTTP)]);
    let settings = functions_project::Settings::none().with("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "4");
    let host = crate::support::local_with(&dir, &settings).build(handler(router));
    let (_running, address) = serve_host(host).await;
    for (chunk, expected) in [("4\r\nfits\r\n", 200), ("5\r\nlarge\r\n", 413)] {
        let answer = send(
            address,
            "POST /api/echo",
            "Transfer-Encoding: chunked\r\n",
            &format!("{chunk}0\r\n\r\n"),
        )
        .await;
        assert_eq!(status(&answer), expected, "{chunk}");
    }
}

#[tokio::test]
async fn a_panic_ends_one_answer_only() {
    let calls = Arc::new(AtomicUsize::new(0));
    let fake = Fake::start(move |_| {
        assert!(calls.fetch_add(1, Ordering::SeqCst) > 2, "planted");
        async { json(200, "{}") }
    });
    let dir = app(HOST, &[("echo", HTTP), ("tick", TIMER)]);
    let (running, address) = serve_host(local(&dir).build(fake.handler())).await;
    let proxied = send(address, "GET /api/echo", "", "").await;
    assert_eq!((status(&proxied), body(&proxied)), (502, ""));
    let host = local(&dir).mode(ForwardingMode::Forward).build(fake.handler());
    let (_forwarding, other) = serve_host(host).await;
    let forwarded = send(other, "GET /api/echo", "", "").await;
    assert_eq!((status(&forwarded), body(&forwarded)), (500, ""));
    let error = running.trigger_timer("tick").await.unwrap_err();
    assert!(matches!(error, InvocationError::Transport(_)), "{error}");
    assert_eq!(status(&send(address, "GET /api/echo", "", "").await), 200);
    running.trigger_timer("tick").await.unwrap();
}

/// Over a socket a handler would see the host's address; here it sees none, and never the client's own.
#[tokio::test]
async fn nothing_passes_beside_the_message() {
    let router = Router::new().fallback(|request: Request| async move {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let mut response = Response::new(Body::from(format!("{peer:?}")));
        response.extensions_mut().insert("beside");
        response
    });
    let dir = app(HOST, &[("echo", HTTP)]);
    for mode in [ForwardingMode::Forward, ForwardingMode::Proxy] {
        let host = local(&dir).mode(mode).build(handler(router.clone()));
        let seen = host
            .router()
            .layer(axum::middleware::map_response(|response: Response| async move {
                assert!(response.extensions().get::<&str>().is_none());
                response
            }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(local_host::serve(listener, seen, std::future::pending()));
        let answer = send(address, "GET /api/echo", "", "").await;
        assert_eq!((status(&answer), body(&answer)), (200, "None"), "{mode:?}");
    }
}
