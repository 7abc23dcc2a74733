//! RSA keys made on the spot, once per test run, and their JSON Web Keys.

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RsaEncoding},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::sync::LazyLock;

/// A key with the id under which it is published.
pub(crate) struct Key {
    pub(crate) id: &'static str,
    pair: KeyPair,
}

/// The connector's key.
pub(crate) static CONNECTOR: LazyLock<Key> = LazyLock::new(|| Key::generate("connector-1"));
/// The key after a rollover.
pub(crate) static ROLLED: LazyLock<Key> = LazyLock::new(|| Key::generate("connector-2"));
/// Somebody else's.
pub(crate) static FOREIGN: LazyLock<Key> = LazyLock::new(|| Key::generate("connector-1"));
/// Entra's, which signs emulator tokens.
pub(crate) static ENTRA: LazyLock<Key> = LazyLock::new(|| Key::generate("entra-1"));

impl Key {
    fn generate(id: &'static str) -> Self {
        Self {
            id,
            pair: KeyPair::generate(KeySize::Rsa2048).unwrap(),
        }
    }

    /// An RS256 signature.
    pub(crate) fn sign(&self, text: &str) -> Vec<u8> {
        self.sign_with(&RSA_PKCS1_SHA256, text)
    }

    /// An RS512 signature.
    pub(crate) fn sign_512(&self, text: &str) -> Vec<u8> {
        self.sign_with(&RSA_PKCS1_SHA512, text)
    }

    fn sign_with(&self, encoding: &'static dyn RsaEncoding, text: &str) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(encoding, &SystemRandom::new(), text.as_bytes(), &mut signature)
            .unwrap();
        signature
    }

    /// The public key as DER (PKCS #1), as an attacker of HS256 would use it.
    pub(crate) fn public_der(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    /// The public key as PEM.
    pub(crate) fn public_pem(&self) -> String {
        let text = base64::engine::general_purpose::STANDARD.encode(self.public_der());
        let lines: Vec<_> = text
            .as_bytes()
            .chunks(64)
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect();
        format!(
            "-----BEGIN RSA PUBLIC KEY-----\n{}\n-----END RSA PUBLIC KEY-----\n",
            lines.join("\n")
        )
    }

    /// The JSON Web Key, as the connector's metadata publishes it.
    pub(crate) fn jwk(&self, endorsements: &[&str]) -> Value {
        let (modulus, exponent) = integers(self.public_der());
        let mut key = json!({
            "kty": "RSA", "use": "sig", "kid": self.id, "x5t": self.id,
            "n": URL_SAFE_NO_PAD.encode(modulus), "e": URL_SAFE_NO_PAD.encode(exponent),
        });
        if !endorsements.is_empty() {
            key["endorsements"] = json!(endorsements);
        }
        key
    }
}

/// The two integers of an `RSAPublicKey`, without leading zeros.
fn integers(der: &[u8]) -> (&[u8], &[u8]) {
    let (sequence, rest) = value(der, 0x30);
    assert!(rest.is_empty());
    let (modulus, rest) = value(sequence, 0x02);
    let (exponent, rest) = value(rest, 0x02);
    assert!(rest.is_empty());
    (unsigned(modulus), unsigned(exponent))
}

fn value(der: &[u8], tag: u8) -> (&[u8], &[u8]) {
    assert_eq!(der[0], tag);
    let (length, start) = match der[1] {
        short @ 0..0x80 => (usize::from(short), 2),
        long => {
            let bytes = usize::from(long & 0x7f);
            let length = der[2..2 + bytes]
                .iter()
                .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            (length, 2 + bytes)
        }
    };
    der[start..].split_at(length)
}

fn unsigned(integer: &[u8]) -> &[u8] {
    integer.strip_prefix(&[0]).unwrap_or(integer)
}
