//! The cache of an issuer's signing keys. Keys may be added at any time, so an unknown key id is worth one fetch, but
//! invalid tokens must not cause a fetch each.
//!
//! Refreshed after 24 hours; older ones are used while a refresh fails, up to five days (both from the authentication
//! page). One fetch serves all who need it. A request whose key is known never waits for it; requests that wait take a
//! slot, and slots are limited, as nothing is proven yet about those requests.

mod endpoint;

use super::{
    Denied,
    jwks::{Key, KeySet},
};
pub(super) use endpoint::{Endpoint, Expected};
use notify::ports::{Clock, Moment};
use std::{
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    time::Duration,
};
use tokio::sync::{Semaphore, watch};

/// Age after which keys are refreshed.
const REFRESH_AFTER: Duration = Duration::from_secs(24 * 3600);
/// Age after which keys are not used any more.
const MAX_AGE: Duration = Duration::from_secs(5 * 24 * 3600);
/// An unknown key id causes a fetch only if the keys are older than this.
const ROLLOVER_INTERVAL: Duration = Duration::from_secs(3600);
/// Pause after a failed fetch while keys are cached.
const RETRY: Duration = Duration::from_secs(300);
/// Pause after a failed fetch while none are cached.
const RETRY_EMPTY: Duration = Duration::from_secs(1);
/// Longest wait for keys, then 503: Teams waits some 15 s for a response.
const WAIT_LIMIT: Duration = Duration::from_secs(8);
/// Requests that may wait for keys at the same time. Each holds a connection and a token but no body: 40 KiB measured
/// in an unoptimised build, so all slots together cost some 60 MiB. Everything in a token can be forged except the
/// signature, which needs the keys: a valid token must find a slot among the forged ones that arrive during a fetch.
const WAITING_SLOTS: usize = 1536;
/// Token bytes per slot (Teams' tokens have about 1,000); a longer token takes several slots.
const SLOT_BYTES: usize = 2048;

/// The keys of one issuer.
pub(super) struct Keys {
    shared: Arc<KeyCache>,
    slots: Semaphore,
}

struct KeyCache {
    endpoint: Endpoint,
    clock: Arc<dyn Clock>,
    state: RwLock<CacheState>,
}

#[derive(Default)]
struct CacheState {
    keys: Option<(Arc<KeySet>, Moment)>,
    failed: Option<Moment>,
    fetch: Option<PendingFetch>,
}

/// A running fetch: its sender is dropped when it ends, successfully or not.
type PendingFetch = watch::Receiver<()>;

/// Result of looking up a key id in the cache.
enum KeyLookup {
    Known(Arc<Key>),
    /// There are cached keys, but not this one.
    Unknown,
    /// No keys are cached.
    Nothing,
}

impl Keys {
    pub(super) fn new(endpoint: Endpoint, clock: Arc<dyn Clock>) -> Self {
        Self {
            shared: Arc::new(KeyCache {
                endpoint,
                clock,
                state: RwLock::default(),
            }),
            slots: Semaphore::new(WAITING_SLOTS),
        }
    }

    /// The key with an id, for a token of a given size. Waits for a fetch only if the key is not cached and a fetch is
    /// due.
    pub(super) async fn find(&self, kid: &str, token_bytes: usize) -> Result<Arc<Key>, Denied> {
        let (found, fetch) = self.shared.consult(kid);
        let (KeyLookup::Unknown | KeyLookup::Nothing, Some(mut fetch)) = (&found, fetch) else {
            return found.answer();
        };
        let slots = u32::try_from(1 + token_bytes / SLOT_BYTES).unwrap_or(u32::MAX);
        let slot = self.slots.try_acquire_many(slots);
        let _slot = slot.map_err(|_| Denied::TooManyWaiting)?;
        if tokio::time::timeout(WAIT_LIMIT, fetch.changed()).await.is_err() {
            return Err(Denied::KeysUnavailable);
        }
        self.shared.find(kid).answer()
    }

    /// The key with an id if it is cached; nothing is fetched.
    pub(super) fn kept(&self, kid: &str) -> Option<Arc<Key>> {
        match self.shared.find(kid) {
            KeyLookup::Known(key) => Some(key),
            KeyLookup::Unknown | KeyLookup::Nothing => None,
        }
    }
}

impl KeyLookup {
    fn answer(self) -> Result<Arc<Key>, Denied> {
        match self {
            Self::Known(key) => Ok(key),
            Self::Unknown => Err(Denied::UnknownKey),
            Self::Nothing => Err(Denied::KeysUnavailable),
        }
    }
}

impl KeyCache {
    fn find(&self, kid: &str) -> KeyLookup {
        self.read().find(kid, self.clock.now()).0
    }

    /// Looks up a key id; starts or joins a fetch if one is due.
    fn consult(self: &Arc<Self>, kid: &str) -> (KeyLookup, Option<PendingFetch>) {
        let now = self.clock.now();
        let (found, due) = self.read().find(kid, now);
        if !due {
            return (found, None);
        }
        let mut state = self.write();
        // Another request may have fetched since.
        let (found, due) = state.find(kid, now);
        if !due {
            return (found, None);
        }
        let pending = state.fetch.as_ref().filter(|fetch| fetch.has_changed().is_ok());
        let fetch = pending.cloned().unwrap_or_else(|| self.fetch());
        state.fetch = Some(fetch.clone());
        (found, Some(fetch))
    }

    /// Fetches in a separate task: the request that started it may be dropped, and others wait for it too.
    fn fetch(self: &Arc<Self>) -> PendingFetch {
        let (done, pending) = watch::channel(());
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            let started = shared.clock.now();
            let fetched = shared.endpoint.fetch().await;
            let mut state = shared.write();
            match fetched {
                Ok(keys) => {
                    state.keys = Some((Arc::new(keys), started));
                    state.failed = None;
                }
                Err(reason) => {
                    tracing::warn!(url = %shared.endpoint, error = reason, "the signing keys of Teams can't be fetched; the next activity asks again");
                    state.failed = Some(shared.clock.now());
                }
            }
            drop((state, done));
        });
        pending
    }

    fn read(&self) -> RwLockReadGuard<'_, CacheState> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, CacheState> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CacheState {
    /// Looks up a key id, and whether a fetch is due.
    fn find(&self, kid: &str, now: Moment) -> (KeyLookup, bool) {
        let paused = |pause| self.failed.is_some_and(|failed| now.since(failed) < pause);
        match &self.keys {
            Some((keys, fetched)) if now.since(*fetched) < MAX_AGE => {
                let age = now.since(*fetched);
                let found = keys
                    .get(kid)
                    .map_or(KeyLookup::Unknown, |key| KeyLookup::Known(Arc::clone(key)));
                let old =
                    age >= REFRESH_AFTER || (matches!(found, KeyLookup::Unknown) && age >= ROLLOVER_INTERVAL);
                (found, old && !paused(RETRY))
            }
            _ => (KeyLookup::Nothing, !paused(RETRY_EMPTY)),
        }
    }
}
