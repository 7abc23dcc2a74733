//! Tokens as the connector mints them, and as somebody without its key would.

use super::rsa::{self, Key};
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// A token in the making: a good one, until something is changed.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) header: Value,
    pub(crate) claims: Value,
}

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

impl Token {
    /// What the connector sends: `aud` the bot, `serviceurl` where the activity came from, an hour long.
    pub(crate) fn connector(issuer: &str, audience: &str, service_url: &str) -> Self {
        let now = now();
        Self {
            header: json!({ "alg": "RS256", "kid": rsa::CONNECTOR.id, "typ": "JWT", "x5t": rsa::CONNECTOR.id }),
            claims: json!({
                "serviceurl": service_url, "nbf": now - 60, "exp": now + 3600, "iss": issuer, "aud": audience,
            }),
        }
    }

    /// Sets a claim.
    pub(crate) fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims[name] = value.into();
        self
    }

    /// Leaves a claim out.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.claims.as_object_mut().unwrap().remove(name);
        self
    }

    /// Names another key.
    pub(crate) fn kid(mut self, id: &str) -> Self {
        self.header["kid"] = id.into();
        self
    }

    /// Signed with the connector's key.
    pub(crate) fn signed(&self) -> String {
        self.signed_by(&rsa::CONNECTOR)
    }

    /// Signed with a key, RS256.
    pub(crate) fn signed_by(&self, key: &Key) -> String {
        self.finish(|text| key.sign(text))
    }

    /// Signed with the right key and an algorithm that is not advertised.
    pub(crate) fn rs512(mut self) -> String {
        self.header["alg"] = "RS512".into();
        self.finish(|text| rsa::CONNECTOR.sign_512(text))
    }

    /// No algorithm, no signature.
    pub(crate) fn unsigned(mut self) -> String {
        self.header["alg"] = "none".into();
        self.finish(|_| Vec::new())
    }

    /// HS256 with something public as the secret.
    pub(crate) fn hs256(mut self, secret: &[u8]) -> String {
        self.header["alg"] = "HS256".into();
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        self.finish(|text| hmac::sign(&key, text.as_bytes()).as_ref().to_vec())
    }

    fn finish(&self, sign: impl FnOnce(&str) -> Vec<u8>) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(&self.header), part(&self.claims));
        let signature = URL_SAFE_NO_PAD.encode(sign(&text));
        format!("{text}.{signature}")
    }
}
