//! The one HTTP client for tokens, keys and the connector. No redirects, bounded times, no proxy for this machine.

use crate::settings::Lookup;
use reqwest::{Client, NoProxy, Proxy, redirect::Policy};
use std::time::Duration;

/// Time to connect.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Time for a whole request to the connector. A lane stops posting 10 s before its lease ends: a call that took longer
/// could still be posting when the next holder does.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// Time for keys and tokens, which requests wait for.
pub const SHORT_TIMEOUT: Duration = Duration::from_secs(10);
/// Requests in flight that find an open connection again.
pub const CONNECTIONS: usize = 512;

/// The client can't be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// No certificates of authorities, mostly: install `ca-certificates`.
    #[error("the HTTPS client can't start: {0} (are the system's CA certificates installed?)")]
    Client(#[source] reqwest::Error),
    /// `HTTPS_PROXY` is no address.
    #[error("HTTPS_PROXY is not a proxy's address: {0}")]
    Proxy(#[source] reqwest::Error),
}

/// Makes the client. `lookup` is asked for `HTTPS_PROXY` and `NO_PROXY` only.
///
/// # Errors
/// When the system has no certificates, or the proxy's address is wrong.
pub fn client(lookup: &Lookup<'_>) -> Result<Client, TransportError> {
    let either = |name: &str| {
        lookup(name)
            .or_else(|| lookup(&name.to_ascii_lowercase()))
            .filter(|value| !value.trim().is_empty())
    };
    let mut builder = Client::builder()
        .user_agent(concat!("teams-notify/", env!("CARGO_PKG_VERSION")))
        // A redirect would carry the token to a host that nobody allowed.
        .redirect(Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(REQUEST_TIMEOUT)
        .pool_max_idle_per_host(CONNECTIONS)
        .pool_idle_timeout(Duration::from_secs(60))
        .no_proxy();
    if let Some(address) = either("HTTPS_PROXY") {
        // The identity endpoint and this machine are never behind a proxy.
        let direct = format!(
            "localhost,127.0.0.0/8,::1,169.254.169.254,{}",
            either("NO_PROXY").unwrap_or_default()
        );
        let proxy = Proxy::https(address.trim()).map_err(TransportError::Proxy)?;
        builder = builder.proxy(proxy.no_proxy(NoProxy::from_string(&direct)));
    }
    builder.build().map_err(TransportError::Client)
}
