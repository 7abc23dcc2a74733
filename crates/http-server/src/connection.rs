//! One connection from its first byte to its end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use futures::FutureExt as _;
use http::{HeaderValue, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::Instant;
use tower::ServiceExt as _;

use crate::body::{RequestBody, ResponseBody};
use crate::limits::{Limits, MAX_HEAD_BYTES};
use crate::state::{ConnectionState, Decision};
use crate::stream::ClientStream;

/// How long a connection without a request stays open while the server stops: a request that had been sent before is read
/// in this time.
const HALF_SENT_GRACE: Duration = Duration::from_millis(500);
/// How often a connection is checked while the server stops.
const SHUTDOWN_CHECK_INTERVAL: Duration = Duration::from_millis(250);

/// What all connections of a server share.
#[derive(Clone)]
pub(crate) struct ConnectionContext {
    pub(crate) router: Router,
    pub(crate) limits: Limits,
    /// Changes once, when the server stops.
    pub(crate) stopping: watch::Receiver<bool>,
}

/// Serves a connection. Dropping this closes it.
pub(crate) async fn run(
    mut shared: ConnectionContext,
    stream: TcpStream,
    peer: SocketAddr,
    state: Arc<ConnectionState>,
) {
    let limits = shared.limits;
    let stream = ClientStream::new(stream, Arc::clone(&state), limits.write_pause);
    let (router, service_state) = (shared.router, Arc::clone(&state));
    let service =
        service_fn(move |request| respond(router.clone(), Arc::clone(&service_state), limits, peer, request));
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        // Replaced by `Limits::head` and `Limits::idle`: hyper has one limit for both.
        .header_read_timeout(None)
        .max_buf_size(MAX_HEAD_BYTES);
    let mut connection = Box::pin(
        builder
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades(),
    );
    let mut timer = Box::pin(tokio::time::sleep(limits.head));
    let mut stopping = false;
    loop {
        tokio::select! {
            biased;
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::trace!(%error, "the connection failed");
                }
                return;
            }
            () = state.close_requested() => return,
            _ = shared.stopping.changed(), if !stopping => {
                stopping = true;
                if state.has_request() {
                    connection.as_mut().graceful_shutdown();
                }
                timer.as_mut().reset(Instant::now() + HALF_SENT_GRACE);
            }
            () = timer.as_mut() => {
                let decision = if stopping { state.shutdown_decision(SHUTDOWN_CHECK_INTERVAL) } else { state.decision(&limits) };
                match decision {
                    Decision::Close => return,
                    Decision::Keep(until) => {
                        if stopping {
                            connection.as_mut().graceful_shutdown();
                        }
                        timer.as_mut().reset(until);
                    }
                }
            }
        }
    }
}

fn respond(
    router: Router,
    state: Arc<ConnectionState>,
    limits: Limits,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> impl Future<Output = Result<Response<ResponseBody>, Infallible>> {
    let request_number = state.request_started();
    let mut request = request.map(|body| {
        Body::new(RequestBody::new(
            body,
            Arc::clone(&state),
            request_number,
            &limits,
        ))
    });
    request.extensions_mut().insert(ConnectInfo(peer));
    router.oneshot(request).map(move |result| {
        result.map(|mut response| {
            if state.has_open_body() {
                announce_close(&mut response);
            }
            response.map(|body| ResponseBody::new(body, state, request_number))
        })
    })
}

/// Says that the connection ends with this response. Where the request's body is not read to its end, hyper closes the
/// connection after the response, unless the rest is there already, and does not announce it: a client that keeps
/// connections would send its next request on this one, and that would fail. Which of the two it will be is not known
/// here, so the connection ends in both.
fn announce_close(response: &mut Response<Body>) {
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
}
