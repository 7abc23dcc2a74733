//! The Microsoft clouds: issuers of inbound tokens, token endpoints, hosts that may receive a token. Constants only.
//!
//! Sources: Bot Framework authentication pages for the public, US Government and 21Vianet clouds; the constants of
//! botbuilder 4.23 and Teams SDK 2.0. GCC uses the public endpoints, only its service URL differs.

mod entra;
mod hosts;
#[cfg(test)]
mod tests;

pub use config::bot::CloudName;
pub use entra::EmulatorIssuers;
pub(crate) use hosts::is_loopback;
pub use hosts::{AllowedHost, ServiceHosts, TokenUse, TrustedUrl, Untrusted};

/// Endpoints of one cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cloud {
    /// Which one.
    pub name: CloudName,
    /// Authority base for tokens, without a slash at the end: `{base}/{tenant}/oauth2/v2.0/token`.
    pub login: String,
    /// Authority segment of a multi-tenant bot.
    pub shared_authority: String,
    /// OpenID metadata of the connector's inbound tokens.
    pub metadata: String,
    /// Issuer of those tokens, compared exactly.
    pub issuer: String,
    /// Scope of outbound tokens.
    pub scope: String,
    /// Microsoft Graph.
    pub graph: String,
    /// Service URL for creating a conversation when none is stored.
    pub service_url: Option<String>,
    /// Hosts that may receive a token.
    pub hosts: ServiceHosts,
    /// Entra's side of emulator tokens.
    pub emulator: EmulatorIssuers,
}

impl Cloud {
    /// The constants of a cloud; a custom one starts from the public cloud and is filled by the settings.
    pub fn named(name: CloudName) -> Self {
        match name {
            CloudName::Public | CloudName::Custom => {
                Self::public(name, "https://smba.trafficmanager.net/teams/")
            }
            CloudName::Gcc => Self::public(name, "https://smba.infra.gcc.teams.microsoft.com/teams"),
            CloudName::Gcch => Self::us_government(
                name,
                "https://graph.microsoft.us",
                "https://smba.infra.gov.teams.microsoft.us/teams",
            ),
            CloudName::Dod => Self::us_government(
                name,
                "https://dod-graph.microsoft.us",
                "https://smba.infra.dod.teams.microsoft.us/teams",
            ),
            CloudName::China => Self::china(),
        }
    }

    fn public(name: CloudName, service_url: &str) -> Self {
        Self {
            name,
            login: "https://login.microsoftonline.com".to_owned(),
            shared_authority: "botframework.com".to_owned(),
            metadata: "https://login.botframework.com/v1/.well-known/openidconfiguration".to_owned(),
            issuer: "https://api.botframework.com".to_owned(),
            scope: "https://api.botframework.com/.default".to_owned(),
            graph: "https://graph.microsoft.com".to_owned(),
            service_url: Some(service_url.to_owned()),
            hosts: ServiceHosts::of(
                &["smba.trafficmanager.net"],
                &["botframework.com", "teams.microsoft.com"],
            ),
            emulator: EmulatorIssuers::public(),
        }
    }

    fn us_government(name: CloudName, graph: &str, service_url: &str) -> Self {
        Self {
            name,
            login: "https://login.microsoftonline.us".to_owned(),
            shared_authority: "MicrosoftServices.onmicrosoft.us".to_owned(),
            metadata: "https://login.botframework.azure.us/v1/.well-known/openidconfiguration".to_owned(),
            issuer: "https://api.botframework.us".to_owned(),
            scope: "https://api.botframework.us/.default".to_owned(),
            graph: graph.to_owned(),
            service_url: Some(service_url.to_owned()),
            hosts: ServiceHosts::of(&[], &["teams.microsoft.us", "botframework.azure.us"]),
            emulator: EmulatorIssuers::us_government(),
        }
    }

    fn china() -> Self {
        Self {
            name: CloudName::China,
            login: "https://login.partner.microsoftonline.cn".to_owned(),
            shared_authority: "microsoftservices.partner.onmschina.cn".to_owned(),
            metadata: "https://login.botframework.azure.cn/v1/.well-known/openidconfiguration".to_owned(),
            issuer: "https://api.botframework.azure.cn".to_owned(),
            scope: "https://api.botframework.azure.cn/.default".to_owned(),
            graph: "https://microsoftgraph.chinacloudapi.cn".to_owned(),
            service_url: None,
            hosts: ServiceHosts::of(&[], &["botframework.azure.cn"]),
            emulator: EmulatorIssuers::china(),
        }
    }

    /// The token endpoint of an authority (a tenant, or the shared one).
    pub fn token_endpoint(&self, authority: &str) -> String {
        format!(
            "{}/{authority}/oauth2/v2.0/token",
            self.login.trim_end_matches('/')
        )
    }

    /// The resource that a managed identity asks for: the scope without `/.default`.
    pub fn resource(&self) -> &str {
        self.scope.strip_suffix("/.default").unwrap_or(&self.scope)
    }
}
