//! Function keys: who may call what.

use std::fmt;

use axum::http::HeaderMap;
use sha2::{Digest as _, Sha256};

use super::query::first_value;
use functions_project::AuthLevel;

/// The header that carries a key; it wins over the query parameter `code`.
pub(crate) const KEY_HEADER: &str = "x-functions-key";

/// A function or master key. Never printed; compared in constant time.
#[derive(Clone)]
pub struct HostKey([u8; 32]);

impl HostKey {
    /// The key with this text; only its hash is kept.
    #[must_use]
    pub fn new(key: &str) -> Self {
        Self(Sha256::digest(key.as_bytes()).into())
    }

    fn is(&self, other: &Self) -> bool {
        // Hashes have one length, and every byte is looked at.
        self.0
            .iter()
            .zip(other.0)
            .fold(0, |difference, (left, right)| difference | (left ^ right))
            == 0
    }
}

impl fmt::Debug for HostKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("HostKey")
    }
}

/// Whether `authLevel` is enforced.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum KeyPolicy {
    /// Everybody may call everything, as under `func start`.
    #[default]
    Open,
    /// As on Azure: level `function` needs either key, level `admin` and the admin API need the master key.
    Enforced {
        /// Opens functions of level `function`.
        function: HostKey,
        /// Opens everything.
        master: HostKey,
    },
}

impl KeyPolicy {
    /// One key for everything.
    #[must_use]
    pub fn enforced(key: &str) -> Self {
        Self::Enforced {
            function: HostKey::new(key),
            master: HostKey::new(key),
        }
    }

    /// Whether a request may pass. `query` is the query string as it came.
    pub(crate) fn admits(&self, level: AuthLevel, headers: &HeaderMap, query: &str) -> bool {
        let Self::Enforced { function, master } = self else {
            return true;
        };
        if level == AuthLevel::Anonymous {
            return true;
        }
        let presented = match headers.get(KEY_HEADER) {
            Some(value) => Some(HostKey(Sha256::digest(value.as_bytes()).into())),
            None => first_value(query, "code").map(|key| HostKey::new(&key)),
        };
        // Both are always compared, whatever the first comparison found.
        presented.is_some_and(|key| {
            let (is_master, is_function) = (key.is(master), key.is(function));
            is_master | (is_function & (level == AuthLevel::Function))
        })
    }
}
