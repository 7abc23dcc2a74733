//! A certificate as the bot's credential: a PEM file with the key and the certificate, and the assertion it signs.
//!
//! The assertion is PS256 with the SHA-256 thumbprint, as newer MSAL does; Entra's older form needs SHA-1.

use super::TokenError;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use config::{
    Secret, SettingError,
    bot::{CERTIFICATE_PASSWORD, CERTIFICATE_PATH},
};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use pkcs8::ObjectIdentifier;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::path::Path;

/// Validity of an assertion, seconds.
const ASSERTION_SECONDS: i64 = 600;
/// `rsaEncryption`.
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// A certificate with its key, checked to be able to sign.
pub(super) struct Certificate {
    key: EncodingKey,
    thumbprint: String,
}

impl Certificate {
    /// Reads the file.
    pub(super) fn read(path: &Path, password: Option<&Secret>) -> Result<Self, SettingError> {
        let bytes = std::fs::read(path).map_err(|error| {
            CERTIFICATE_PATH.error(format!("`{}` can't be read: {}", path.display(), error.kind()))
        })?;
        Self::parse(&bytes, password)
    }

    fn parse(bytes: &[u8], password: Option<&Secret>) -> Result<Self, SettingError> {
        let wrong = |problem: &str| CERTIFICATE_PATH.error(problem);
        let text = str::from_utf8(bytes)
            .ok()
            .filter(|text| text.contains("-----BEGIN "))
            .ok_or_else(|| {
                wrong("not a PEM file; a PFX is turned into one by `openssl pkcs12 -in bot.pfx -out bot.pem`")
            })?;
        let leaf = block(text, "CERTIFICATE")
            .ok_or_else(|| wrong("holds no certificate (-----BEGIN CERTIFICATE-----)"))?;
        let blocks = ["PRIVATE KEY", "RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY"];
        let key = match blocks.map(|label| block(text, label)) {
            [Some(key), ..] => pkcs1(&key)?,
            [_, Some(key), _] => key,
            [_, _, Some(key)] => pkcs1(&decrypt(&key, password)?)?,
            _ => {
                return Err(wrong(
                    "holds no usable private key (-----BEGIN PRIVATE KEY-----, RSA)",
                ));
            }
        };
        let key = EncodingKey::from_rsa_der(&key);
        jsonwebtoken::crypto::sign(b"probe", &key, Algorithm::PS256)
            .map_err(|_| wrong("its private key can't sign; an RSA key of 2048 bits or more is needed"))?;
        Ok(Self {
            key,
            thumbprint: URL_SAFE_NO_PAD.encode(Sha256::digest(&leaf)),
        })
    }

    /// A fresh assertion for a token endpoint.
    pub(super) fn assertion(
        &self,
        endpoint: &str,
        client_id: &str,
        now: Timestamp,
    ) -> Result<String, TokenError> {
        let mut header = Header::new(Algorithm::PS256);
        header.x5t_s256 = Some(self.thumbprint.clone());
        let now = now.as_second();
        let claims = json!({
            "aud": endpoint, "iss": client_id, "sub": client_id, "jti": uuid::Uuid::new_v4().to_string(),
            "nbf": now, "iat": now, "exp": now + ASSERTION_SECONDS,
        });
        jsonwebtoken::encode(&header, &claims, &self.key).map_err(|_| TokenError::Certificate)
    }
}

/// The bytes of the first block with a label.
fn block(text: &str, label: &str) -> Option<Vec<u8>> {
    let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----"))?;
    let (inner, _) = rest.split_once(&format!("-----END {label}-----"))?;
    STANDARD.decode(inner.split_whitespace().collect::<String>()).ok()
}

/// The RSA key inside a PKCS #8 key.
fn pkcs1(key: &[u8]) -> Result<Vec<u8>, SettingError> {
    let rsa = pkcs8::PrivateKeyInfo::try_from(key)
        .ok()
        .filter(|info| info.algorithm.oid == RSA);
    rsa.map(|info| info.private_key.to_vec())
        .ok_or_else(|| CERTIFICATE_PATH.error("its private key is not an RSA key"))
}

fn decrypt(key: &[u8], password: Option<&Secret>) -> Result<Vec<u8>, SettingError> {
    let password =
        password.ok_or_else(|| CERTIFICATE_PASSWORD.error("missing; the certificate's key is encrypted"))?;
    let encrypted = pkcs8::EncryptedPrivateKeyInfo::try_from(key)
        .map_err(|_| CERTIFICATE_PATH.error("its encrypted private key is unreadable"))?;
    let plain = encrypted
        .decrypt(password.expose())
        .map_err(|_| CERTIFICATE_PASSWORD.error("does not open the certificate's private key"))?;
    Ok(plain.as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doubles::TestKey;

    fn pem(label: &str, bytes: &[u8]) -> String {
        format!(
            "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
            STANDARD.encode(bytes)
        )
    }

    fn file(key: &TestKey) -> String {
        format!(
            "Bag Attributes\n{}{}",
            pem("PRIVATE KEY", &key.pkcs8()),
            pem("CERTIFICATE", b"certificate")
        )
    }

    fn problem(text: &[u8], password: Option<&str>) -> String {
        let password = password.map(Secret::new);
        match Certificate::parse(text, password.as_ref()) {
            Ok(_) => panic!("was accepted"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn an_assertion_is_signed_for_the_endpoint() {
        let key = TestKey::generate("k");
        let certificate = Certificate::parse(file(&key).as_bytes(), None).unwrap();
        let now = Timestamp::from_second(1_767_225_600).unwrap();
        let assertion = certificate.assertion("https://login/token", "app", now).unwrap();
        let parts: Vec<_> = assertion.split('.').collect();
        let read = |part: &str| -> serde_json::Value {
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
        };
        let (header, claims) = (read(parts[0]), read(parts[1]));
        assert_eq!(header["alg"], "PS256");
        assert_eq!(
            header["x5t#S256"],
            URL_SAFE_NO_PAD.encode(Sha256::digest(b"certificate"))
        );
        assert_eq!(
            (&claims["aud"], &claims["iss"], &claims["sub"]),
            (&json!("https://login/token"), &json!("app"), &json!("app"))
        );
        assert_eq!(
            claims["exp"].as_i64().unwrap() - claims["nbf"].as_i64().unwrap(),
            600
        );
        assert!(key.verifies(&assertion, Algorithm::PS256));
    }

    #[test]
    fn a_key_with_a_password_needs_that_password() {
        let key = TestKey::generate("k");
        let pkcs8 = key.pkcs8();
        let plain = pkcs8::PrivateKeyInfo::try_from(pkcs8.as_slice()).unwrap();
        let parameters =
            pkcs8::pkcs5::pbes2::Parameters::pbkdf2_sha256_aes256cbc(1000, &[7; 16], &[9; 16]).unwrap();
        let encrypted = plain.encrypt_with_params(parameters, "pw").unwrap();
        let text = pem("ENCRYPTED PRIVATE KEY", encrypted.as_bytes()) + &pem("CERTIFICATE", b"certificate");
        assert!(Certificate::parse(text.as_bytes(), Some(&Secret::new("pw"))).is_ok());
        assert!(problem(text.as_bytes(), None).starts_with("BOT_CERTIFICATE_PASSWORD: missing"));
        assert!(problem(text.as_bytes(), Some("no")).starts_with("BOT_CERTIFICATE_PASSWORD: does not open"));
    }

    #[test]
    fn a_file_that_is_no_use_says_why() {
        assert!(problem(b"0\x82\x0a", None).contains("openssl pkcs12"));
        assert!(problem(pem("CERTIFICATE", b"x").as_bytes(), None).contains("no usable private key"));
        let key = TestKey::generate("k");
        assert!(problem(pem("PRIVATE KEY", &key.pkcs8()).as_bytes(), None).contains("no certificate"));
        let garbage = pem("PRIVATE KEY", b"garbage") + &pem("CERTIFICATE", b"x");
        assert!(problem(garbage.as_bytes(), None).contains("not an RSA key"));
        let missing = Certificate::read(Path::new("/nowhere/bot.pem"), None)
            .err()
            .unwrap()
            .to_string();
        assert!(
            missing.starts_with("BOT_CERTIFICATE_PATH: `/nowhere/bot.pem` can't be read"),
            "{missing}"
        );
    }
}
