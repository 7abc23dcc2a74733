//! Who may come in, in two steps. [`Validator::authenticate`] decides from the headers alone who asks, before a byte of
//! the body is read; [`Validator::authorize`] compares that caller with the activity that they bring. No HTTP server
//! types.
//!
//! The checks and the statuses follow the Bot Framework authentication page, stricter where botbuilder is lax: the
//! service URL must be there, its host must be allowed, the emulator's audience is compared. What can be refused
//! without a key is refused before one is waited for. The signature of a token is checked once and remembered for five
//! minutes; what concerns the activity is checked every time.

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
    settings::{BotSettings, EmulatorTokens, Tenants},
};
use keys::{Endpoint, Expected, Keys};
use notify::ports::Clock;
use std::{fmt, sync::Arc};
use token::Token;
use verified::{Verified, VerifiedTokens};

/// Who vouches for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// Teams' connector.
    Connector,
    /// The Bot Framework Emulator or a Playground with credentials, by opt-in.
    Emulator,
    /// Nobody: local development.
    Local,
}

/// Somebody whose token is proven, or anybody in local development. Only [`Validator::authenticate`] makes one.
#[derive(Clone)]
pub struct Caller(Proof);

#[derive(Clone)]
enum Proof {
    Local,
    Token(Arc<Verified>),
}

impl Caller {
    /// Who vouches.
    pub fn source(&self) -> Source {
        match &self.0 {
            Proof::Local => Source::Local,
            Proof::Token(verified) => verified.source,
        }
    }

    /// End of the token's life, seconds since 1970; none in local development.
    pub fn expires(&self) -> Option<i64> {
        match &self.0 {
            Proof::Local => None,
            Proof::Token(verified) => Some(verified.expires()),
        }
    }
}

/// Shows nothing of the token.
impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Caller").field(&self.source()).finish()
    }
}

/// Checks inbound requests. One for the process: it caches keys and verified tokens.
pub struct Validator {
    me: Identity,
    hosts: ServiceHosts,
    tenants: Tenants,
    connector: Issuer,
    emulator: Option<Issuer>,
    verified: VerifiedTokens,
    clock: Arc<dyn Clock>,
}

/// Whose tokens are accepted, and where their keys are.
struct Issuer {
    source: Source,
    names: Vec<String>,
    keys: Keys,
}

impl Validator {
    /// For a bot's settings. Nothing is fetched before the first token comes.
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
            source: Source::Emulator,
            names: cloud.emulator.issuers.clone(),
            // Entra's shared metadata names a pattern instead of an issuer; the token's own issuer is compared.
            keys: keys(&cloud.emulator.metadata, Expected::AnyIssuer),
        });
        Self {
            me: settings.identity(),
            hosts: cloud.hosts.clone(),
            tenants: settings.tenants.clone(),
            connector: Issuer {
                source: Source::Connector,
                names: vec![cloud.issuer.clone()],
                keys: keys(&cloud.metadata, Expected::Issuer(cloud.issuer.clone())),
            },
            emulator,
            verified: VerifiedTokens::default(),
            clock,
        }
    }

    /// Who asks, from the values of all `Authorization` headers of a request.
    ///
    /// # Errors
    /// The first check that failed, with the status to answer.
    pub async fn authenticate(&self, authorization: &[&[u8]]) -> Result<Caller, Denied> {
        if self.me.is_local() {
            return Ok(Caller(Proof::Local));
        }
        let text = header::bearer(authorization)?;
        if let Some(known) = self.remembered(text) {
            known.claims.alive(self.clock.wall().as_second())?;
            return Ok(Caller(Proof::Token(known)));
        }
        let token = Token::read(text)?;
        let issuer = self.issuer(&token)?;
        self.plausible(&token, issuer)?;
        let key = issuer.keys.find(&token.kid, text.len()).await?;
        token.signed_by(&key)?;
        let verified = Verified {
            source: issuer.source,
            kid: token.kid,
            key,
            claims: token.claims,
            at: self.clock.now(),
        };
        let now = self.clock.wall().as_second();
        Ok(Caller(Proof::Token(self.verified.keep(text, verified, now))))
    }

    /// Whether the caller may bring this activity.
    ///
    /// # Errors
    /// The first check that failed, with the status to answer.
    pub fn authorize(&self, caller: &Caller, activity: &Activity) -> Result<(), Denied> {
        if let Proof::Token(verified) = &caller.0 {
            Self::bound_to(verified, activity)?;
        }
        let service_url = activity.service_url().ok_or(Denied::ServiceUrlMissing)?;
        self.hosts.trust(service_url).map_err(Denied::ServiceHost)?;
        Self::channel(caller.source(), activity)?;
        self.tenant(activity)
    }

    /// A token that was proven lately, by a key that is still kept.
    fn remembered(&self, text: &str) -> Option<Arc<Verified>> {
        let known = self.verified.find(text)?;
        let issuer = self.issuers().find(|issuer| issuer.source == known.source)?;
        let kept = issuer.keys.kept(&known.kid);
        known.holds(kept.as_ref(), self.clock.now()).then_some(known)
    }

    /// All that can be said of a token without its key.
    fn plausible(&self, token: &Token<'_>, issuer: &Issuer) -> Result<(), Denied> {
        let (claims, app_id) = (&token.claims, self.me.bot.as_str());
        claims.alive(self.clock.wall().as_second())?;
        match issuer.source {
            Source::Connector => {
                claims.for_connector(app_id)?;
                let service_url = claims.serviceurl.as_deref().ok_or(Denied::ServiceUrlClaim)?;
                self.hosts.trust(service_url).map_err(Denied::ServiceHost)?;
                Ok(())
            }
            Source::Emulator | Source::Local => claims.for_emulator(app_id),
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
    fn bound_to(verified: &Verified, activity: &Activity) -> Result<(), Denied> {
        let channel = activity.channel().ok_or(Denied::Channel)?;
        let endorsements = &verified.key.endorsements;
        let endorsed = |name: &str| endorsements.iter().any(|endorsed| endorsed == name);
        if !endorsements.is_empty() && !endorsed(channel) && !activity.base_channel().is_some_and(endorsed) {
            return Err(Denied::Endorsement);
        }
        if verified.source == Source::Connector {
            let claimed = verified
                .claims
                .serviceurl
                .as_deref()
                .ok_or(Denied::ServiceUrlClaim)?;
            let sent = activity.service_url().ok_or(Denied::ServiceUrlMissing)?;
            if !service_url::same(claimed, sent) {
                return Err(Denied::ServiceUrlClaim);
            }
        }
        Ok(())
    }

    fn channel(source: Source, activity: &Activity) -> Result<(), Denied> {
        match (source, activity.base_channel()) {
            // Development clients play several channels; what isn't Teams is ignored later.
            (Source::Local, _) | (_, Some("msteams")) | (Source::Emulator, Some("emulator")) => Ok(()),
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
