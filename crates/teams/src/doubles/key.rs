//! A real RSA key, made when the test starts.

use aws_lc_rs::{
    encoding::AsDer,
    rsa::{KeyPair, KeySize},
    signature::KeyPair as _,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use serde_json::{Value, json};

pub(crate) struct TestKey {
    pair: KeyPair,
    kid: String,
}

impl TestKey {
    pub(crate) fn generate(kid: &str) -> Self {
        Self {
            pair: KeyPair::generate(KeySize::Rsa2048).unwrap(),
            kid: kid.to_owned(),
        }
    }

    pub(crate) fn pkcs8(&self) -> Vec<u8> {
        self.pair.as_der().unwrap().as_ref().to_vec()
    }

    pub(crate) fn n(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.pair.public_key().modulus().big_endian_without_leading_zero())
    }

    /// The entry of a key set.
    pub(crate) fn jwk(&self) -> Value {
        let e = URL_SAFE_NO_PAD.encode(
            self.pair
                .public_key()
                .exponent()
                .big_endian_without_leading_zero(),
        );
        json!({"kty": "RSA", "use": "sig", "kid": self.kid, "n": self.n(), "e": e, "endorsements": ["msteams", "webchat"]})
    }

    /// Signs claims under a header of one's own.
    pub(crate) fn sign_with(&self, header: &Value, claims: &Value, algorithm: Algorithm) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &self.encoding(), algorithm).unwrap();
        format!("{message}.{signature}")
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.encoding()).unwrap()
    }

    pub(crate) fn verifies(&self, token: &str, algorithm: Algorithm) -> bool {
        let (message, signature) = token.rsplit_once('.').unwrap();
        let jwk = self.jwk();
        let key = DecodingKey::from_rsa_components(&self.n(), jwk["e"].as_str().unwrap()).unwrap();
        jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key, algorithm).unwrap()
    }

    fn encoding(&self) -> EncodingKey {
        let pkcs8 = self.pkcs8();
        EncodingKey::from_rsa_der(
            pkcs8::PrivateKeyInfo::try_from(pkcs8.as_slice())
                .unwrap()
                .private_key,
        )
    }
}
