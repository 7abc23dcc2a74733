//! The bot's settings, read once into types: a bot of a type has exactly what that type needs. Their names, defaults and
//! words are declared in `config::bot`.
//!
//! All bad or missing values are reported at once, by name, with what is accepted. Values of secrets are never shown.

mod endpoints;
mod kind;
#[cfg(test)]
mod tests;

pub use config::{Lookup, Secret, SettingError};
pub use kind::{BotKind, Credential};

use crate::{
    cloud::{Cloud, CloudName, ServiceHosts},
    identity::Identity,
};
use config::bot;
use notify::ids::TenantId;

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

fn emulator(lookup: &Lookup<'_>) -> Result<EmulatorTokens, SettingError> {
    Ok(match bot::ALLOW_EMULATOR.is_true(lookup)? {
        true => EmulatorTokens::Accepted,
        false => EmulatorTokens::Refused,
    })
}

fn tenants(
    lookup: &Lookup<'_>,
    kind: Option<&BotKind>,
    home: Option<&TenantId>,
) -> Result<TenantAllowList, SettingError> {
    let Some(list) = bot::ALLOWED_TENANTS.read(lookup) else {
        return match (kind, home) {
            (Some(BotKind::MultiTenant { .. }), _) => Err(bot::ALLOWED_TENANTS.error(
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
        [] => Err(bot::ALLOWED_TENANTS.error("no tenant in it; a comma list of tenant ids, or `*`")),
        _ => {
            let checked = entries
                .iter()
                .map(|entry| kind::tenant_id(&bot::ALLOWED_TENANTS, entry))
                .collect::<Result<_, _>>()?;
            Ok(TenantAllowList::Listed(checked))
        }
    }
}
