//! Names that start with `BOT_` and aren't ours: a misspelt one stops the start, others warn.

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
/// `*_SERVICE_PORT*`. A service called `bot` or `notification` is nobody's misspelling.
pub fn is_service_link(name: &str) -> bool {
    // The second pattern has the third in it.
    name.ends_with("_SERVICE_HOST") || name.contains("_PORT")
}

/// A name that isn't known.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// Nearly one of ours: stops the start.
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

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NearMiss { name, meant } => {
                write!(f, "{name}: there is no such setting; is {meant} meant?")
            }
            Self::Unknown { name } => write!(f, "{name}: not a setting of this bot; it is ignored"),
        }
    }
}

/// Looks through the names of all settings for `BOT_*` names that aren't ours. Sorted as they come.
pub fn unknown_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<Finding> {
    names.into_iter().filter_map(finding).collect()
}

fn finding(name: &str) -> Option<Finding> {
    let upper = name.to_ascii_uppercase();
    if !upper.starts_with("BOT_") || KNOWN.contains(&name) || is_service_link(name) {
        return None;
    }
    let nearest = KNOWN
        .into_iter()
        .map(|known| (strsim::osa_distance(&upper, known), known))
        .min();
    // Short names are near to everything: there, one slip only.
    let near = |known: &str| if known.len() <= "BOT_TYPE".len() { 1 } else { 2 };
    Some(match nearest {
        Some((away, meant)) if away <= near(meant) => Finding::NearMiss {
            name: name.to_owned(),
            meant,
        },
        _ => Finding::Unknown {
            name: name.to_owned(),
        },
    })
}
