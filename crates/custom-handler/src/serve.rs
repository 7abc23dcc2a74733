//! Listening, serving, stopping. Only loopback: the host is the one caller, and it connects to 127.0.0.1.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::{Extension, Router};
use http_server::{Limits, Shutdown, Stopped};
use tokio::net::TcpListener;

use crate::BoxError;
use crate::app::{App, ListeningPort};
use crate::port::Port;
use crate::starting::Starting;

/// The port cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// Another process uses it.
    #[error("port {} on 127.0.0.1 is already in use{}; stop the process that uses it, or choose another port", .port.get(), from(*.port))]
    InUse {
        /// The port.
        port: Port,
    },
    /// Another error, for example a port below 1024 without the privilege.
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

/// Why serving ended without a shutdown request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The application could not start.
    #[error("the application could not start")]
    Start(#[source] BoxError),
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
/// requests in flight may continue until the end of the grace period, then they are cut off. Waiting for clients is
/// bounded by [`Limits::behind_a_host`].
pub async fn serve(listener: TcpListener, router: Router, shutdown: Shutdown) -> Stopped {
    let router = match listener.local_addr() {
        Ok(address) => {
            tracing::debug!(port = address.port(), "listening on {address}");
            router.layer(Extension(ListeningPort(address.port())))
        }
        Err(_) => router,
    };
    http_server::serve(listener, router, Limits::behind_a_host(), shutdown).await
}

/// Serves while the application still starts: pings are answered at once, other requests wait for `app` at most
/// `start_limit` (then 503). When `app` fails, serving ends with its error.
///
/// # Errors
/// [`ServeError::Start`] with the application's own error or a [`WiringError`](crate::WiringError).
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
        served = serve(listener, router, shutdown) => Ok(served),
    }
}
