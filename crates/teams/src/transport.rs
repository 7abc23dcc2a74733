//! The HTTP clients: one for tokens and keys, one for the connector. No redirects, bounded times, proxies as
//! `http_proxy` says. Both check certificates with the same set of authorities, which is read once.

mod direct;
mod unconnected;

pub(crate) use direct::{DirectClient, ExchangeError, exchange};
pub(crate) use unconnected::unconnected;

use crate::settings::Lookup;
use http_proxy::{ProxyError, ProxySettings};
use reqwest::{Client, redirect::Policy};
use rustls_platform_verifier::BuilderVerifierExt;
use std::{ops::Deref, sync::Arc, time::Duration};

/// Timeout for connecting.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Time for a whole request to the connector. A lane stops posting 10 s before its lease ends: a call that took longer
/// could still be posting when the next owner does.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// Timeout for fetching keys and tokens, which requests wait for.
pub const SHORT_TIMEOUT: Duration = Duration::from_secs(10);
/// Idle connections that are kept per host.
pub const CONNECTIONS: usize = 512;
/// How long an unused connection is kept.
const IDLE: Duration = Duration::from_secs(60);
/// The `User-Agent` of this program.
pub(crate) const USER_AGENT: &str = concat!("teams-notify/", env!("CARGO_PKG_VERSION"));

/// Why the clients can't be created.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// Usually no CA certificates: install `ca-certificates`.
    #[error("the HTTPS client can't start: {0} (are the system's CA certificates installed?)")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A proxy's address is wrong.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
}

/// The clients of a process; a clone shares its connections. Dereferences to the general one.
#[derive(Clone)]
pub struct Http {
    client: Client,
    /// Posts are many and all alike: without a proxy they skip the layers of the general client.
    direct: Option<DirectClient>,
}

impl Http {
    pub(crate) fn direct(&self) -> Option<&DirectClient> {
        self.direct.as_ref()
    }
}

impl Deref for Http {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Http")
    }
}

/// Makes the clients. `lookup` is asked for proxies only (`http_proxy`).
///
/// # Errors
/// When the system has no certificates, or a proxy's address is wrong.
pub fn client(lookup: &Lookup<'_>) -> Result<Http, TransportError> {
    let proxies = ProxySettings::read(&lookup)?;
    let tls = tls().map_err(|error| TransportError::Client(error.into()))?;
    let builder = Client::builder()
        .user_agent(USER_AGENT)
        .tls_backend_preconfigured(tls.clone())
        // A redirect would carry the token to a host that is not on the allow-list.
        .redirect(Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(REQUEST_TIMEOUT)
        .pool_max_idle_per_host(CONNECTIONS)
        .pool_idle_timeout(IDLE);
    Ok(Http {
        client: proxies
            .apply(builder)
            .build()
            .map_err(|error| TransportError::Client(error.into()))?,
        // The connector is asked by https, but for a double on this machine.
        direct: (!proxies.covers_https()).then(|| direct::client(tls)),
    })
}

fn tls() -> Result<rustls::ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    Ok(rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth())
}
