//! The bot's own token for the connector: fetched once for many sends, renewed ahead of its end, dropped when refused.
//!
//! Kept per bot, so nothing is shared between tenants or clouds. Errors tell Entra's code, never what was sent.

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
use error::Attempt;
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

/// Pause after a failed renewal while the old token still serves.
const RENEWAL_PAUSE: Duration = Duration::from_secs(30);
/// A refusal is repeated from memory for so long: credentials don't mend themselves.
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

/// The bot's tokens. One for the process.
pub struct Tokens {
    grant: Grant,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
    state: RwLock<State>,
    flight: Mutex<()>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    serial: u64,
    /// Fetches that ended, so that whoever waited takes the result of the one that it waited for.
    ended: u64,
    failure: Option<(TokenError, Moment)>,
}

#[derive(Clone)]
struct Held {
    bearer: Bearer,
    renew_at: Moment,
    dead_at: Moment,
}

/// What is in memory now.
enum Kept {
    Fresh(Bearer),
    Ageing(Bearer),
    Failed(TokenError),
    Nothing { ended: u64 },
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
            flight: Mutex::new(()),
        }))
    }

    /// A token that is good now.
    ///
    /// # Errors
    /// When Entra refuses the credentials or can't be reached and no usable token is left.
    pub async fn bearer(&self) -> Result<Bearer, TokenError> {
        match self.kept() {
            Kept::Fresh(bearer) => Ok(bearer),
            Kept::Failed(error) => Err(error),
            // One renews ahead; the others go on with what they have.
            Kept::Ageing(bearer) => match self.flight.try_lock() {
                Ok(_turn) => Ok(self.fetch().await.unwrap_or(bearer)),
                Err(_) => Ok(bearer),
            },
            Kept::Nothing { ended } => {
                let _turn = self.flight.lock().await;
                match self.kept() {
                    Kept::Fresh(bearer) | Kept::Ageing(bearer) => Ok(bearer),
                    Kept::Failed(error) => Err(error),
                    Kept::Nothing { ended: now } if now != ended => Err(self.last_failure()),
                    Kept::Nothing { .. } => self.fetch().await,
                }
            }
        }
    }

    /// Forgets a token that the connector refused; a newer one stays.
    pub fn refused(&self, bearer: &Bearer) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state
            .held
            .as_ref()
            .is_some_and(|held| held.bearer.serial == bearer.serial)
        {
            state.held = None;
        }
    }

    fn kept(&self) -> Kept {
        let now = self.clock.now();
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let failed_within = |pause| state.failure.as_ref().filter(|(_, at)| now.since(*at) < pause);
        match &state.held {
            Some(held) if now < held.renew_at => Kept::Fresh(held.bearer.clone()),
            Some(held) if now < held.dead_at => match failed_within(RENEWAL_PAUSE) {
                Some(_) => Kept::Fresh(held.bearer.clone()),
                None => Kept::Ageing(held.bearer.clone()),
            },
            _ => match failed_within(REFUSAL_KEPT) {
                Some((error, _)) if error.is_refusal() => Kept::Failed(error.clone()),
                _ => Kept::Nothing { ended: state.ended },
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

    /// Fetches, with the grant's retries; to be called by whoever has the turn.
    async fn fetch(&self) -> Result<Bearer, TokenError> {
        let fetched = self.attempts().await;
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.ended += 1;
        match fetched {
            Ok((header, lifetime, asked)) => {
                state.serial += 1;
                let bearer = Bearer {
                    header,
                    serial: state.serial,
                };
                let (renew_at, dead_at) = (
                    asked.after(lifetime.renew_after()),
                    asked.after(lifetime.usable()),
                );
                state.held = Some(Held {
                    bearer: bearer.clone(),
                    renew_at,
                    dead_at,
                });
                state.failure = None;
                Ok(bearer)
            }
            Err(error) => {
                tracing::warn!(%error, "there is no token for the connector: nothing can be sent until the next attempt");
                state.failure = Some((error.clone(), self.clock.now()));
                Err(error)
            }
        }
    }

    async fn attempts(&self) -> Result<(HeaderValue, Lifetime, Moment), TokenError> {
        let mut pauses = self.grant.pauses().iter();
        loop {
            let asked = self.clock.now();
            let Attempt { error, may_repeat } = match self.grant.ask(&self.http, self.clock.wall()).await {
                Ok((token, lifetime)) => return Ok((header(&token)?, lifetime, asked)),
                Err(attempt) => attempt,
            };
            let Some(pause) = pauses.next().filter(|_| may_repeat) else {
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
