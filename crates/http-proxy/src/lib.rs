#![doc = include_str!("../README.md")]

use config::{Setting, Text, proxy};
use reqwest::{ClientBuilder, NoProxy, Proxy};

/// What never goes through a proxy: this machine, and link-local addresses (metadata and identity endpoints).
const DIRECT: &str = "localhost,127.0.0.0/8,0.0.0.0,::1,169.254.0.0/16,fe80::/10";

const SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];

/// A proxy's address is wrong. Its text holds no value, which may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{setting}: it is not a proxy's address; accepted: http://host:port, https://host:port or socks5://host:port, with user:password@ before the host where the proxy asks for it"
)]
pub struct ProxyError {
    /// Name of the setting.
    pub setting: &'static str,
}

/// The proxies of a process.
#[derive(Clone, Default)]
pub struct ProxySettings {
    http: Option<Proxy>,
    https: Option<Proxy>,
}

impl std::fmt::Debug for ProxySettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProxySettings")
            .field("http", &self.http.is_some())
            .field("https", &self.https.is_some())
            .finish()
    }
}

impl ProxySettings {
    /// No proxy for anything, whatever the environment says.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` through `lookup`, in lower case too.
    ///
    /// # Errors
    /// [`ProxyError`] names the setting that is no proxy's address.
    pub fn read(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, ProxyError> {
        let either = |setting: &Setting<Text>| {
            let name = setting.name();
            [name.to_ascii_lowercase().as_str(), name]
                .into_iter()
                .find_map(|name| lookup(name).filter(|value| !value.trim().is_empty()))
                .map(|value| (name, value.trim().to_owned()))
        };
        let direct = direct(&either(&proxy::NONE).map_or_else(String::new, |(_, value)| value));
        let read = |setting: &Setting<Text>, make: fn(String) -> reqwest::Result<Proxy>| {
            let Some((setting, address)) = either(setting).or_else(|| either(&proxy::ALL)) else {
                return Ok(None);
            };
            let proxy = address_of(&address)
                .and_then(|address| make(address).ok())
                .ok_or(ProxyError { setting })?;
            Ok(Some(proxy.no_proxy(NoProxy::from_string(&direct))))
        };
        Ok(Self {
            http: read(&proxy::HTTP, Proxy::http)?,
            https: read(&proxy::HTTPS, Proxy::https)?,
        })
    }

    /// Whether some `https://` address goes through a proxy.
    #[must_use]
    pub fn covers_https(&self) -> bool {
        self.https.is_some()
    }

    /// Makes a client take these proxies and no others.
    pub fn apply(&self, builder: ClientBuilder) -> ClientBuilder {
        let proxies = [&self.http, &self.https].into_iter().flatten().cloned();
        proxies.fold(builder.no_proxy(), ClientBuilder::proxy)
    }
}

/// The address with its scheme, if it is one.
fn address_of(text: &str) -> Option<String> {
    let address = if text.contains("://") {
        text.to_owned()
    } else {
        format!("http://{text}")
    };
    let url = reqwest::Url::parse(&address).ok()?;
    let good = SCHEMES.contains(&url.scheme()) && url.host_str().is_some_and(|host| !host.is_empty());
    good.then_some(address)
}

/// `NO_PROXY` with what is always direct, in the form that reqwest reads: without ports and stars.
fn direct(no_proxy: &str) -> String {
    let entries = no_proxy
        .split([',', ' '])
        .map(str::trim)
        .filter(|entry| !entry.is_empty());
    let entries = entries.map(|entry| {
        let entry = entry.strip_prefix("*.").unwrap_or(entry);
        match entry.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') && port.parse::<u16>().is_ok() => host,
            _ => entry.trim_matches(['[', ']']),
        }
    });
    std::iter::once(DIRECT)
        .chain(entries)
        .collect::<Vec<_>>()
        .join(",")
}

#[cfg(test)]
mod tests;
