//! The kinds of bot registration, each with what it needs and nothing else.

use config::{
    Lookup, Secret, Setting, SettingError, Text, Word as _,
    bot::{self, BotType},
    hosting,
};
use notify::ids::TenantId;
use std::path::PathBuf;

/// A bot registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BotKind {
    /// None: development on this machine, without tokens in either direction.
    Local,
    /// May be installed in any tenant; existing registrations only (none are created since 31 July 2025).
    MultiTenant {
        /// App (client) id, lower-case.
        app_id: String,
        /// How it proves itself.
        credential: Credential,
    },
    /// Of one tenant.
    SingleTenant {
        /// App (client) id, lower-case.
        app_id: String,
        /// Its tenant.
        tenant: TenantId,
        /// How it proves itself.
        credential: Credential,
    },
    /// Of one tenant, with a managed identity instead of credentials.
    UserAssignedMsi {
        /// App (client) id of the identity, lower-case.
        app_id: String,
        /// Its tenant.
        tenant: TenantId,
    },
}

impl BotKind {
    /// The app id; none in local development.
    pub fn app_id(&self) -> Option<&str> {
        match self {
            Self::Local => None,
            Self::MultiTenant { app_id, .. }
            | Self::SingleTenant { app_id, .. }
            | Self::UserAssignedMsi { app_id, .. } => Some(app_id),
        }
    }
}

/// How a bot proves itself to Entra.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A client secret.
    Secret(Secret),
    /// A certificate with its key, as a PEM file.
    Certificate {
        /// The file.
        path: PathBuf,
        /// Password of the key, if it is encrypted.
        password: Option<Secret>,
    },
}

pub(super) fn read(lookup: &Lookup<'_>) -> Result<BotKind, SettingError> {
    let Some(id) = bot::ID.read(lookup) else {
        return local(lookup);
    };
    let app_id = app_id(&id)?;
    let Some(kind) = bot::TYPE.read(lookup)? else {
        // No default: the type decides who signs the bot's tokens, and a wrong guess would show only at the first message.
        return Err(bot::TYPE.error(
            "missing; BOT_ID needs it beside it: the type of the bot's registration, `MultiTenant`, `SingleTenant` or \
             `UserAssignedMSI`. A new bot is SingleTenant or UserAssignedMSI: since 31 July 2025 no MultiTenant bots \
             are created any more",
        ));
    };
    match kind {
        BotType::MultiTenant => Ok(BotKind::MultiTenant {
            app_id,
            credential: credential(lookup)?,
        }),
        BotType::SingleTenant => Ok(BotKind::SingleTenant {
            app_id,
            tenant: required_tenant(lookup, kind)?,
            credential: credential(lookup)?,
        }),
        BotType::UserAssignedMsi => {
            const NO_CREDENTIALS: &str =
                "must be empty for BOT_TYPE=UserAssignedMSI: a managed identity has no credentials";
            if bot::PASSWORD.is_set(lookup) {
                return Err(bot::PASSWORD.error(NO_CREDENTIALS));
            }
            if bot::CERTIFICATE_PATH.is_set(lookup) {
                return Err(bot::CERTIFICATE_PATH.error(NO_CREDENTIALS));
            }
            Ok(BotKind::UserAssignedMsi {
                app_id,
                tenant: required_tenant(lookup, kind)?,
            })
        }
    }
}

fn local(lookup: &Lookup<'_>) -> Result<BotKind, SettingError> {
    match hosting::any(lookup) {
        None => Ok(BotKind::Local),
        Some(hosting) => Err(bot::ID.error(format!(
            "it is empty, which is for development on one's own machine only, and {hosting} says that a service \
             hosts this process; set BOT_ID to the bot's app (client) id"
        ))),
    }
}

/// An id without the braces that some tools print around GUIDs.
fn bare(text: &str) -> &str {
    let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
    inner.filter(|inner| is_guid(inner)).unwrap_or(text)
}

fn app_id(text: &str) -> Result<String, SettingError> {
    let text = bare(text);
    if is_guid(text) {
        return Ok(text.to_ascii_lowercase());
    }
    Err(bot::ID.error(
        "not an app (client) id; it is a GUID such as 00000000-0000-0000-0000-000000000000, without `28:`",
    ))
}

/// The form in which Entra shows ids: 8-4-4-4-12 hexadecimal digits.
fn is_guid(text: &str) -> bool {
    let groups = text.split('-').map(|group| {
        let digits = group.bytes().all(|byte| byte.is_ascii_hexdigit());
        digits.then_some(group.len())
    });
    groups.eq([8, 4, 4, 4, 12].map(Some))
}

fn plain(text: &str) -> bool {
    text.len() <= 64
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// Reads a tenant id. A domain is not accepted: activities carry the id, and the two would never match.
pub(super) fn tenant_id(setting: &Setting<Text>, text: &str) -> Result<TenantId, SettingError> {
    let text = bare(text);
    if plain(text) {
        return Ok(TenantId::canonical(text));
    }
    Err(setting.error(format!(
        "`{text}` is not a tenant id; use the tenant's GUID, not its domain"
    )))
}

pub(super) fn tenant(lookup: &Lookup<'_>) -> Result<Option<TenantId>, SettingError> {
    let text = bot::TENANT_ID.read(lookup);
    text.map(|text| tenant_id(&bot::TENANT_ID, &text)).transpose()
}

fn required_tenant(lookup: &Lookup<'_>, kind: BotType) -> Result<TenantId, SettingError> {
    match tenant(lookup) {
        Ok(Some(tenant)) => Ok(tenant),
        Ok(None) => Err(bot::TENANT_ID.error(format!(
            "a {} bot needs it: its tenant's id, a GUID",
            kind.as_str()
        ))),
        // Reported by the caller, which reads the tenant for every kind.
        Err(_) => Ok(TenantId::from("")),
    }
}

fn credential(lookup: &Lookup<'_>) -> Result<Credential, SettingError> {
    let secret = bot::PASSWORD.read(lookup);
    let password = bot::CERTIFICATE_PASSWORD.read(lookup);
    match (secret, bot::CERTIFICATE_PATH.read(lookup), password) {
        (Some(_), Some(_), _) => Err(bot::CERTIFICATE_PATH
            .error("set together with BOT_PASSWORD; a bot has either a certificate or a client secret")),
        (None, Some(path), password) => Ok(Credential::Certificate {
            path: path.into(),
            password,
        }),
        (_, None, Some(_)) => {
            Err(bot::CERTIFICATE_PASSWORD.error("set without BOT_CERTIFICATE_PATH; set the path too"))
        }
        (Some(secret), None, None) => Ok(Credential::Secret(secret)),
        (None, None, None) => Err(bot::PASSWORD.error(
            "missing; set the bot's client secret, or BOT_CERTIFICATE_PATH, or use BOT_TYPE=UserAssignedMSI",
        )),
    }
}
