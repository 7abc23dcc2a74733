//! The bot's access token for the connector: cached, renewed before it expires, dropped when the connector refuses it.
//!
//! One cache per bot, so nothing is shared between tenants or clouds. Errors hold Entra's code, never what was sent.

mod certificate;
mod entra;
mod error;
mod grant;
mod identity;
mod lifetime;
#[cfg(test)]
mod tests;

pub use error::TokenError;

use crate::settings::{BotSettings, Lookup, SettingError};
use error::FailedAttempt;
use grant::Grant;
use http::HeaderValue;
use lifetime::Lifetime;
use notify::ports::{Clock, Moment};
use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio::sync::Mutex;

/// Pause after a failed renewal while the old token is still valid.
const RENEWAL_PAUSE: Duration = Duration::from_secs(30);
/// How long a refusal is cached: another request would be refused too.
const REFUSAL_KEPT: Duration = Duration::from_secs(5);

/// A token, ready as a header value. Never printed.
#[derive(Clone)]
pub struct Bearer {
    header: HeaderValue,
    serial: u64,
}

impl Bearer {
    pub(crate) fn header(&self) -> &HeaderValue {
        &self.header
    }
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bearer(#{})", self.serial)
    }
}

/// The bot's tokens. One per process.
pub struct Tokens {
    grant: Grant,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
    state: RwLock<TokenState>,
    fetch_lock: Mutex<()>,
}

#[derive(Default)]
struct TokenState {
    cached: Option<CachedToken>,
    serial: u64,
    /// Number of fetches that ended, so that a waiting caller takes the result of the fetch that it waited for.
    finished_fetches: u64,
    failure: Option<(TokenError, Moment)>,
}

#[derive(Clone)]
struct CachedToken {
    bearer: Bearer,
    renew_at: Moment,
    unusable_at: Moment,
}

/// Result of looking into the cache.
enum CacheLookup {
    Fresh(Bearer),
    Ageing(Bearer),
    Failed(TokenError),
    Empty { finished_fetches: u64 },
}

impl Tokens {
    /// For a bot's settings; `None` in local development, where no token is ever sent. Reads the certificate's file.
    ///
    /// # Errors
    /// When the certificate can't be used.
    pub fn new(
        settings: &BotSettings,
        http: &reqwest::Client,
        clock: Arc<dyn Clock>,
        lookup: &Lookup<'_>,
    ) -> Result<Option<Self>, SettingError> {
        let grant = Grant::new(settings, lookup)?;
        Ok(grant.map(|grant| Self {
            grant,
            http: http.clone(),
            clock,
            state: RwLock::default(),
            fetch_lock: Mutex::new(()),
        }))
    }

    /// A token that is valid now.
    ///
    /// # Errors
    /// When Entra refuses the credentials or can't be reached and no usable token is left.
    pub async fn bearer(&self) -> Result<Bearer, TokenError> {
        match self.lookup() {
            CacheLookup::Fresh(bearer) => Ok(bearer),
            CacheLookup::Failed(error) => Err(error),
            // One caller renews; the others use the old token.
            CacheLookup::Ageing(bearer) => match self.fetch_lock.try_lock() {
                Ok(_guard) => Ok(self.fetch().await.unwrap_or(bearer)),
                Err(_) => Ok(bearer),
            },
            CacheLookup::Empty { finished_fetches } => {
                let _guard = self.fetch_lock.lock().await;
                match self.lookup() {
                    CacheLookup::Fresh(bearer) | CacheLookup::Ageing(bearer) => Ok(bearer),
                    CacheLookup::Failed(error) => Err(error),
                    CacheLookup::Empty {
                        finished_fetches: now,
                    } if now != finished_fetches => Err(self.last_failure()),
                    CacheLookup::Empty { .. } => self.fetch().await,
                }
            }
        }
    }

    /// Drops a token that the connector refused; a newer one stays.
    pub fn refused(&self, bearer: &Bearer) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state
            .cached
            .as_ref()
            .is_some_and(|cached| cached.bearer.serial == bearer.serial)
        {
            state.cached = None;
        }
    }

    fn lookup(&self) -> CacheLookup {
        let now = self.clock.now();
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let failed_within = |pause| state.failure.as_ref().filter(|(_, at)| now.since(*at) < pause);
        match &state.cached {
            Some(cached) if now < cached.renew_at => CacheLookup::Fresh(cached.bearer.clone()),
            Some(cached) if now < cached.unusable_at => match failed_within(RENEWAL_PAUSE) {
                Some(_) => CacheLookup::Fresh(cached.bearer.clone()),
                None => CacheLookup::Ageing(cached.bearer.clone()),
            },
            _ => match failed_within(REFUSAL_KEPT) {
                Some((error, _)) if error.is_refusal() => CacheLookup::Failed(error.clone()),
                _ => CacheLookup::Empty {
                    finished_fetches: state.finished_fetches,
                },
            },
        }
    }

    fn last_failure(&self) -> TokenError {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let failure = state.failure.as_ref().map(|(error, _)| error.clone());
        failure.unwrap_or(TokenError::Unavailable {
            status: None,
            retry_after: None,
        })
    }

    /// Fetches, with the grant's retries; the caller must hold `fetch_lock`.
    async fn fetch(&self) -> Result<Bearer, TokenError> {
        let fetched = self.attempts().await;
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.finished_fetches += 1;
        match fetched {
            Ok((header, lifetime, requested_at)) => {
                state.serial += 1;
                let bearer = Bearer {
                    header,
                    serial: state.serial,
                };
                let (renew_at, unusable_at) = (
                    requested_at.after(lifetime.renew_after()),
                    requested_at.after(lifetime.usable_for()),
                );
                state.cached = Some(CachedToken {
                    bearer: bearer.clone(),
                    renew_at,
                    unusable_at,
                });
                state.failure = None;
                Ok(bearer)
            }
            Err(error) => {
                // Whatever waits for it says so once a minute.
                match &state.failure {
                    None => {
                        tracing::warn!(%error, "there is no token for the connector: nothing can be sent until the next attempt");
                    }
                    Some(_) => tracing::debug!(%error, "there is still no token for the connector"),
                }
                state.failure = Some((error.clone(), self.clock.now()));
                Err(error)
            }
        }
    }

    async fn attempts(&self) -> Result<(HeaderValue, Lifetime, Moment), TokenError> {
        let mut pauses = self.grant.pauses().iter();
        loop {
            let requested_at = self.clock.now();
            let FailedAttempt { error, retryable } =
                match self.grant.request_token(&self.http, self.clock.wall()).await {
                    Ok((token, lifetime)) => return Ok((header(&token)?, lifetime, requested_at)),
                    Err(attempt) => attempt,
                };
            let Some(pause) = pauses.next().filter(|_| retryable) else {
                return Err(error);
            };
            let wanted = error.retry_after().unwrap_or(*pause);
            if wanted > error::LONGEST_PAUSE {
                return Err(error);
            }
            self.clock.sleep_until(self.clock.now().after(wanted)).await;
        }
    }
}

fn header(token: &str) -> Result<HeaderValue, TokenError> {
    let mut header = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| TokenError::Unreadable)?;
    header.set_sensitive(true);
    Ok(header)
}
