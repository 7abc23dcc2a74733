//! Requests to the connector without a proxy: a connection pool without the layers of `reqwest`. Responses are not
//! classified here.

use super::{CONNECT_TIMEOUT, CONNECTIONS, IDLE, REQUEST_TIMEOUT, unconnected};
use crate::answers::Body;
use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Instant, timeout_at};
use tower_service::Service;

/// The client of the connector.
pub(crate) type DirectClient = Client<TimedConnector, Full<Bytes>>;

/// TCP keep-alive, so that gateways and NAT don't drop connections.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

pub(super) fn client(tls: rustls::ClientConfig) -> DirectClient {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_keepalive(Some(KEEP_ALIVE));
    let https = HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_all_versions()
        .wrap_connector(tcp);
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(CONNECTIONS)
        .build(TimedConnector(https))
}

/// Connects, TLS included, within [`CONNECT_TIMEOUT`].
#[derive(Clone)]
pub(crate) struct TimedConnector(HttpsConnector<HttpConnector>);

type AnyError = Box<dyn std::error::Error + Send + Sync>;

impl Service<Uri> for TimedConnector {
    type Response = <HttpsConnector<HttpConnector> as Service<Uri>>::Response;
    type Error = AnyError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, AnyError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let connecting = self.0.call(to);
        Box::pin(async {
            tokio::time::timeout(CONNECT_TIMEOUT, connecting)
                .await
                .unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut).into()))
        })
    }
}

/// Why there is no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExchangeError {
    /// No connection, and the word for why: nothing was sent.
    Connect(&'static str),
    /// No response in time.
    Timeout,
    /// The connection broke off.
    Reset,
}

/// Sends a request and reads at most `largest` bytes of the response body.
///
/// # Errors
/// When no response began. A body that breaks off or is larger is [`Body::Cut`].
pub(crate) async fn exchange(
    client: &DirectClient,
    request: Request<Full<Bytes>>,
    largest: usize,
) -> Result<Response<Body>, ExchangeError> {
    let end = Instant::now() + REQUEST_TIMEOUT;
    let (head, mut body) = match timeout_at(end, client.request(request)).await {
        Ok(Ok(response)) => response.into_parts(),
        Ok(Err(error)) if error.is_connect() => return Err(ExchangeError::Connect(unconnected(&error))),
        Ok(Err(_)) => return Err(ExchangeError::Reset),
        Err(_) => return Err(ExchangeError::Timeout),
    };
    let mut bytes = Vec::new();
    let body = loop {
        let frame = match timeout_at(end, body.frame()).await {
            Ok(Some(Ok(frame))) => frame,
            Ok(None) => break Body::Whole(bytes),
            Ok(Some(Err(_))) | Err(_) => break Body::Cut(bytes),
        };
        let Some(data) = frame.data_ref() else { continue };
        if bytes.len() + data.len() > largest {
            break Body::Cut(bytes);
        }
        bytes.extend_from_slice(data);
    };
    Ok(Response::from_parts(head, body))
}
