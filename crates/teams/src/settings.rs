//! The `BOT_*` settings, read once into types: a bot of a type has exactly what that type needs.
//!
//! All bad or missing values are reported at once, by name, with what is accepted. Values of secrets are never shown.

mod endpoints;
mod kind;
mod names;
mod secret;
#[cfg(test)]
mod tests;

pub use kind::{BotKind, Credential};
pub use names::{KNOWN, UnknownSetting, is_service_link, unknown_names};
pub use secret::Secret;

use crate::{
    cloud::{Cloud, CloudName, ServiceHosts},
    identity::Identity,
};
use notify::ids::TenantId;

/// Reads a setting by name: from the environment, or from a file with the same names.
pub type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// A setting that can't be used. The message names the setting and what is accepted, never a secret's value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {problem}")]
pub struct SettingError {
    /// Name of the setting.
    pub name: &'static str,
    /// What is wrong and how to fix it.
    pub problem: String,
}

impl SettingError {
    pub(crate) fn new(name: &'static str, problem: impl Into<String>) -> Self {
        Self {
            name,
            problem: problem.into(),
        }
    }
}

/// Tenants whose activities are accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TenantAllowList {
    /// `*`.
    All,
    /// These, lower-case.
    Listed(Vec<TenantId>),
}

impl TenantAllowList {
    /// Whether activities of this tenant are accepted.
    pub fn allow(&self, tenant: &TenantId) -> bool {
        match self {
            Self::All => true,
            Self::Listed(list) => list
                .iter()
                .any(|listed| listed.as_str().eq_ignore_ascii_case(tenant.as_str())),
        }
    }
}

/// Whether tokens of the Bot Framework Emulator are accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EmulatorTokens {
    /// The default.
    #[default]
    Refused,
    /// By explicit opt-in; the audience is checked.
    Accepted,
}

/// All settings of the bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BotSettings {
    /// The kind of registration, with its credentials.
    pub kind: BotKind,
    /// Endpoints.
    pub cloud: Cloud,
    /// Tenants that may use the bot.
    pub tenants: TenantAllowList,
    /// Whether the emulator may connect.
    pub emulator: EmulatorTokens,
    /// Tenant of references that carry none.
    pub home_tenant: Option<TenantId>,
}

impl BotSettings {
    /// Reads all settings.
    ///
    /// # Errors
    /// All problems, so that one run shows them all.
    pub fn read(lookup: &Lookup<'_>) -> Result<Self, Vec<SettingError>> {
        let mut errors = Vec::new();
        let kind = keep(kind::read(lookup), &mut errors);
        let tenant = keep(kind::tenant(lookup), &mut errors).flatten();
        let emulator = keep(emulator(lookup), &mut errors).unwrap_or_default();
        let endpoints = endpoints::read(lookup, kind.as_ref());
        let mut cloud = endpoints.unwrap_or_else(|found| {
            errors.extend(found);
            Cloud::named(CloudName::Public)
        });
        let tenants = keep(tenants(lookup, kind.as_ref(), tenant.as_ref()), &mut errors);
        let (Some(kind), Some(tenants), true) = (kind, tenants, errors.is_empty()) else {
            return Err(errors);
        };
        if matches!(kind, BotKind::Local) {
            cloud.hosts = ServiceHosts::local();
        } else if emulator == EmulatorTokens::Accepted {
            cloud.hosts = cloud.hosts.and_loopback();
        }
        if let Some(tenant) = &tenant {
            cloud.emulator = cloud.emulator.with_tenant(tenant.as_str());
        }
        let home_tenant = tenant.filter(|_| !matches!(kind, BotKind::MultiTenant { .. }));
        Ok(Self {
            kind,
            cloud,
            tenants,
            emulator,
            home_tenant,
        })
    }

    /// The bot's identity.
    pub fn identity(&self) -> Identity {
        Identity::new(self.kind.app_id().unwrap_or_default(), self.home_tenant.clone())
    }
}

fn keep<T>(read: Result<T, SettingError>, errors: &mut Vec<SettingError>) -> Option<T> {
    read.map_err(|error| errors.push(error)).ok()
}

/// A value that is not blank, trimmed.
pub(crate) fn value(lookup: &Lookup<'_>, name: &str) -> Option<String> {
    lookup(name)
        .map(|value| value.trim().to_owned())
        .filter(|value| !value.is_empty())
}

fn emulator(lookup: &Lookup<'_>) -> Result<EmulatorTokens, SettingError> {
    const NAME: &str = "BOT_ALLOW_EMULATOR";
    match value(lookup, NAME)
        .map(|value| value.to_ascii_lowercase())
        .as_deref()
    {
        None | Some("false") => Ok(EmulatorTokens::Refused),
        Some("true") => Ok(EmulatorTokens::Accepted),
        Some(other) => Err(SettingError::new(
            NAME,
            format!("`{other}` is not accepted; use `true` or `false`"),
        )),
    }
}

fn tenants(
    lookup: &Lookup<'_>,
    kind: Option<&BotKind>,
    home: Option<&TenantId>,
) -> Result<TenantAllowList, SettingError> {
    const NAME: &str = "BOT_ALLOWED_TENANTS";
    let Some(list) = value(lookup, NAME) else {
        return match (kind, home) {
            (Some(BotKind::MultiTenant { .. }), _) => Err(SettingError::new(
                NAME,
                "a MultiTenant bot needs it: a comma list of tenant ids that may use the bot, or `*` for every tenant",
            )),
            (Some(BotKind::Local) | None, _) | (_, None) => Ok(TenantAllowList::All),
            (Some(_), Some(home)) => Ok(TenantAllowList::Listed(vec![home.clone()])),
        };
    };
    let entries: Vec<_> = list
        .split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .collect();
    match entries.as_slice() {
        ["*"] => Ok(TenantAllowList::All),
        [] => Err(SettingError::new(
            NAME,
            "no tenant in it; a comma list of tenant ids, or `*`",
        )),
        _ => {
            let checked = entries
                .iter()
                .map(|entry| kind::tenant_id(NAME, entry))
                .collect::<Result<_, _>>()?;
            Ok(TenantAllowList::Listed(checked))
        }
    }
}
