//! `BOT_CLOUD`, and the endpoints that only a custom cloud has.

use super::BotKind;
use crate::cloud::{AllowedHost, Cloud, CloudName, EmulatorIssuers, ServiceHosts, is_loopback};
use config::{Lookup, Setting, SettingError, Text, Word as _, bot};
use url::Url;

/// Settings that are used with `BOT_CLOUD=custom` only.
static CUSTOM_ONLY: [&Setting<Text>; 6] = [
    &bot::LOGIN_URL,
    &bot::OPENID_METADATA_URL,
    &bot::TOKEN_ISSUER,
    &bot::SCOPE,
    &bot::SERVICE_HOSTS,
    &bot::GRAPH_URL,
];

pub(super) fn read(lookup: &Lookup<'_>, kind: Option<&BotKind>) -> Result<Cloud, Vec<SettingError>> {
    let cloud = bot::CLOUD.read(lookup).map_err(|error| vec![error])?;
    let name = cloud.unwrap_or(CloudName::Public);
    if name == CloudName::Custom {
        return custom(lookup, kind);
    }
    let stray = CUSTOM_ONLY.iter().filter(|setting| setting.is_set(lookup));
    let errors: Vec<_> = stray
        .map(|stray| {
            stray.error(format!(
                "is for BOT_CLOUD=custom only, and the cloud is `{}`; remove it or set BOT_CLOUD",
                name.as_str()
            ))
        })
        .collect();
    if errors.is_empty() {
        Ok(Cloud::named(name))
    } else {
        Err(errors)
    }
}

fn custom(lookup: &Lookup<'_>, kind: Option<&BotKind>) -> Result<Cloud, Vec<SettingError>> {
    let mut cloud = Cloud::named(CloudName::Custom);
    let mut errors = Vec::new();
    let is_local = matches!(kind, Some(BotKind::Local));
    let has_login = !is_local && !matches!(kind, Some(BotKind::UserAssignedMsi { .. }));
    let mut take =
        |setting: &'static Setting<Text>, needed: bool, check: CheckValue, slot: &mut String| match setting
            .read(lookup)
            .map(|text| check(setting, &text))
        {
            Some(Ok(text)) => *slot = text,
            Some(Err(error)) => errors.push(error),
            None if needed => errors.push(setting.error("missing; BOT_CLOUD=custom needs it")),
            None => {}
        };
    take(&bot::LOGIN_URL, has_login, address, &mut cloud.login);
    take(&bot::OPENID_METADATA_URL, !is_local, address, &mut cloud.metadata);
    take(&bot::TOKEN_ISSUER, !is_local, unchecked, &mut cloud.issuer);
    take(&bot::SCOPE, !is_local, unchecked, &mut cloud.scope);
    take(&bot::GRAPH_URL, false, address, &mut cloud.graph);
    if bot::LOGIN_URL.is_set(lookup) {
        cloud.emulator = EmulatorIssuers::at(&cloud.login);
    }
    cloud.service_url = None;
    match hosts(lookup) {
        Ok(Some(hosts)) => cloud.hosts = hosts,
        Ok(None) if is_local => {}
        Ok(None) => {
            // One letter away, but never reported as a misspelling.
            let link = match lookup("BOT_SERVICE_HOST") {
                Some(_) => " (BOT_SERVICE_HOST is what Kubernetes calls the address of a service named bot)",
                None => "",
            };
            errors.push(bot::SERVICE_HOSTS.error(format!("missing; BOT_CLOUD=custom needs it{link}")));
        }
        Err(error) => errors.push(error),
    }
    if errors.is_empty() { Ok(cloud) } else { Err(errors) }
}

type CheckValue = fn(&Setting<Text>, &str) -> Result<String, SettingError>;

fn unchecked(_: &Setting<Text>, text: &str) -> Result<String, SettingError> {
    Ok(text.to_owned())
}

fn address(setting: &Setting<Text>, text: &str) -> Result<String, SettingError> {
    match Url::parse(text) {
        Ok(url) if url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url)) => {
            Ok(text.trim_end_matches('/').to_owned())
        }
        _ => Err(setting.error(format!(
            "`{text}` is not accepted; use an https address (http for loopback only)"
        ))),
    }
}

fn hosts(lookup: &Lookup<'_>) -> Result<Option<ServiceHosts>, SettingError> {
    let Some(list) = bot::SERVICE_HOSTS.read(lookup) else {
        return Ok(None);
    };
    let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    let parsed = entries.map(|entry| {
        AllowedHost::parse(entry).ok_or_else(|| {
            bot::SERVICE_HOSTS.error(format!(
                "`{entry}` is not accepted; a comma list of `host` or `host:port`, without scheme or `*`"
            ))
        })
    });
    let hosts = parsed.collect::<Result<Vec<_>, _>>()?;
    if hosts.is_empty() {
        return Err(bot::SERVICE_HOSTS.error("no host in it; a comma list of `host` or `host:port`"));
    }
    Ok(Some(ServiceHosts::custom(hosts)))
}
