//! The managed identity's endpoint: App Service's (Functions, Container Apps), else the instance metadata service.

use super::{entra, error::FailedAttempt, lifetime::Lifetime};
use crate::transport::SHORT_TIMEOUT;
use config::{Lookup, Secret, foreign};
use jiff::Timestamp;
use url::form_urlencoded::Serializer;

/// Where this process gets tokens of its managed identity.
pub(super) enum IdentityEndpoint {
    /// `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`.
    AppService { address: String, header: Secret },
    /// The instance metadata service.
    Machine { address: String },
}

impl IdentityEndpoint {
    pub(super) fn from_environment(lookup: &Lookup<'_>) -> Self {
        match (
            foreign(lookup, "IDENTITY_ENDPOINT"),
            foreign(lookup, "IDENTITY_HEADER"),
        ) {
            (Some(address), Some(header)) => Self::AppService {
                address,
                header: Secret::new(header),
            },
            _ => {
                let host = foreign(lookup, "AZURE_POD_IDENTITY_AUTHORITY_HOST");
                let host = host.unwrap_or_else(|| "http://169.254.169.254".to_owned());
                Self::Machine {
                    address: format!("{}/metadata/identity/oauth2/token", host.trim_end_matches('/')),
                }
            }
        }
    }

    pub(super) async fn request_token(
        &self,
        http: &reqwest::Client,
        client_id: &str,
        resource: &str,
        now: Timestamp,
    ) -> Result<(String, Lifetime), FailedAttempt> {
        let query = |version: &str| {
            Serializer::new(String::new())
                .append_pair("api-version", version)
                .append_pair("resource", resource)
                .append_pair("client_id", client_id)
                .finish()
        };
        // A starting endpoint answers 404, a machine that is being moved 410.
        let (request, transient): (_, &[u16]) = match self {
            Self::AppService { address, header } => {
                let request = http.get(format!("{address}?{}", query("2019-08-01")));
                (request.header("X-IDENTITY-HEADER", header.expose()), &[404])
            }
            Self::Machine { address } => {
                let request = http.get(format!("{address}?{}", query("2018-02-01")));
                (request.header("Metadata", "true"), &[404, 410])
            }
        };
        entra::read(request.timeout(SHORT_TIMEOUT), transient, now).await
    }
}
