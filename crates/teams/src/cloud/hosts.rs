//! The allow-list of hosts that may receive a token. Only this module makes a [`TrustedUrl`], and a token is attached
//! to nothing else.
//!
//! Never `*.trafficmanager.net`: anyone can register a name there.

use std::net::IpAddr;
use url::{Host, Url};

/// Hosts of a cloud's connector.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceHosts {
    exact: Vec<String>,
    domains: Vec<String>,
    custom: Vec<AllowedHost>,
    loopback: LoopbackRule,
}

/// Whether loopback addresses that are not listed are accepted; they never get a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum LoopbackRule {
    #[default]
    Refused,
    WithoutToken,
}

/// One entry of `BOT_SERVICE_HOSTS`: a host, with a port if it isn't the scheme's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedHost {
    host: String,
    port: Option<u16>,
}

/// Whether requests to an address carry a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenUse {
    /// The bot's token is attached.
    Attach,
    /// No token is sent: local development.
    Omit,
}

/// An address that passed the allow-list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedUrl {
    url: Url,
    token_use: TokenUse,
}

/// Why an address is not trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Untrusted {
    /// Not an absolute http(s) address.
    #[error("the service URL is not an absolute https address")]
    Unreadable,
    /// A name or password inside the address.
    #[error("the service URL carries a user name")]
    UserInfo,
    /// Not https (http is for loopback only).
    #[error("the service URL is not https")]
    Scheme,
    /// A port that isn't allowed.
    #[error("the service URL names a port that is not allowed")]
    Port,
    /// Not on the list of this cloud.
    #[error("the service URL's host is not one of this cloud's connector hosts")]
    Host,
}

impl AllowedHost {
    /// Reads `host` or `host[:port]`; `None` when it is neither.
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(&format!("https://{text}/")).ok()?;
        let plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && !has_user(&url);
        // The scheme's own port is dropped by the parser; it was written, so it counts.
        let port = url.port().or_else(|| text.ends_with(":443").then_some(443));
        let host = url.host_str()?.to_ascii_lowercase();
        (plain && !text.contains('*') && !text.contains('/')).then_some(Self { host, port })
    }

    fn allows(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        match self.port {
            _ if !host.eq_ignore_ascii_case(&self.host) => false,
            Some(port) => url.port_or_known_default() == Some(port),
            None => is_loopback(url) || url.port().is_none(),
        }
    }
}

impl ServiceHosts {
    /// Exact hosts, and domains that are allowed with everything below them.
    pub fn of(exact: &[&str], domains: &[&str]) -> Self {
        let owned = |list: &[&str]| list.iter().map(|host| (*host).to_owned()).collect();
        Self {
            exact: owned(exact),
            domains: owned(domains),
            ..Self::default()
        }
    }

    /// A list from settings, and nothing else.
    pub fn custom(hosts: Vec<AllowedHost>) -> Self {
        Self {
            custom: hosts,
            ..Self::default()
        }
    }

    /// Only addresses on this machine, without a token: local development.
    pub fn local() -> Self {
        Self {
            loopback: LoopbackRule::WithoutToken,
            ..Self::default()
        }
    }

    /// Also accepts addresses on this machine, without a token (the emulator's).
    #[must_use]
    pub fn and_loopback(mut self) -> Self {
        self.loopback = LoopbackRule::WithoutToken;
        self
    }

    /// Checks an address.
    ///
    /// # Errors
    /// The first rule that the address breaks.
    pub fn trust(&self, address: &str) -> Result<TrustedUrl, Untrusted> {
        let url = Url::parse(address.trim()).map_err(|_| Untrusted::Unreadable)?;
        if !matches!(url.scheme(), "http" | "https") || url.cannot_be_a_base() {
            return Err(Untrusted::Unreadable);
        }
        if has_user(&url) {
            return Err(Untrusted::UserInfo);
        }
        let listed = self.custom.iter().any(|allowed| allowed.allows(&url));
        if is_loopback(&url) {
            return match (listed, self.loopback) {
                (true, _) => Ok(TrustedUrl {
                    url,
                    token_use: TokenUse::Attach,
                }),
                (false, LoopbackRule::WithoutToken) => Ok(TrustedUrl {
                    url,
                    token_use: TokenUse::Omit,
                }),
                (false, LoopbackRule::Refused) => Err(Untrusted::Host),
            };
        }
        if url.scheme() != "https" {
            return Err(Untrusted::Scheme);
        }
        if !listed {
            self.check_known(&url)?;
        }
        Ok(TrustedUrl {
            url,
            token_use: TokenUse::Attach,
        })
    }

    /// Whether an address that was trusted is a connector's, not that of another service of Teams below the same domain: its
    /// host is listed by itself, or begins as Teams' connectors do (`smba.`).
    pub(crate) fn is_connector(&self, trusted: &TrustedUrl) -> bool {
        let url = &trusted.url;
        let host = url.host_str().unwrap_or_default();
        host.starts_with("smba.")
            || is_loopback(url)
            || self.exact.iter().any(|exact| exact == host)
            || self.custom.iter().any(|allowed| allowed.allows(url))
    }

    fn check_known(&self, url: &Url) -> Result<(), Untrusted> {
        let Some(Host::Domain(host)) = url.host() else {
            return Err(Untrusted::Host);
        };
        let below = |domain: &String| {
            host.strip_suffix(domain.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        if !self.exact.iter().any(|exact| exact == host) && !self.domains.iter().any(below) {
            return Err(Untrusted::Host);
        }
        if url.port().is_some() {
            return Err(Untrusted::Port);
        }
        Ok(())
    }
}

impl TrustedUrl {
    /// The address.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Whether requests there carry a token.
    pub fn token_use(&self) -> TokenUse {
        self.token_use
    }
}

fn has_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// Whether an address is on this machine: `localhost`, 127.0.0.0/8, `[::1]`.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}
