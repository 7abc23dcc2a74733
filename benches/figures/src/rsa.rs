//! The connector's signing key, made for one run: RS256 signatures and the JSON Web Key for them.

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::Outcome;

/// Name under which the key is published.
const ID: &str = "connector-1";

/// A key pair.
pub(crate) struct Key(KeyPair);

impl Key {
    pub(crate) fn generate() -> Outcome<Self> {
        Ok(Self(KeyPair::generate(KeySize::Rsa2048)?))
    }

    /// A signed token with these claims.
    pub(crate) fn token(&self, claims: &Value) -> Outcome<String> {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = json!({ "alg": "RS256", "kid": ID, "typ": "JWT", "x5t": ID });
        let text = format!("{}.{}", part(&header), part(claims));
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            text.as_bytes(),
            &mut signature,
        )?;
        Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// The public half, endorsed for Teams.
    pub(crate) fn public(&self) -> Value {
        // RSAPublicKey of PKCS #1: a sequence of two integers. With 2,048 bits the lengths have two bytes.
        let der = self.0.public_key().as_ref();
        let modulus = der.get(9..9 + 256).unwrap_or_default();
        let exponent = der.get(9 + 256 + 2..).unwrap_or_default();
        json!({
            "kty": "RSA", "use": "sig", "kid": ID, "x5t": ID, "endorsements": ["msteams"],
            "n": URL_SAFE_NO_PAD.encode(modulus), "e": URL_SAFE_NO_PAD.encode(exponent),
        })
    }
}
