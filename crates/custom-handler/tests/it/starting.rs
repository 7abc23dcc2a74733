//! The socket answers before the application is there.

use std::time::Duration;

use axum::routing::get;
use custom_handler::{
    App, BoxError, Failure, Invocation, QueueItem, ServeError, Shutdown, Stopped, WiringError, serve_app,
};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::host::queue_body;
use crate::sockets::{call, get_request, post_request};

async fn loopback() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

fn small() -> App {
    App::new().http("/api/hello", get(|| async { "hello" })).queue(
        "q",
        |_: QueueItem, _: Invocation| async move { Ok::<_, Failure>(()) },
    )
}

#[tokio::test]
async fn pings_are_answered_while_other_requests_wait_for_the_application() {
    let (listener, port) = loopback().await;
    let (ready, waiting) = oneshot::channel::<()>();
    let (stop, stopped) = oneshot::channel::<()>();
    let app = async move {
        waiting.await?;
        Ok::<_, BoxError>(small())
    };
    let shutdown = Shutdown::when(async { drop(stopped.await) });
    let server = tokio::spawn(serve_app(listener, app, Duration::from_secs(60), shutdown));
    let early = tokio::spawn(call(port, post_request(port, "q", &queue_body("x"))));
    let hello = tokio::spawn(call(port, get_request("/api/hello")));
    assert_eq!(
        call(
            port,
            b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec()
        )
        .await
        .0,
        200
    );
    assert!(!early.is_finished() && !hello.is_finished());
    ready.send(()).unwrap();
    assert_eq!(early.await.unwrap().0, 200);
    assert_eq!(hello.await.unwrap(), (200, "hello".to_owned()));
    stop.send(()).unwrap();
    assert_eq!(server.await.unwrap().unwrap(), Stopped::Drained);
}

#[tokio::test]
async fn waiting_has_a_bound() {
    let (listener, port) = loopback().await;
    let app = std::future::pending::<Result<App, BoxError>>();
    let server = tokio::spawn(serve_app(
        listener,
        app,
        Duration::from_millis(20),
        Shutdown::never(),
    ));
    let (status, body) = call(port, post_request(port, "q", &queue_body("x"))).await;
    assert_eq!(status, 503);
    assert!(body.contains("still starting after 0.02 s"), "{body}");
    server.abort();
}

#[tokio::test]
async fn a_failed_start_ends_serving_with_its_reason() {
    let run = async |app: Result<App, BoxError>| {
        let (listener, _) = loopback().await;
        let served = serve_app(
            listener,
            async { app },
            Duration::from_secs(60),
            Shutdown::never(),
        )
        .await;
        match served.unwrap_err() {
            ServeError::Start(error) => error,
            other => panic!("{other}"),
        }
    };
    assert_eq!(
        run(Err("BOT_ID is missing".into())).await.to_string(),
        "BOT_ID is missing"
    );
    let twice = small().queue(
        "q",
        |_: QueueItem, _: Invocation| async move { Ok::<_, Failure>(()) },
    );
    assert!(run(Ok(twice)).await.downcast::<WiringError>().is_ok());
    let (listener, _) = loopback().await;
    let panics = async {
        if listener_is_odd() {
            Ok::<_, BoxError>(App::new())
        } else {
            panic!("broken start")
        }
    };
    let served = serve_app(listener, panics, Duration::from_secs(60), Shutdown::never()).await;
    assert!(matches!(served, Err(ServeError::Start(_))), "{served:?}");
}

/// Keeps the compiler from seeing that the start always panics.
fn listener_is_odd() -> bool {
    std::hint::black_box(false)
}
