//! Where signing keys come from and how long they are kept. Keys may be added at any time, so an unknown name is
//! worth one look, but garbage from anybody must not make us knock at the endpoint.
//!
//! Kept 24 hours; older ones serve on while a refresh fails, up to five days (both from the authentication page).

use super::{
    Denied,
    jwks::{self, Key, KeySet},
};
use crate::{cloud::is_loopback, transport::SHORT_TIMEOUT};
use notify::ports::{Clock, Moment};
use serde_json::Value;
use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio::sync::{Mutex, MutexGuard};
use url::Url;

/// Older keys are refreshed.
const FRESH: Duration = Duration::from_secs(24 * 3600);
/// Older keys are not used any more.
const USABLE: Duration = Duration::from_secs(5 * 24 * 3600);
/// An unknown name makes younger keys not worth another look.
const ROLLOVER: Duration = Duration::from_secs(3600);
/// Pause after a failed look while keys are kept.
const RETRY: Duration = Duration::from_secs(300);
/// Pause after a failed look while there are none.
const RETRY_EMPTY: Duration = Duration::from_secs(1);
/// Largest document that is read, bytes.
const LARGEST: usize = 1024 * 1024;

/// What the metadata must say of its issuer.
pub(super) enum Expected {
    /// Exactly this.
    Issuer(String),
    /// It names a pattern.
    AnyIssuer,
}

/// The keys of one issuer.
pub(super) struct Keys {
    metadata: String,
    expected: Expected,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
    state: RwLock<State>,
    flight: Mutex<()>,
}

#[derive(Default)]
struct State {
    keys: Option<(Arc<KeySet>, Moment)>,
    failed: Option<Moment>,
    looks: u64,
}

/// What the kept keys say about a name.
struct Found {
    key: Option<Arc<Key>>,
    /// Keys are kept, so a missing one is unknown rather than unavailable.
    kept: bool,
    /// A look at the endpoint is due.
    due: bool,
    looks: u64,
}

impl Keys {
    pub(super) fn new(
        metadata: &str,
        expected: Expected,
        http: reqwest::Client,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            metadata: metadata.to_owned(),
            expected,
            http,
            clock,
            state: RwLock::default(),
            flight: Mutex::new(()),
        }
    }

    /// The key of a name.
    pub(super) async fn find(&self, kid: &str) -> Result<Arc<Key>, Denied> {
        let mut found = self.look(kid);
        if found.due {
            // Nobody with a usable key waits for somebody else's look.
            let turn = if found.key.is_some() {
                self.flight.try_lock().ok()
            } else {
                Some(self.flight.lock().await)
            };
            if let Some(turn) = turn {
                self.refresh(found.looks, &turn).await;
                found = self.look(kid);
            }
        }
        match (found.key, found.kept) {
            (Some(key), _) => Ok(key),
            (None, true) => Err(Denied::UnknownKey),
            (None, false) => Err(Denied::KeysUnavailable),
        }
    }

    fn look(&self, kid: &str) -> Found {
        let now = self.clock.now();
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let paused = |pause| state.failed.is_some_and(|failed| now.since(failed) < pause);
        match &state.keys {
            Some((keys, fetched)) if now.since(*fetched) < USABLE => {
                let age = now.since(*fetched);
                let key = keys.get(kid).cloned();
                let old = age >= FRESH || (key.is_none() && age >= ROLLOVER);
                Found {
                    key,
                    kept: true,
                    due: old && !paused(RETRY),
                    looks: state.looks,
                }
            }
            _ => Found {
                key: None,
                kept: false,
                due: !paused(RETRY_EMPTY),
                looks: state.looks,
            },
        }
    }

    /// Looks once; whoever waited for the turn meanwhile takes that look's result.
    async fn refresh(&self, seen: u64, _turn: &MutexGuard<'_, ()>) {
        if self.state.read().unwrap_or_else(PoisonError::into_inner).looks != seen {
            return;
        }
        let started = self.clock.now();
        let fetched = self.fetch().await;
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.looks += 1;
        match fetched {
            Ok(keys) => {
                state.keys = Some((Arc::new(keys), started));
                state.failed = None;
            }
            Err(reason) => {
                tracing::warn!(metadata = %self.metadata, reason, "signing keys can't be fetched");
                state.failed = Some(self.clock.now());
            }
        }
    }

    async fn fetch(&self) -> Result<KeySet, &'static str> {
        let metadata = self.document(&self.metadata).await?;
        let text = |member: &str| metadata.get(member).and_then(Value::as_str);
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

    /// The keys must be at the metadata's own host, over https (http for this machine, where settings allow it).
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
