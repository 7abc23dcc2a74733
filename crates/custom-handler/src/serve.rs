//! Listening, serving, stopping. Only loopback: the host is the one caller, and it connects to 127.0.0.1.

use std::future::{Future, IntoFuture as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;

use crate::BoxError;
use crate::app::App;
use crate::port::Port;
use crate::shutdown::Shutdown;
use crate::starting::Starting;

/// The port cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// Another process has it.
    #[error("port {} on 127.0.0.1 is already in use{}; stop the process that has it, or choose another port", .port.get(), from(*.port))]
    InUse {
        /// The port.
        port: Port,
    },
    /// The system refuses it for another reason, for example a port below 1024 without the right to it.
    #[error("cannot listen on port {} of 127.0.0.1{}", .port.get(), from(*.port))]
    Refused {
        /// The port.
        port: Port,
        /// The system's reason.
        source: std::io::Error,
    },
}

fn from(port: Port) -> String {
    port.source()
        .map(|variable| format!(" (from {variable})"))
        .unwrap_or_default()
}

/// Serving ended otherwise than by being asked to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The application could not start.
    #[error("the application could not start")]
    Start(#[source] BoxError),
    /// The listener broke.
    #[error("the listener broke")]
    Listener(#[source] std::io::Error),
}

/// How serving ended after it was asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stopped {
    /// Every request in flight got its answer.
    Drained,
    /// The grace ran out first.
    OutOfTime,
    /// A second request to stop came first.
    Forced,
}

/// Listens on `127.0.0.1:port`.
///
/// # Errors
/// [`ListenError`], which names the port and the variable that it came from.
pub async fn listen(port: Port) -> Result<TcpListener, ListenError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port.get()));
    TcpListener::bind(address)
        .await
        .map_err(|source| match source.kind() {
            std::io::ErrorKind::AddrInUse => ListenError::InUse { port },
            _ => ListenError::Refused { port, source },
        })
}

/// Serves a router that is ready until `shutdown` asks to stop: then no further connection is accepted and
/// requests in flight get until the end of the grace.
///
/// What is cut off at its end goes on in its task until the runtime ends.
///
/// # Errors
/// [`ServeError::Listener`].
pub async fn serve(listener: TcpListener, router: Router, shutdown: Shutdown) -> Result<Stopped, ServeError> {
    let Shutdown { stop, force, grace } = shutdown;
    if let Ok(address) = listener.local_addr() {
        tracing::info!(port = address.port(), "listening on {address}");
    }
    let (drain, draining) = tokio::sync::oneshot::channel::<()>();
    // Small answers must not wait for the host's delayed acknowledgement.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let server = axum::serve(listener, router).with_graceful_shutdown(async {
        let _ = draining.await;
    });
    let mut server = std::pin::pin!(server.into_future());
    tokio::select! {
        biased;
        () = stop => {}
        ended = &mut server => return Err(ServeError::Listener(ended.err().unwrap_or_else(closed))),
    }
    tracing::info!(
        grace_ms = milliseconds(grace),
        "stopping: requests in flight get {} s",
        grace.as_secs_f32()
    );
    let _ = drain.send(());
    let how = tokio::select! {
        biased;
        _ = &mut server => Stopped::Drained,
        () = force => Stopped::Forced,
        () = tokio::time::sleep(grace) => Stopped::OutOfTime,
    };
    match how {
        Stopped::Drained => tracing::info!("stopped"),
        Stopped::Forced => tracing::warn!("stopped at once, with requests in flight: asked a second time"),
        Stopped::OutOfTime => tracing::warn!(
            grace_ms = milliseconds(grace),
            "stopped with requests in flight: out of time"
        ),
    }
    Ok(how)
}

/// Serves while the application still starts: pings are answered at once, other requests wait for `app` at most
/// `start_limit` (then 503). When `app` fails, serving ends with its error.
///
/// # Errors
/// [`ServeError::Start`] with the application's own error or a wiring mistake, [`ServeError::Listener`].
pub async fn serve_app<F, E>(
    listener: TcpListener,
    app: F,
    start_limit: Duration,
    shutdown: Shutdown,
) -> Result<Stopped, ServeError>
where
    F: Future<Output = Result<App, E>> + Send + 'static,
    E: Into<BoxError>,
{
    let starting = Starting::spawn(start_limit, app);
    let router = crate::layers::front(starting.gate.clone());
    tokio::select! {
        biased;
        error = starting.failure() => Err(ServeError::Start(error)),
        served = serve(listener, router, shutdown) => served,
    }
}

fn closed() -> std::io::Error {
    std::io::Error::other("it was closed")
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
