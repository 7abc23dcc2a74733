//! Entra as issuer of the tokens of the Bot Framework Emulator and of a Playground with credentials.
//!
//! The list is botbuilder's. Unlike botbuilder, no issuer is ever added from an unverified token; only the bot's own
//! tenant is.

/// Metadata and issuers of emulator tokens, used only by explicit opt-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmulatorIssuers {
    /// OpenID metadata.
    pub metadata: String,
    /// Issuers, compared exactly.
    pub issuers: Vec<String>,
    login: String,
}

impl EmulatorIssuers {
    pub(super) fn public() -> Self {
        let mut issuers = Vec::new();
        for tenant in [
            "d6d49420-f39b-4df7-a1dc-d59a935871db",
            "f8cdef31-a31e-4b4a-93e4-5f571e91255a",
        ] {
            issuers.push(format!("https://sts.windows.net/{tenant}/"));
            issuers.push(format!("https://login.microsoftonline.com/{tenant}/v2.0"));
        }
        issuers.push("https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/".to_owned());
        Self {
            metadata: "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration"
                .to_owned(),
            issuers,
            login: "https://login.microsoftonline.com".to_owned(),
        }
    }

    pub(super) fn us_government() -> Self {
        let bots = "cab8a31a-1906-4287-a0d8-4eef66b95f6e";
        let login = "https://login.microsoftonline.us";
        Self {
            metadata: format!("{login}/{bots}/v2.0/.well-known/openid-configuration"),
            issuers: vec![
                format!("https://sts.windows.net/{bots}/"),
                format!("{login}/{bots}/v2.0"),
                format!("{login}/f8cdef31-a31e-4b4a-93e4-5f571e91255a/"),
                format!("{login}/f8cdef31-a31e-4b4a-93e4-5f571e91255a/v2.0"),
            ],
            login: login.to_owned(),
        }
    }

    pub(super) fn china() -> Self {
        let login = "https://login.partner.microsoftonline.cn";
        Self {
            metadata: format!("{login}/common/v2.0/.well-known/openid-configuration"),
            issuers: Vec::new(),
            login: login.to_owned(),
        }
    }

    /// For a custom cloud: the issuer of the bot's tokens also signs the emulator's. Only the bot's own tenant is
    /// trusted there.
    pub(crate) fn at(login: &str) -> Self {
        let login = login.trim_end_matches('/');
        Self {
            metadata: format!("{login}/common/v2.0/.well-known/openid-configuration"),
            issuers: Vec::new(),
            login: login.to_owned(),
        }
    }

    /// Adds the bot's own tenant, as single-tenant bots need it.
    pub fn with_tenant(mut self, tenant: &str) -> Self {
        let base = if self.login.ends_with(".cn") {
            "https://sts.chinacloudapi.cn"
        } else {
            "https://sts.windows.net"
        };
        self.issuers.push(format!("{base}/{tenant}/"));
        self.issuers.push(format!("{}/{tenant}/v2.0", self.login));
        self
    }
}
