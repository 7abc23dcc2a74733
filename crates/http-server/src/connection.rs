//! One connection from its first byte to its end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use futures::FutureExt as _;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::Instant;
use tower::ServiceExt as _;

use crate::body::{RequestBody, ResponseBody};
use crate::limits::{Limits, MOST_HEAD};
use crate::state::{State, Verdict};
use crate::stream::Stream;

/// A request that had been sent when the end was asked for has been read so much later.
const SETTLED: Duration = Duration::from_millis(500);
/// How often a connection is looked at while the server stops.
const LAST_CHECK: Duration = Duration::from_millis(250);

/// What every connection of a server needs.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) router: Router,
    pub(crate) limits: Limits,
    /// Changes once, when the server stops.
    pub(crate) stopping: watch::Receiver<bool>,
}

/// Serves a connection. Dropping this closes it.
pub(crate) async fn run(mut site: Site, stream: TcpStream, peer: SocketAddr, state: Arc<State>) {
    let limits = site.limits;
    let stream = Stream::new(stream, Arc::clone(&state), limits.write_pause);
    let (router, watched) = (site.router, Arc::clone(&state));
    let service =
        service_fn(move |request| answer(router.clone(), Arc::clone(&watched), limits, peer, request));
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        // Heads and idle connections have their own limits here; this one knows no difference.
        .header_read_timeout(None)
        .max_buf_size(MOST_HEAD);
    let mut connection = Box::pin(
        builder
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades(),
    );
    let mut clock = Box::pin(tokio::time::sleep(limits.head));
    let mut stopping = false;
    loop {
        tokio::select! {
            biased;
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::trace!(%error, "a connection broke");
                }
                return;
            }
            () = state.closed() => return,
            _ = site.stopping.changed(), if !stopping => {
                stopping = true;
                if state.has_request() {
                    connection.as_mut().graceful_shutdown();
                }
                clock.as_mut().reset(Instant::now() + SETTLED);
            }
            () = clock.as_mut() => {
                let verdict = if stopping { state.last_verdict(LAST_CHECK) } else { state.verdict(&limits) };
                match verdict {
                    Verdict::Close => return,
                    Verdict::Keep(until) => {
                        if stopping {
                            connection.as_mut().graceful_shutdown();
                        }
                        clock.as_mut().reset(until);
                    }
                }
            }
        }
    }
}

fn answer(
    router: Router,
    state: Arc<State>,
    limits: Limits,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> impl Future<Output = Result<Response<ResponseBody>, Infallible>> {
    let number = state.begins();
    let mut request =
        request.map(|body| Body::new(RequestBody::new(body, Arc::clone(&state), number, &limits)));
    request.extensions_mut().insert(ConnectInfo(peer));
    router
        .oneshot(request)
        .map(move |answer| answer.map(|response| response.map(|body| ResponseBody::new(body, state, number))))
}
