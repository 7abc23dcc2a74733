//! Tokens whose signature was checked, so that a burst with one token costs one RSA operation. Bounded in number and
//! time, and good only as long as the key is kept that proved them; holds hashes, never tokens.

use super::{Source, jwks::Key, token::TokenClaims};
use notify::ports::Moment;
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Most tokens that are remembered; Teams uses a handful an hour.
const MOST: usize = 1024;
/// How long a check is believed.
const BELIEVED: Duration = Duration::from_secs(300);

/// What a checked token said.
pub(super) struct Verified {
    pub(super) source: Source,
    /// Name of the key that proved it.
    pub(super) kid: String,
    pub(super) key: Arc<Key>,
    pub(super) claims: TokenClaims,
    /// When it was proven.
    pub(super) at: Moment,
}

impl Verified {
    pub(super) fn expires(&self) -> i64 {
        self.claims.expires()
    }

    /// Whether the check needs no repeating; `kept` is what is known now by the key's name.
    pub(super) fn holds(&self, kept: Option<&Arc<Key>>, now: Moment) -> bool {
        now.since(self.at) < BELIEVED && kept.is_some_and(|kept| Arc::ptr_eq(kept, &self.key))
    }
}

#[derive(Default)]
pub(super) struct VerifiedTokens(Mutex<HashMap<[u8; 32], Arc<Verified>>>);

impl VerifiedTokens {
    pub(super) fn find(&self, token: &str) -> Option<Arc<Verified>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&hash(token)).cloned()
    }

    /// Remembers a token; when full, what has expired goes, then everything: a flood costs signatures, not memory.
    pub(super) fn keep(&self, token: &str, verified: Verified, now: i64) -> Arc<Verified> {
        let verified = Arc::new(verified);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, verified| verified.expires() > now);
            if known.len() >= MOST {
                known.clear();
            }
        }
        known.insert(hash(token), Arc::clone(&verified));
        verified
    }
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
