//! Binding the public port, with an error that helps, and serving a router on it.

use std::io;
use std::net::SocketAddr;

use axum::Router;
use axum::serve::ListenerExt as _;
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

/// Serves a router until `stop` is ready, then lets requests in flight finish. Clients' addresses are kept
/// for X-Forwarded-For.
///
/// # Errors
/// Never in practice: accept errors are retried.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let listener = listener.tap_io(|stream| {
        // Small answers must not wait for an acknowledgement.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(
        listener,
        router.into_make_service_with_connect_info::<SocketAddr>(),
    )
    .with_graceful_shutdown(stop)
    .await
}
