//! Fetches an issuer's OpenID metadata and its key set. Caches nothing.

use crate::{
    cloud::is_loopback,
    inbound::jwks::{self, KeySet},
    transport::SHORT_TIMEOUT,
};
use serde_json::Value;
use std::fmt;
use url::Url;

/// Largest document that is read, bytes.
const LARGEST: usize = 1024 * 1024;

/// The issuer that the metadata must name.
pub(in crate::inbound) enum Expected {
    /// Exactly this.
    Issuer(String),
    /// Not compared: the metadata names a pattern.
    AnyIssuer,
}

/// Where an issuer's keys are. Displays as the metadata's address.
pub(in crate::inbound) struct Endpoint {
    pub(in crate::inbound) metadata: String,
    pub(in crate::inbound) expected: Expected,
    pub(in crate::inbound) http: reqwest::Client,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.metadata)
    }
}

impl Endpoint {
    pub(super) async fn fetch(&self) -> Result<KeySet, &'static str> {
        let metadata = self.document(&self.metadata).await?;
        let text = |property: &str| metadata.get(property).and_then(Value::as_str);
        if let Expected::Issuer(issuer) = &self.expected
            && text("issuer") != Some(issuer.as_str())
        {
            return Err("the metadata names another issuer");
        }
        let address = text("jwks_uri").ok_or("the metadata names no keys")?;
        let keys = jwks::read(&self.document(self.near(address)?.as_str()).await?);
        if keys.is_empty() {
            Err("no usable key in the key set")
        } else {
            Ok(keys)
        }
    }

    /// The keys must be on the metadata's own host, over https (http for this machine, where settings allow it).
    fn near(&self, address: &str) -> Result<Url, &'static str> {
        let keys = Url::parse(address).map_err(|_| "the keys' address is unreadable")?;
        let metadata = Url::parse(&self.metadata).map_err(|_| "the metadata's address is unreadable")?;
        match () {
            () if keys.host() != metadata.host() => Err("the keys are at another host than the metadata"),
            () if keys.scheme() == "https" || (is_loopback(&keys) && metadata.scheme() == "http") => Ok(keys),
            () => Err("the keys' address is not https"),
        }
    }

    async fn document(&self, address: &str) -> Result<Value, &'static str> {
        let request = self.http.get(address).timeout(SHORT_TIMEOUT).send();
        let mut response = request.await.map_err(|_| "no answer")?;
        if response.status() != http::StatusCode::OK {
            return Err("the answer's status is not 200");
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| "the answer broke off")? {
            body.extend_from_slice(&chunk);
            if body.len() > LARGEST {
                return Err("the answer is too large");
            }
        }
        serde_json::from_slice(&body).map_err(|_| "the answer is not JSON")
    }
}
