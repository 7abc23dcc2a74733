//! Reads all settings at the start: the bot's, the program's, and names that nobody knows.

use super::{Settings, Source};
use crate::commands::CommandError;
use config::names::{self, UnknownName};
use notify::settings::AllowedTenants;
use std::num::NonZeroU32;
use teams::settings::{BotSettings, TenantAllowList};

/// Reads all settings. What is wrong is said all at once, a line each.
pub(crate) fn read_settings(source: &Source) -> Result<(Settings, BotSettings), CommandError> {
    let mut wrong = Vec::new();
    let mut keep = |text: String| wrong.push(text);
    let bot = BotSettings::read(&|name| source.get(name))
        .map_err(|errors| errors.iter().for_each(|error| keep(error.to_string())))
        .ok();
    for name in names::unknown(source.names()) {
        match name {
            UnknownName::Refused(text) => keep(text),
            UnknownName::Ignored(text) => tracing::warn!(setting = text, "unknown setting"),
        }
    }
    let settings = Settings::read(source)
        .map_err(|error| keep(error.to_string()))
        .ok();
    match (settings, bot) {
        (Some(settings), Some(bot)) if wrong.is_empty() => Ok((settings, bot)),
        _ => Err(wrong.join("\n").into()),
    }
}

/// The domain's part of the settings; each call is another process to it.
pub(crate) fn domain_settings(settings: &Settings, bot: &BotSettings) -> notify::settings::Settings {
    let tenants = match &bot.tenants {
        TenantAllowList::All => AllowedTenants::Any,
        TenantAllowList::Listed(tenants) => AllowedTenants::Only(tenants.iter().cloned().collect()),
    };
    let process = uuid::Uuid::new_v4();
    let mut domain =
        notify::settings::Settings::new(bot.identity().bot, tenants, process.simple().to_string());
    domain.home = bot.home_tenant.clone();
    domain.rate = NonZeroU32::new(settings.rate).unwrap_or(NonZeroU32::MIN);
    domain.lease = settings.lease;
    domain.unnamed_limit = settings.unnamed_limit;
    domain.retention = settings.retention;
    domain.seed = process.as_u64_pair().0;
    domain
}
