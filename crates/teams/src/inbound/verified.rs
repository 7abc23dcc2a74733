//! A cache of tokens whose signature was verified, so that a burst with one token costs one RSA operation. Bounded in
//! number and time, and valid only while the signing key is cached; holds hashes, never tokens.

use super::{CallerKind, jwks::Key, token::TokenClaims};
use notify::ports::Moment;
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Most cached tokens; Teams uses a handful an hour.
const CAPACITY: usize = 1024;
/// How long a verification is valid.
const TRUSTED_FOR: Duration = Duration::from_secs(300);

/// A verified token.
pub(super) struct VerifiedToken {
    pub(super) caller_kind: CallerKind,
    /// Id of the signing key.
    pub(super) kid: String,
    pub(super) key: Arc<Key>,
    pub(super) claims: TokenClaims,
    /// When it was verified.
    pub(super) at: Moment,
}

impl VerifiedToken {
    pub(super) fn expires(&self) -> i64 {
        self.claims.expires()
    }

    /// Whether the verification is still valid; `kept` is the key that is cached now under the same id.
    pub(super) fn holds(&self, kept: Option<&Arc<Key>>, now: Moment) -> bool {
        now.since(self.at) < TRUSTED_FOR && kept.is_some_and(|kept| Arc::ptr_eq(kept, &self.key))
    }
}

#[derive(Default)]
pub(super) struct VerifiedTokens(Mutex<HashMap<[u8; 32], Arc<VerifiedToken>>>);

impl VerifiedTokens {
    pub(super) fn find(&self, token: &str) -> Option<Arc<VerifiedToken>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&hash(token)).cloned()
    }

    /// Caches a token. When full, expired ones are dropped, then all: a flood costs signature checks, not memory.
    pub(super) fn keep(&self, token: &str, verified: VerifiedToken, now: i64) -> Arc<VerifiedToken> {
        let verified = Arc::new(verified);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= CAPACITY {
            known.retain(|_, verified| verified.expires() > now);
            if known.len() >= CAPACITY {
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
