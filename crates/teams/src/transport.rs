//! The HTTP clients: one for tokens and keys, one for the connector. No redirects, timeouts everywhere, no proxy for
//! this machine. Both verify certificates with the same set of authorities, which is read once.

mod direct;

pub(crate) use direct::{DirectClient, ExchangeError, exchange};

use crate::settings::Lookup;
use reqwest::{Client, NoProxy, Proxy, redirect::Policy};
use rustls_platform_verifier::BuilderVerifierExt;
use std::{ops::Deref, sync::Arc, time::Duration};

/// Timeout for connecting.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Timeout for a whole request to the connector. A lane stops posting 10 s before its lease ends: a call that took longer
/// could still be posting when the next holder does.
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
    /// `HTTPS_PROXY` is not an address.
    #[error("HTTPS_PROXY is not a proxy's address: {0}")]
    Proxy(#[source] reqwest::Error),
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

/// Creates the clients. Of the settings, only `HTTPS_PROXY` and `NO_PROXY` are read.
///
/// # Errors
/// When the system has no certificates, or the proxy's address is wrong.
pub fn client(lookup: &Lookup<'_>) -> Result<Http, TransportError> {
    let either = |name: &str| {
        lookup(name)
            .or_else(|| lookup(&name.to_ascii_lowercase()))
            .filter(|value| !value.trim().is_empty())
    };
    let tls = tls().map_err(|error| TransportError::Client(error.into()))?;
    let mut builder = Client::builder()
        .user_agent(USER_AGENT)
        .tls_backend_preconfigured(tls.clone())
        // A redirect would carry the token to a host that is not on the allow-list.
        .redirect(Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(REQUEST_TIMEOUT)
        .pool_max_idle_per_host(CONNECTIONS)
        .pool_idle_timeout(IDLE)
        .no_proxy();
    let proxy = either("HTTPS_PROXY");
    if let Some(address) = &proxy {
        // The identity endpoint and this machine are never behind a proxy.
        let direct = format!(
            "localhost,127.0.0.0/8,::1,169.254.169.254,{}",
            either("NO_PROXY").unwrap_or_default()
        );
        let proxy = Proxy::https(address.trim()).map_err(TransportError::Proxy)?;
        builder = builder.proxy(proxy.no_proxy(NoProxy::from_string(&direct)));
    }
    Ok(Http {
        client: builder
            .build()
            .map_err(|error| TransportError::Client(error.into()))?,
        direct: proxy.is_none().then(|| direct::client(tls)),
    })
}

fn tls() -> Result<rustls::ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    Ok(rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth())
}
