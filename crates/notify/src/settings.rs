//! The domain's settings, read once at the start. No environment variables here: the binary reads those.

use crate::ids::{BotId, TenantId};
use std::{collections::BTreeSet, num::NonZeroU32, sync::Arc, time::Duration};

/// Which tenants may receive anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowedTenants {
    /// Every tenant that installed the bot.
    Any,
    /// Only these.
    Only(BTreeSet<TenantId>),
}

impl AllowedTenants {
    /// Whether a tenant may receive notifications.
    pub fn admits(&self, tenant: &TenantId) -> bool {
        match self {
            Self::Any => true,
            Self::Only(tenants) => tenants.contains(tenant),
        }
    }
}

/// Settings of the domain.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The bot; records of another bot are left alone.
    pub bot: BotId,
    /// Tenants that may receive anything.
    pub tenants: AllowedTenants,
    /// Tenant under which named targets that nobody knows are accounted; the first allowed tenant if `None`.
    pub home: Option<TenantId>,
    /// Requests a second and tenant (`NOTIFICATION_RATE`).
    pub rate: NonZeroU32,
    /// Length of a lane's lease, 15 to 60 s (`NOTIFICATION_LEASE_SECONDS`).
    pub lease: Duration,
    /// A notification without audience to more installations than this sends nothing.
    pub unnamed_limit: u64,
    /// How long finished notifications are kept.
    pub retention: Duration,
    /// Names this process among all that ever run (a random id): part of every owner's name.
    pub process: Arc<str>,
    /// Seed for the jitter of retries.
    pub seed: u64,
}

impl Settings {
    /// Defaults of the documentation for a bot: 50/s, leases of 30 s, unnamed limit 1,000, 90 days.
    pub fn new(bot: BotId, tenants: AllowedTenants, process: impl Into<Arc<str>>) -> Self {
        Self {
            bot,
            tenants,
            home: None,
            rate: NonZeroU32::new(50).unwrap_or(NonZeroU32::MIN),
            lease: Duration::from_secs(30),
            unnamed_limit: 1_000,
            retention: Duration::from_secs(90 * 24 * 3600),
            process: process.into(),
            seed: 0x5eed,
        }
    }

    /// Tenant that accounts for targets nobody knows.
    pub fn home_tenant(&self) -> TenantId {
        match (&self.home, &self.tenants) {
            (Some(home), _) => home.clone(),
            (None, AllowedTenants::Only(tenants)) if !tenants.is_empty() => tenants
                .first()
                .cloned()
                .unwrap_or_else(|| TenantId::from(crate::target::TargetKey::UNKNOWN_TENANT)),
            _ => TenantId::from(crate::target::TargetKey::UNKNOWN_TENANT),
        }
    }
}
