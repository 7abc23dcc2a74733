//! Binding the public port, with an error that helps, and serving a router on it.

use std::io;
use std::net::SocketAddr;

use axum::Router;
use http_server::{Limits, Shutdown, Stopped};
use thiserror::Error;
use tokio::net::TcpListener;

/// Why the public address could not be bound.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BindError {
    /// Another program listens there.
    #[error(
        "port {port} is in use by another program; end that program, or choose another port with {option}"
    )]
    InUse {
        /// The port.
        port: u16,
        /// The option or setting that changes it.
        option: String,
    },
    /// A port that this user may not bind.
    #[error("port {port} may not be opened by this user; choose one above 1023 with {option}")]
    NotAllowed {
        /// The port.
        port: u16,
        /// The option or setting that changes it.
        option: String,
    },
    /// Anything else, such as an address that this machine does not have.
    #[error("{address} cannot be bound: {source}; choose another address or port with {option}")]
    Other {
        /// The address.
        address: SocketAddr,
        /// The option or setting that changes it.
        option: String,
        /// The system's reason.
        source: io::Error,
    },
}

/// Binds the public address. `option` is how the user chooses another port, such as `--port`.
///
/// # Errors
/// [`BindError`] names the port and the option.
pub async fn bind(address: SocketAddr, option: &str) -> Result<TcpListener, BindError> {
    TcpListener::bind(address).await.map_err(|source| {
        let (port, option) = (address.port(), option.to_owned());
        match source.kind() {
            io::ErrorKind::AddrInUse => BindError::InUse { port, option },
            io::ErrorKind::PermissionDenied => BindError::NotAllowed { port, option },
            _ => BindError::Other {
                address,
                option,
                source,
            },
        }
    })
}

/// Serves a router until `stop` is ready, then lets requests in flight finish, for at most 8 s. Clients' addresses are
/// kept for X-Forwarded-For.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Stopped {
    serve_until(listener, router, Shutdown::when(stop)).await
}

/// As [`serve`], with a grace of your own and a second request to stop. What waits for its client is bounded as
/// [`Limits::public`] says: heads, bodies, idle connections, and their number.
pub async fn serve_until(listener: TcpListener, router: Router, shutdown: Shutdown) -> Stopped {
    if let Ok(address) = listener.local_addr() {
        tracing::debug!(port = address.port(), "listening on {address}");
    }
    http_server::serve(listener, router, Limits::public(), shutdown).await
}
