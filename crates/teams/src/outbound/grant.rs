//! How the bot gets a token, chosen by the settings.

use super::{
    certificate::Certificate, entra, error::FailedAttempt, identity::IdentityEndpoint, lifetime::Lifetime,
};
use crate::settings::{BotKind, BotSettings, Credential, Lookup, Secret, SettingError};
use jiff::Timestamp;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// A way of getting a token.
pub(super) enum Grant {
    /// The client credentials of an app registration.
    Client {
        endpoint: String,
        client_id: String,
        scope: String,
        credential: ClientCredential,
    },
    /// The managed identity that Azure gives the process.
    Identity {
        endpoint: IdentityEndpoint,
        client_id: String,
        resource: String,
    },
}

/// The credential of an app registration.
pub(super) enum ClientCredential {
    Secret(Secret),
    Certificate(Certificate),
}

impl Grant {
    pub(super) fn new(settings: &BotSettings, lookup: &Lookup<'_>) -> Result<Option<Self>, SettingError> {
        let cloud = &settings.cloud;
        let client = |app_id: &str, authority: &str, credential: &Credential| {
            let credential = match credential {
                Credential::Secret(secret) => ClientCredential::Secret(secret.clone()),
                Credential::Certificate { path, password } => {
                    ClientCredential::Certificate(Certificate::read(path, password.as_ref())?)
                }
            };
            Ok(Some(Self::Client {
                endpoint: cloud.token_endpoint(authority),
                client_id: app_id.to_owned(),
                scope: cloud.scope.clone(),
                credential,
            }))
        };
        match &settings.kind {
            BotKind::Local => Ok(None),
            BotKind::MultiTenant { app_id, credential } => {
                client(app_id, &cloud.shared_authority, credential)
            }
            BotKind::SingleTenant {
                app_id,
                tenant,
                credential,
            } => client(app_id, tenant.as_str(), credential),
            BotKind::UserAssignedMsi { app_id, .. } => Ok(Some(Self::Identity {
                endpoint: IdentityEndpoint::from_environment(lookup),
                client_id: app_id.clone(),
                resource: cloud.resource().to_owned(),
            })),
        }
    }

    /// Pauses between attempts, as in MSAL.
    pub(super) fn pauses(&self) -> &'static [Duration] {
        match self {
            Self::Identity {
                endpoint: IdentityEndpoint::AppService { .. },
                ..
            } => &[SECOND; 3],
            Self::Client { .. } | Self::Identity { .. } => {
                const DOUBLING: [Duration; 3] = [SECOND, Duration::from_secs(2), Duration::from_secs(4)];
                &DOUBLING
            }
        }
    }

    /// Makes one request.
    pub(super) async fn request_token(
        &self,
        http: &reqwest::Client,
        now: Timestamp,
    ) -> Result<(String, Lifetime), FailedAttempt> {
        match self {
            Self::Client {
                endpoint,
                client_id,
                scope,
                credential,
            } => entra::request_token(http, endpoint, client_id, scope, credential, now).await,
            Self::Identity {
                endpoint,
                client_id,
                resource,
            } => endpoint.request_token(http, client_id, resource, now).await,
        }
    }
}
