//! A JSON web token in compact form: read, and checked step by step. `jsonwebtoken` verifies signatures;
//! times, audience and critical headers are checked here, because its defaults accept too much (no `nbf`, absent
//! claims, `crit`).

use super::{Denied, jwks::Key};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Accepted difference of clocks, seconds.
const LEEWAY: i64 = 300;
/// Longest key id, bytes. The connector's have 27, Entra's 27 or 43.
const LONGEST_KID: usize = 128;
/// Lengths of an RSA signature, bytes: keys of 2048 to 8192 bits, as the verifier accepts them.
const SIGNATURE: std::ops::RangeInclusive<usize> = 256..=1024;

/// A decoded token; nothing in it is proven before [`Token::signed_by`].
pub(super) struct Token<'a> {
    pub(super) claims: TokenClaims,
    /// Id of the signing key.
    pub(super) kid: String,
    message: &'a str,
    signature: &'a str,
}

/// The claims that matter here.
#[derive(Deserialize)]
pub(super) struct TokenClaims {
    pub(super) iss: Option<String>,
    aud: Option<Value>,
    exp: Option<f64>,
    nbf: Option<f64>,
    pub(super) serviceurl: Option<String>,
    ver: Option<String>,
    appid: Option<String>,
    azp: Option<String>,
}

impl<'a> Token<'a> {
    /// Reads the compact form; RS256 only, no critical extensions, a plausible key id and signature length.
    pub(super) fn read(text: &'a str) -> Result<Self, Denied> {
        let (message, signature) = text.rsplit_once('.').ok_or(Denied::Malformed)?;
        let (header, payload) = message.split_once('.').ok_or(Denied::Malformed)?;
        if payload.contains('.') || signature.is_empty() {
            return Err(Denied::Malformed);
        }
        let header: Map<String, Value> = decoded(header)?;
        if header.get("alg").and_then(Value::as_str) != Some("RS256") || header.contains_key("crit") {
            return Err(Denied::Algorithm);
        }
        let kid = header
            .get("kid")
            .and_then(Value::as_str)
            .filter(|kid| plausible_kid(kid));
        let kid = kid.ok_or(Denied::UnknownKey)?.to_owned();
        let length = URL_SAFE_NO_PAD.decode(signature).map_or(0, |bytes| bytes.len());
        if !SIGNATURE.contains(&length) {
            return Err(Denied::Signature);
        }
        Ok(Self {
            claims: decoded(payload)?,
            kid,
            message,
            signature,
        })
    }

    /// Whether the key signed it.
    pub(super) fn signed_by(&self, key: &Key) -> Result<(), Denied> {
        let verified = jsonwebtoken::crypto::verify(
            self.signature,
            self.message.as_bytes(),
            &key.public,
            Algorithm::RS256,
        );
        if verified.unwrap_or(false) {
            Ok(())
        } else {
            Err(Denied::Signature)
        }
    }
}

fn plausible_kid(kid: &str) -> bool {
    (1..=LONGEST_KID).contains(&kid.len()) && kid.bytes().all(|byte| byte.is_ascii_graphic())
}

fn decoded<T: for<'de> Deserialize<'de>>(part: &str) -> Result<T, Denied> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| Denied::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| Denied::Malformed)
}

impl TokenClaims {
    /// Whether the token is valid at `now`, seconds since 1970.
    pub(super) fn check_times(&self, now: i64) -> Result<(), Denied> {
        let (Some(exp), Some(nbf)) = (self.exp, self.nbf) else {
            return Err(Denied::Expired);
        };
        #[allow(
            clippy::cast_precision_loss,
            reason = "seconds since 1970 are exact in a float"
        )]
        let (earliest, latest) = ((now - LEEWAY) as f64, (now + LEEWAY) as f64);
        match () {
            () if exp < earliest => Err(Denied::Expired),
            () if nbf > latest => Err(Denied::NotYet),
            () => Ok(()),
        }
    }

    /// When the token expires, seconds since 1970.
    pub(super) fn expires(&self) -> i64 {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "saturates, which is right for a distant expiry"
        )]
        let end = self.exp.unwrap_or_default() as i64;
        end
    }

    /// The connector sends the bare app id as one string.
    pub(super) fn check_connector_audience(&self, app_id: &str) -> Result<(), Denied> {
        if self
            .audience()
            .is_some_and(|aud| aud.eq_ignore_ascii_case(app_id))
        {
            Ok(())
        } else {
            Err(Denied::Audience)
        }
    }

    /// An emulator's token is for the bot *and* from the bot. Without the first, a token that the bot itself sent out
    /// could be played back to it.
    pub(super) fn check_emulator_audience(&self, app_id: &str) -> Result<(), Denied> {
        let caller = match self.ver.as_deref() {
            Some("" | "1.0") => self.appid.as_deref(),
            Some("2.0") => self.azp.as_deref(),
            _ => return Err(Denied::Malformed),
        };
        let audience = self
            .audience()
            .map(|aud| aud.strip_prefix("api://").unwrap_or(aud));
        let mine = |id: Option<&str>| id.is_some_and(|id| id.eq_ignore_ascii_case(app_id));
        if mine(audience) && mine(caller) {
            Ok(())
        } else {
            Err(Denied::Audience)
        }
    }

    fn audience(&self) -> Option<&str> {
        self.aud.as_ref().and_then(Value::as_str)
    }
}
