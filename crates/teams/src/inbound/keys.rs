//! Where signing keys come from and how long they are kept. Keys may be added at any time, so an unknown name is
//! worth one look, but garbage from anybody must not make us knock at the endpoint.
//!
//! Kept 24 hours; older ones serve on while a refresh fails, up to five days (both from the authentication page).
//! One look serves all who need it. Nobody whose key is known waits for it; who waits takes a place, and places are
//! bounded, as nothing is proven yet about those who wait.

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
/// Teams waits some 15 s for an answer; who waited so long for keys is told to come again.
const PATIENCE: Duration = Duration::from_secs(8);
/// Who waits holds a connection and a token but no body: 40 KiB measured in an unoptimised build, so that all places
/// together cost some 60 MiB. All claims can be forged but the signature, which only the keys tell: a good token must
/// find a place among the forged ones that come in the second or so that a look takes.
const PLACES: usize = 1536;
/// A place is for so many bytes of a token (Teams' have about 1,000); a longer one takes more of them.
const PLACE_BYTES: usize = 2048;

/// The keys of one issuer.
pub(super) struct Keys {
    shared: Arc<Shared>,
    places: Semaphore,
}

struct Shared {
    endpoint: Endpoint,
    clock: Arc<dyn Clock>,
    state: RwLock<State>,
}

#[derive(Default)]
struct State {
    keys: Option<(Arc<KeySet>, Moment)>,
    failed: Option<Moment>,
    fetch: Option<UnderWay>,
}

/// A fetch under way: its sender is dropped at its end, however it ends.
type UnderWay = watch::Receiver<()>;

/// What the kept keys say about a name.
enum Found {
    Known(Arc<Key>),
    /// Keys are kept, this one is not among them.
    Unknown,
    /// No keys are kept.
    Nothing,
}

impl Keys {
    pub(super) fn new(endpoint: Endpoint, clock: Arc<dyn Clock>) -> Self {
        Self {
            shared: Arc::new(Shared {
                endpoint,
                clock,
                state: RwLock::default(),
            }),
            places: Semaphore::new(PLACES),
        }
    }

    /// The key of a name, for a token of so many bytes. Waits for a fetch only if the key is not known and one is
    /// due.
    pub(super) async fn find(&self, kid: &str, token_bytes: usize) -> Result<Arc<Key>, Denied> {
        let (found, fetch) = self.shared.consult(kid);
        let (Found::Unknown | Found::Nothing, Some(mut fetch)) = (&found, fetch) else {
            return found.answer();
        };
        let places = u32::try_from(1 + token_bytes / PLACE_BYTES).unwrap_or(u32::MAX);
        let place = self.places.try_acquire_many(places);
        let _place = place.map_err(|_| Denied::TooManyWaiting)?;
        if tokio::time::timeout(PATIENCE, fetch.changed()).await.is_err() {
            return Err(Denied::KeysUnavailable);
        }
        self.shared.find(kid).answer()
    }

    /// The key of a name if it is kept; nothing is fetched.
    pub(super) fn kept(&self, kid: &str) -> Option<Arc<Key>> {
        match self.shared.find(kid) {
            Found::Known(key) => Some(key),
            Found::Unknown | Found::Nothing => None,
        }
    }
}

impl Found {
    fn answer(self) -> Result<Arc<Key>, Denied> {
        match self {
            Self::Known(key) => Ok(key),
            Self::Unknown => Err(Denied::UnknownKey),
            Self::Nothing => Err(Denied::KeysUnavailable),
        }
    }
}

impl Shared {
    fn find(&self, kid: &str) -> Found {
        self.read().find(kid, self.clock.now()).0
    }

    /// What is known of a name, and the fetch that is due or under way.
    fn consult(self: &Arc<Self>, kid: &str) -> (Found, Option<UnderWay>) {
        let now = self.clock.now();
        let (found, due) = self.read().find(kid, now);
        if !due {
            return (found, None);
        }
        let mut state = self.write();
        // Another may have fetched since.
        let (found, due) = state.find(kid, now);
        if !due {
            return (found, None);
        }
        let under_way = state.fetch.as_ref().filter(|fetch| fetch.has_changed().is_ok());
        let fetch = under_way.cloned().unwrap_or_else(|| self.fetch());
        state.fetch = Some(fetch.clone());
        (found, Some(fetch))
    }

    /// Fetches in a task of its own: whoever asked for it may go away, and others wait for it too.
    fn fetch(self: &Arc<Self>) -> UnderWay {
        let (done, under_way) = watch::channel(());
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
        under_way
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What is known of a name, and whether a look is due.
    fn find(&self, kid: &str, now: Moment) -> (Found, bool) {
        let paused = |pause| self.failed.is_some_and(|failed| now.since(failed) < pause);
        match &self.keys {
            Some((keys, fetched)) if now.since(*fetched) < USABLE => {
                let age = now.since(*fetched);
                let found = keys
                    .get(kid)
                    .map_or(Found::Unknown, |key| Found::Known(Arc::clone(key)));
                let old = age >= FRESH || (matches!(found, Found::Unknown) && age >= ROLLOVER);
                (found, old && !paused(RETRY))
            }
            _ => (Found::Nothing, !paused(RETRY_EMPTY)),
        }
    }
}
