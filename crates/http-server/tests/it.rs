//! The server over real sockets, against clients that send half of everything.
#![allow(missing_docs, reason = "tests")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test's panic is its message")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::routing::{any, get};
use http_server::{BodyTimeout, Limits, Shutdown, Stopped, serve};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

/// For what should happen at once, on a machine that runs much else.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    force: Option<oneshot::Sender<()>>,
    ended: JoinHandle<Stopped>,
    entered: Arc<Notify>,
    release: Arc<Notify>,
}

/// Limits so short that a test may wait for them, and so far apart that each is distinguished from the others.
fn short() -> Limits {
    let mut limits = Limits::public();
    limits.connections = 6;
    limits.head = Duration::from_millis(1500);
    limits.idle = Duration::from_secs(300);
    limits.body_pause = Duration::from_millis(1500);
    limits.body_total = Duration::from_secs(4);
    limits.write_pause = Duration::from_millis(400);
    limits
}

/// Limits that no test lives to see, but for the number of connections.
fn long() -> Limits {
    let mut limits = short();
    limits.head = Duration::from_secs(300);
    limits.body_pause = Duration::from_secs(300);
    limits.body_total = Duration::from_secs(300);
    limits.write_pause = Duration::from_secs(300);
    limits
}

async fn echo(request: Request) -> (StatusCode, String) {
    match axum::body::to_bytes(request.into_body(), usize::MAX).await {
        Ok(bytes) => (StatusCode::OK, format!("{} bytes", bytes.len())),
        Err(error) if BodyTimeout::caused(&error) => (StatusCode::REQUEST_TIMEOUT, "late".to_owned()),
        Err(_) => (StatusCode::BAD_REQUEST, "broken".to_owned()),
    }
}

/// Never ends, and speaks every 50 ms.
struct Ticks(tokio::time::Interval);

impl futures::Stream for Ticks {
    type Item = Result<&'static str, std::convert::Infallible>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0.poll_tick(context).map(|_| Some(Ok("tick\n")))
    }
}

async fn start(limits: Limits, grace: Duration) -> Server {
    let (entered, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (inside, gate) = (Arc::clone(&entered), Arc::clone(&release));
    let router = Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/echo", any(echo))
        .route("/refuse", any(|| async { (StatusCode::FORBIDDEN, "no") }))
        .route("/large", get(|| async { "x".repeat(64 * 1024 * 1024) }))
        .route(
            "/ticks",
            get(|| async { Body::from_stream(Ticks(tokio::time::interval(Duration::from_millis(50)))) }),
        )
        .route(
            "/waits",
            any(move || {
                let (inside, gate) = (Arc::clone(&inside), Arc::clone(&gate));
                async move {
                    inside.notify_one();
                    gate.notified().await;
                    "done"
                }
            }),
        );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopping) = oneshot::channel::<()>();
    let (force, forcing) = oneshot::channel::<()>();
    let wait = |receiver: oneshot::Receiver<()>| async {
        if receiver.await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let shutdown = Shutdown::when(wait(stopping))
        .force_when(wait(forcing))
        .grace(grace);
    let ended = tokio::spawn(serve(listener, router, limits, shutdown));
    Server {
        address,
        stop: Some(stop),
        force: Some(force),
        ended,
        entered,
        release,
    }
}

impl Server {
    async fn connect(&self, bytes: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(bytes.as_bytes()).await.unwrap();
        stream
    }

    /// The whole answer to a request on its own connection.
    async fn ask(&self, request: &str) -> String {
        rest(self.connect(request).await).await
    }

    async fn hello(&self) {
        let answer = self
            .ask("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .await;
        assert!(answer.ends_with("hello"), "{answer}");
    }

    fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    async fn ends(self) -> Stopped {
        tokio::time::timeout(LONGEST_WAIT, self.ended)
            .await
            .unwrap()
            .unwrap()
    }
}

/// What comes until the connection ends; a reset is an end too.
async fn rest(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    let read = async {
        let _ = stream.read_to_end(&mut answer).await;
    };
    tokio::time::timeout(LONGEST_WAIT, read).await.unwrap();
    String::from_utf8(answer).unwrap()
}

/// Reads until the text has come.
async fn until(stream: &mut TcpStream, text: &str) {
    up_to(stream, text).await;
}

/// What comes up to the text.
async fn up_to(stream: &mut TcpStream, text: &str) -> String {
    let mut seen = Vec::new();
    let read = async {
        while !String::from_utf8_lossy(&seen).contains(text) {
            let mut buffer = [0; 1024];
            let read = stream.read(&mut buffer).await.unwrap();
            assert!(read > 0, "it ended after {:?}", String::from_utf8_lossy(&seen));
            seen.extend_from_slice(&buffer[..read]);
        }
    };
    tokio::time::timeout(LONGEST_WAIT, read).await.unwrap();
    String::from_utf8_lossy(&seen).into_owned()
}

const HALF_HEAD: &str = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Le";
const HALF_BODY: &str = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf";
const HALF_CHUNK: &str = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhalf";
const KEPT: &str = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

#[tokio::test]
async fn half_a_head_is_given_up() {
    let server = start(short(), LONGEST_WAIT).await;
    for head in ["", "G", HALF_HEAD, &format!("{KEPT}{HALF_HEAD}")[..1]] {
        assert_eq!(server.ask(head).await, "", "{head:?}");
    }
    // After an answer, the next head has its time from its first byte.
    let mut stream = server.connect(KEPT).await;
    until(&mut stream, "hello").await;
    stream.write_all(HALF_HEAD.as_bytes()).await.unwrap();
    assert_eq!(rest(stream).await, "");
}

#[tokio::test]
async fn a_body_that_stands_still_is_answered_408() {
    let server = start(short(), LONGEST_WAIT).await;
    for body in [HALF_BODY, HALF_CHUNK] {
        let answer = server.ask(body).await;
        assert!(
            answer.starts_with("HTTP/1.1 408") && answer.ends_with("late"),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn a_body_that_trickles_has_an_end_and_a_slow_one_arrives() {
    let server = start(short(), LONGEST_WAIT).await;
    let mut trickle = server
        .connect("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
        .await;
    let begun = Instant::now();
    let (mut read, mut write) = trickle.split();
    let mut answer = [0; 12];
    let answered = async {
        read.read_exact(&mut answer).await.unwrap();
    };
    let sending = async {
        loop {
            tokio::time::sleep(Duration::from_millis(50)).await;
            // It may have been closed already: then the answer is there to be read.
            if write.write_all(b"x").await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        () = answered => {}
        () = sending => {}
        () = tokio::time::sleep(LONGEST_WAIT) => panic!("a byte each 50 ms goes on for ever"),
    }
    assert_eq!(&answer, b"HTTP/1.1 408");
    assert!(
        begun.elapsed() >= Duration::from_secs(2),
        "before the time that a body has"
    );

    let mut slow = server
        .connect("POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 8\r\n\r\n")
        .await;
    for _ in 0..8 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        slow.write_all(b"x").await.unwrap();
    }
    assert!(rest(slow).await.ends_with("8 bytes"));
}

#[tokio::test]
async fn who_reads_nothing_of_an_answer_is_given_up() {
    let server = start(short(), LONGEST_WAIT).await;
    let stream = server.connect("GET /large HTTP/1.1\r\nHost: x\r\n\r\n").await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let read = rest(stream).await.len();
    assert!(read < 64 * 1024 * 1024, "{read} bytes came after all");
}

#[tokio::test]
async fn a_stream_outlives_every_limit() {
    let server = start(short(), LONGEST_WAIT).await;
    let mut stream = server.connect("GET /ticks HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(3) {
        until(&mut stream, "tick").await;
    }
}

#[tokio::test]
async fn half_sent_requests_take_nobodys_place() {
    let server = start(long(), LONGEST_WAIT).await;
    let mut open = Vec::new();
    for kind in [HALF_HEAD, HALF_BODY, HALF_CHUNK, KEPT, ""] {
        for _ in 0..20 {
            open.push(server.connect(kind).await);
        }
        server.hello().await;
    }
}

#[tokio::test]
async fn requests_at_work_are_not_cut_for_newcomers() {
    let mut limits = long();
    limits.connections = 2;
    let server = start(limits, LONGEST_WAIT).await;
    let mut working = Vec::new();
    for _ in 0..2 {
        working.push(
            server
                .connect("GET /waits HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                .await,
        );
        server.entered.notified().await;
    }
    let newcomer = server
        .connect("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .await;
    let newcomer = tokio::spawn(rest(newcomer));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!newcomer.is_finished(), "there is no place for it yet");
    server.release.notify_one();
    server.release.notify_one();
    for stream in working {
        assert!(rest(stream).await.ends_with("done"));
    }
    assert!(newcomer.await.unwrap().ends_with("hello"));
}

#[tokio::test]
async fn a_refused_upload_gets_its_answer() {
    let server = start(long(), LONGEST_WAIT).await;
    let mut stream = server
        .connect("POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n")
        .await;
    // Sent whole before anything is read, as many clients do.
    let sent = stream.write_all(&vec![b'x'; 3_000_000]).await;
    let answer = rest(stream).await;
    assert!(
        answer.starts_with("HTTP/1.1 403") && answer.ends_with("no"),
        "{sent:?} {answer:?}"
    );
}

/// A client that keeps its connections would send the next request on this one, and see it break off.
#[tokio::test]
async fn an_answer_to_a_body_that_is_not_read_announces_the_end_of_its_connection() {
    let server = start(long(), LONGEST_WAIT).await;
    let head = |path: &str| format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
    let mut unread = server.connect(&head("/refuse")).await;
    let answer = up_to(&mut unread, "no").await;
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert!(answer.to_lowercase().contains("connection: close"), "{answer}");

    let mut read = server.connect(&head("/echo")).await;
    read.write_all(&[b'x'; 100_000]).await.unwrap();
    let answer = up_to(&mut read, "bytes").await;
    assert!(!answer.to_lowercase().contains("connection: close"), "{answer}");
    read.write_all(KEPT.as_bytes()).await.unwrap();
    until(&mut read, "hello").await;
}

#[tokio::test]
async fn http_1_1_works_as_it_should() {
    let server = start(long(), LONGEST_WAIT).await;
    let close = "Host: x\r\nConnection: close\r\n";
    let pipelined = format!("{KEPT}HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n{close}\r\n");
    let answer = server.ask(&pipelined).await;
    assert_eq!(
        (
            answer.matches("HTTP/1.1 200").count(),
            answer.matches("hello").count()
        ),
        (3, 2),
        "{answer}"
    );
    let chunked = format!(
        "POST /echo HTTP/1.1\r\n{close}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3\r\nyou\r\n0\r\n\r\n"
    );
    assert!(server.ask(&chunked).await.ends_with("8 bytes"));
    let upgrade = "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade, close\r\nUpgrade: websocket\r\n\r\n";
    assert!(server.ask(upgrade).await.ends_with("hello"));
    let mut expects = server
        .connect(&format!(
            "POST /echo HTTP/1.1\r\n{close}Content-Length: 5\r\nExpect: 100-continue\r\n\r\n"
        ))
        .await;
    until(&mut expects, "100 Continue").await;
    expects.write_all(b"hello").await.unwrap();
    assert!(rest(expects).await.ends_with("5 bytes"));
    let old = server.ask("GET / HTTP/1.0\r\n\r\n").await;
    assert!(old.starts_with("HTTP/1.0 200") && old.ends_with("hello"), "{old}");
    let large = format!("GET / HTTP/1.1\r\n{close}X: {}\r\n\r\n", "x".repeat(200_000));
    assert!(server.ask(&large).await.starts_with("HTTP/1.1 431"));
}

#[tokio::test]
async fn the_end_waits_for_complete_requests_only() {
    let mut server = start(long(), Duration::from_secs(600)).await;
    let mut open = Vec::new();
    for kind in [HALF_HEAD, HALF_BODY, HALF_CHUNK, ""] {
        open.push(server.connect(kind).await);
    }
    let mut kept = server.connect(KEPT).await;
    until(&mut kept, "hello").await;
    let working = server.connect("GET /waits HTTP/1.1\r\nHost: x\r\n\r\n").await;
    server.entered.notified().await;
    // Sent before the end is asked for, and accepted by the system only.
    let waiting = std::net::TcpStream::connect(server.address).unwrap();
    std::io::Write::write_all(&mut &waiting, KEPT.as_bytes()).unwrap();
    server.stop();
    for stream in open {
        let answer = rest(stream).await;
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 400"),
            "{answer}"
        );
    }
    assert_eq!(rest(kept).await, "");
    waiting.set_nonblocking(true).unwrap();
    let waited = rest(TcpStream::from_std(waiting).unwrap()).await;
    assert!(waited.ends_with("hello"), "{waited:?}");
    assert!(TcpStream::connect(server.address).await.is_err(), "nothing new");
    assert!(!server.ended.is_finished());
    server.release.notify_one();
    assert!(rest(working).await.ends_with("done"));
    assert_eq!(server.ends().await, Stopped::Drained);
}

#[tokio::test]
async fn the_end_has_a_bound_and_a_second_request_to_stop_none() {
    let mut server = start(long(), Duration::from_millis(200)).await;
    let stream = server.connect("GET /ticks HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let working = server.connect("GET /waits HTTP/1.1\r\nHost: x\r\n\r\n").await;
    server.entered.notified().await;
    server.stop();
    assert!(rest(working).await.is_empty());
    rest(stream).await;
    assert_eq!(server.ends().await, Stopped::OutOfTime);

    let mut server = start(long(), Duration::from_secs(600)).await;
    let working = server.connect("GET /waits HTTP/1.1\r\nHost: x\r\n\r\n").await;
    server.entered.notified().await;
    server.stop();
    server.force.take().unwrap().send(()).unwrap();
    assert!(rest(working).await.is_empty());
    assert_eq!(server.ends().await, Stopped::Forced);
}
