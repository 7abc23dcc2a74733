//! Authentication of inbound requests, in two steps. [`Validator::authenticate`] identifies the caller from the headers
//! alone, before a byte of the body is read; [`Validator::authorize`] checks that this caller may send the activity. No
//! HTTP server types.
//!
//! The checks and the statuses follow the Bot Framework authentication page, stricter where botbuilder is lax: the
//! service URL is required, its host must be allowed, the emulator's audience is compared. A token that can be refused
//! without a key never waits for one. A verified signature is cached for five minutes; the checks of the activity are
//! made every time.

mod denied;
mod header;
mod jwks;
mod keys;
mod service_url;
#[cfg(test)]
mod tests;
mod token;
mod verified;

pub use denied::Denied;

use crate::{
    activity::Activity,
    cloud::ServiceHosts,
    identity::Identity,
    settings::{BotSettings, EmulatorTokens, TenantAllowList},
};
use keys::{Endpoint, Expected, Keys};
use notify::ports::Clock;
use std::{fmt, sync::Arc};
use token::Token;
use verified::{VerifiedToken, VerifiedTokens};

/// Which issuer authenticated a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallerKind {
    /// Teams' connector.
    Connector,
    /// The Bot Framework Emulator or a Playground with credentials, by opt-in.
    Emulator,
    /// None: local development.
    Local,
}

/// An authenticated caller, or any caller in local development. Only [`Validator::authenticate`] makes one.
#[derive(Clone)]
pub struct Caller(CallerProof);

#[derive(Clone)]
enum CallerProof {
    Local,
    Token(Arc<VerifiedToken>),
}

impl Caller {
    /// Which issuer authenticated the caller.
    pub fn caller_kind(&self) -> CallerKind {
        match &self.0 {
            CallerProof::Local => CallerKind::Local,
            CallerProof::Token(verified) => verified.caller_kind,
        }
    }

    /// When the token expires, seconds since 1970; none in local development.
    pub fn expires(&self) -> Option<i64> {
        match &self.0 {
            CallerProof::Local => None,
            CallerProof::Token(verified) => Some(verified.expires()),
        }
    }
}

/// Shows nothing of the token.
impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Caller").field(&self.caller_kind()).finish()
    }
}

/// Checks inbound requests. One per process: it caches keys and verified tokens.
pub struct Validator {
    me: Identity,
    hosts: ServiceHosts,
    tenants: TenantAllowList,
    connector: Issuer,
    emulator: Option<Issuer>,
    verified: VerifiedTokens,
    clock: Arc<dyn Clock>,
}

/// An accepted issuer and its signing keys.
struct Issuer {
    caller_kind: CallerKind,
    names: Vec<String>,
    keys: Keys,
}

impl Validator {
    /// For a bot's settings. Keys are fetched when the first token comes, not here.
    pub fn new(settings: &BotSettings, http: &reqwest::Client, clock: Arc<dyn Clock>) -> Self {
        let cloud = &settings.cloud;
        let keys = |metadata: &str, expected| {
            let endpoint = Endpoint {
                metadata: metadata.to_owned(),
                expected,
                http: http.clone(),
            };
            Keys::new(endpoint, Arc::clone(&clock))
        };
        let emulator = (settings.emulator == EmulatorTokens::Accepted).then(|| Issuer {
            caller_kind: CallerKind::Emulator,
            names: cloud.emulator.issuers.clone(),
            // Entra's shared metadata names a pattern instead of an issuer; the token's own issuer is compared.
            keys: keys(&cloud.emulator.metadata, Expected::AnyIssuer),
        });
        Self {
            me: settings.identity(),
            hosts: cloud.hosts.clone(),
            tenants: settings.tenants.clone(),
            connector: Issuer {
                caller_kind: CallerKind::Connector,
                names: vec![cloud.issuer.clone()],
                keys: keys(&cloud.metadata, Expected::Issuer(cloud.issuer.clone())),
            },
            emulator,
            verified: VerifiedTokens::default(),
            clock,
        }
    }

    /// Identifies the caller from the values of all `Authorization` headers of a request.
    ///
    /// # Errors
    /// The first check that failed, with the status to answer.
    pub async fn authenticate(&self, authorization: &[&[u8]]) -> Result<Caller, Denied> {
        if self.me.is_local() {
            return Ok(Caller(CallerProof::Local));
        }
        let text = header::bearer(authorization)?;
        if let Some(known) = self.cached_token(text) {
            known.claims.check_times(self.clock.wall().as_second())?;
            return Ok(Caller(CallerProof::Token(known)));
        }
        let token = Token::read(text)?;
        let issuer = self.issuer(&token)?;
        self.check_without_key(&token, issuer)?;
        let key = issuer.keys.find(&token.kid, text.len()).await?;
        token.signed_by(&key)?;
        let verified = VerifiedToken {
            caller_kind: issuer.caller_kind,
            kid: token.kid,
            key,
            claims: token.claims,
            at: self.clock.now(),
        };
        let now = self.clock.wall().as_second();
        Ok(Caller(CallerProof::Token(
            self.verified.keep(text, verified, now),
        )))
    }

    /// Whether the caller may send this activity.
    ///
    /// # Errors
    /// The first check that failed, with the status to answer.
    pub fn authorize(&self, caller: &Caller, activity: &Activity) -> Result<(), Denied> {
        if let CallerProof::Token(verified) = &caller.0 {
            Self::check_binding(verified, activity)?;
        }
        let service_url = activity.service_url().ok_or(Denied::ServiceUrlMissing)?;
        self.hosts.trust(service_url).map_err(Denied::ServiceHost)?;
        Self::channel(caller.caller_kind(), activity)?;
        self.tenant(activity)
    }

    /// A token that was verified recently, with a key that is still cached.
    fn cached_token(&self, text: &str) -> Option<Arc<VerifiedToken>> {
        let known = self.verified.find(text)?;
        let issuer = self
            .issuers()
            .find(|issuer| issuer.caller_kind == known.caller_kind)?;
        let kept = issuer.keys.kept(&known.kid);
        known.holds(kept.as_ref(), self.clock.now()).then_some(known)
    }

    /// All checks that need no key.
    fn check_without_key(&self, token: &Token<'_>, issuer: &Issuer) -> Result<(), Denied> {
        let (claims, app_id) = (&token.claims, self.me.bot.as_str());
        claims.check_times(self.clock.wall().as_second())?;
        match issuer.caller_kind {
            CallerKind::Connector => {
                claims.check_connector_audience(app_id)?;
                let service_url = claims.serviceurl.as_deref().ok_or(Denied::ServiceUrlClaim)?;
                self.hosts.trust(service_url).map_err(Denied::ServiceHost)?;
                Ok(())
            }
            CallerKind::Emulator | CallerKind::Local => claims.check_emulator_audience(app_id),
        }
    }

    fn issuers(&self) -> impl Iterator<Item = &Issuer> {
        std::iter::once(&self.connector).chain(&self.emulator)
    }

    fn issuer(&self, token: &Token<'_>) -> Result<&Issuer, Denied> {
        let name = token.claims.iss.as_deref().ok_or(Denied::Issuer)?;
        self.issuers()
            .find(|issuer| issuer.names.iter().any(|known| known == name))
            .ok_or(Denied::Issuer)
    }

    /// Endorsement and service URL: the token is for this channel and for this connector.
    fn check_binding(verified: &VerifiedToken, activity: &Activity) -> Result<(), Denied> {
        let channel = activity.channel().ok_or(Denied::Channel)?;
        let endorsements = &verified.key.endorsements;
        let endorsed = |name: &str| endorsements.iter().any(|endorsed| endorsed == name);
        if !endorsements.is_empty() && !endorsed(channel) && !activity.base_channel().is_some_and(endorsed) {
            return Err(Denied::Endorsement);
        }
        if verified.caller_kind == CallerKind::Connector {
            let claimed = verified
                .claims
                .serviceurl
                .as_deref()
                .ok_or(Denied::ServiceUrlClaim)?;
            let sent = activity.service_url().ok_or(Denied::ServiceUrlMissing)?;
            if !service_url::same_address(claimed, sent) {
                return Err(Denied::ServiceUrlClaim);
            }
        }
        Ok(())
    }

    fn channel(caller_kind: CallerKind, activity: &Activity) -> Result<(), Denied> {
        match (caller_kind, activity.base_channel()) {
            // Development clients simulate several channels; activities of other channels are ignored later.
            (CallerKind::Local, _) | (_, Some("msteams")) | (CallerKind::Emulator, Some("emulator")) => {
                Ok(())
            }
            _ => Err(Denied::Channel),
        }
    }

    fn tenant(&self, activity: &Activity) -> Result<(), Denied> {
        let tenant = activity.place().tenant(&activity.origin(&self.me));
        if self.tenants.allow(&tenant) {
            Ok(())
        } else {
            Err(Denied::Tenant)
        }
    }
}
