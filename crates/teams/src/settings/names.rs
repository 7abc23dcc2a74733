//! Unknown settings that start with `BOT_`: a misspelt name is an error at the start, others are a warning.

use std::fmt;

/// Every `BOT_*` setting.
pub const KNOWN: [&str; 14] = [
    "BOT_ID",
    "BOT_TYPE",
    "BOT_PASSWORD",
    "BOT_CERTIFICATE_PATH",
    "BOT_CERTIFICATE_PASSWORD",
    "BOT_TENANT_ID",
    "BOT_ALLOWED_TENANTS",
    "BOT_ALLOW_EMULATOR",
    "BOT_CLOUD",
    "BOT_LOGIN_URL",
    "BOT_OPENID_METADATA_URL",
    "BOT_TOKEN_ISSUER",
    "BOT_SCOPE",
    "BOT_SERVICE_HOSTS",
];

/// Whether Kubernetes sets the name in every pod, for a service of the namespace: `*_PORT*`, `*_SERVICE_HOST` and
/// `*_SERVICE_PORT*`. These are never misspellings.
pub fn is_service_link(name: &str) -> bool {
    // The second pattern has the third in it.
    name.ends_with("_SERVICE_HOST") || name.contains("_PORT")
}

/// An unknown setting.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownSetting {
    /// Probably misspelt: an error at the start.
    NearMiss {
        /// As it was written.
        name: String,
        /// What was probably meant.
        meant: &'static str,
    },
    /// Of other software (TeamsFx projects carry `BOT_DOMAIN` and `BOT_ENDPOINT`): a warning.
    Unknown {
        /// As it was written.
        name: String,
    },
}

impl fmt::Display for UnknownSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NearMiss { name, meant } => {
                write!(f, "{name}: there is no such setting; is {meant} meant?")
            }
            Self::Unknown { name } => write!(f, "{name}: not a setting of this bot; it is ignored"),
        }
    }
}

/// Finds unknown `BOT_*` names among the names of all settings, in their order.
pub fn unknown_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<UnknownSetting> {
    names.into_iter().filter_map(finding).collect()
}

fn finding(name: &str) -> Option<UnknownSetting> {
    let upper = name.to_ascii_uppercase();
    if !upper.starts_with("BOT_") || KNOWN.contains(&name) || is_service_link(name) {
        return None;
    }
    let nearest = KNOWN
        .into_iter()
        .map(|known| (strsim::osa_distance(&upper, known), known))
        .min();
    // Short names are close to many others: there, only one typing error.
    let near = |known: &str| if known.len() <= "BOT_TYPE".len() { 1 } else { 2 };
    Some(match nearest {
        Some((away, meant)) if away <= near(meant) => UnknownSetting::NearMiss {
            name: name.to_owned(),
            meant,
        },
        _ => UnknownSetting::Unknown {
            name: name.to_owned(),
        },
    })
}
