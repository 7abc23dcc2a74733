//! Who may come in: the token of a request, checked against the activity that it brings. No HTTP server types.
//!
//! The order of checks and the statuses follow the Bot Framework authentication page, stricter where botbuilder is
//! lax: the service URL must be there, its host must be allowed, the emulator's audience is compared. The signature
//! of a token is checked once and remembered; what concerns the activity is checked every time.

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
    reference,
    settings::{BotSettings, EmulatorTokens, Tenants},
};
use keys::{Expected, Keys};
use notify::ports::Clock;
use std::sync::Arc;
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

/// What was established about an admitted request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Who vouches.
    pub source: Source,
    /// End of the token's life, seconds since 1970; none in local development.
    pub expires: Option<i64>,
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
        let keys = |metadata: &str, expected| Keys::new(metadata, expected, http.clone(), Arc::clone(&clock));
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

    /// Checks the values of all `Authorization` headers of a request against its activity.
    ///
    /// # Errors
    /// The first check that failed, with the status to answer.
    pub async fn check(&self, authorization: &[&[u8]], activity: &Activity) -> Result<Claims, Denied> {
        let claims = if self.me.is_local() {
            Claims {
                source: Source::Local,
                expires: None,
            }
        } else {
            let verified = self.token(header::bearer(authorization)?).await?;
            self.bound_to(&verified, activity)?;
            Claims {
                source: verified.source,
                expires: Some(verified.expires()),
            }
        };
        let service_url = activity.service_url().ok_or(Denied::ServiceUrlMissing)?;
        self.hosts.trust(service_url).map_err(Denied::ServiceHost)?;
        self.channel(claims.source, activity)?;
        self.tenant(activity)?;
        Ok(claims)
    }

    /// A verified token: from memory, or checked now. Its life is compared with the clock either way.
    async fn token(&self, token: &str) -> Result<Arc<Verified>, Denied> {
        let now = self.clock.wall().as_second();
        if let Some(known) = self.verified.find(token) {
            known.claims.alive(now)?;
            return Ok(known);
        }
        let token = Token::read(token)?;
        let issuer = self.issuer(&token)?;
        let key = issuer.keys.find(token.kid()?).await?;
        token.signed_by(&key)?;
        token.claims.alive(now)?;
        match issuer.source {
            Source::Connector => token.claims.for_connector(self.me.bot.as_str())?,
            Source::Emulator | Source::Local => token.claims.for_emulator(self.me.bot.as_str())?,
        }
        let verified = Verified {
            source: issuer.source,
            endorsements: key.endorsements.clone(),
            claims: token.claims,
        };
        Ok(self.verified.keep(token.text, verified, now))
    }

    fn issuer(&self, token: &Token<'_>) -> Result<&Issuer, Denied> {
        let name = token.claims.iss.as_deref().ok_or(Denied::Issuer)?;
        std::iter::once(&self.connector)
            .chain(&self.emulator)
            .find(|issuer| issuer.names.iter().any(|known| known == name))
            .ok_or(Denied::Issuer)
    }

    /// Endorsement and service URL: the token is for this channel and for this connector.
    fn bound_to(&self, verified: &Verified, activity: &Activity) -> Result<(), Denied> {
        let channel = activity.channel().ok_or(Denied::Channel)?;
        let endorsed = |name: &str| verified.endorsements.iter().any(|endorsed| endorsed == name);
        if !verified.endorsements.is_empty()
            && !endorsed(channel)
            && !activity.base_channel().is_some_and(endorsed)
        {
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

    fn channel(&self, source: Source, activity: &Activity) -> Result<(), Denied> {
        match (source, activity.base_channel()) {
            // Development clients play several channels; what isn't Teams is ignored later.
            (Source::Local, _) | (_, Some("msteams")) | (Source::Emulator, Some("emulator")) => Ok(()),
            _ => Err(Denied::Channel),
        }
    }

    fn tenant(&self, activity: &Activity) -> Result<(), Denied> {
        let told = [
            activity.conversation_text("tenantId"),
            activity.channel_data().tenant(),
        ];
        if self.tenants.allow(&reference::tenant(&told, &self.me)) {
            Ok(())
        } else {
            Err(Denied::Tenant)
        }
    }
}
