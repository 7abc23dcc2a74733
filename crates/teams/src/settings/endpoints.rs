//! `BOT_CLOUD`, and the endpoints that only a custom cloud has.

use super::{BotKind, Lookup, SettingError, value};
use crate::cloud::{AllowedHost, Cloud, CloudName, EmulatorIssuers, ServiceHosts, is_loopback};
use url::Url;

/// Settings that are used with `BOT_CLOUD=custom` only.
const CUSTOM_ONLY: [&str; 6] = [
    "BOT_LOGIN_URL",
    "BOT_OPENID_METADATA_URL",
    "BOT_TOKEN_ISSUER",
    "BOT_SCOPE",
    "BOT_SERVICE_HOSTS",
    "GRAPH_URL",
];

pub(super) fn read(lookup: &Lookup<'_>, kind: Option<&BotKind>) -> Result<Cloud, Vec<SettingError>> {
    let text = value(lookup, "BOT_CLOUD")
        .unwrap_or_else(|| "public".to_owned())
        .to_ascii_lowercase();
    let Some(name) = CloudName::ALL.into_iter().find(|name| name.as_str() == text) else {
        let accepted: Vec<_> = CloudName::ALL
            .iter()
            .map(|name| format!("`{}`", name.as_str()))
            .collect();
        let problem = format!("`{text}` is not accepted; use one of {}", accepted.join(", "));
        return Err(vec![SettingError::new("BOT_CLOUD", problem)]);
    };
    if name == CloudName::Custom {
        return custom(lookup, kind);
    }
    let stray = CUSTOM_ONLY
        .into_iter()
        .filter(|name| value(lookup, name).is_some());
    let errors: Vec<_> = stray
        .map(|stray| {
            let problem = format!(
                "is for BOT_CLOUD=custom only, and the cloud is `{text}`; remove it or set BOT_CLOUD"
            );
            SettingError::new(stray, problem)
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
        |name: &'static str, needed: bool, check: CheckValue, slot: &mut String| match value(lookup, name)
            .map(|text| check(name, &text))
        {
            Some(Ok(text)) => *slot = text,
            Some(Err(error)) => errors.push(error),
            None if needed => errors.push(SettingError::new(name, "missing; BOT_CLOUD=custom needs it")),
            None => {}
        };
    take("BOT_LOGIN_URL", has_login, address, &mut cloud.login);
    take("BOT_OPENID_METADATA_URL", !is_local, address, &mut cloud.metadata);
    take("BOT_TOKEN_ISSUER", !is_local, unchecked, &mut cloud.issuer);
    take("BOT_SCOPE", !is_local, unchecked, &mut cloud.scope);
    take("GRAPH_URL", false, address, &mut cloud.graph);
    if value(lookup, "BOT_LOGIN_URL").is_some() {
        cloud.emulator = EmulatorIssuers::at(&cloud.login);
    }
    cloud.service_url = None;
    match hosts(lookup) {
        Ok(Some(hosts)) => cloud.hosts = hosts,
        Ok(None) if is_local => {}
        Ok(None) => {
            // One letter away, but never reported as a misspelling.
            let link = match value(lookup, "BOT_SERVICE_HOST") {
                Some(_) => " (BOT_SERVICE_HOST is what Kubernetes calls the address of a service named bot)",
                None => "",
            };
            let problem = format!("missing; BOT_CLOUD=custom needs it{link}");
            errors.push(SettingError::new("BOT_SERVICE_HOSTS", problem));
        }
        Err(error) => errors.push(error),
    }
    if errors.is_empty() { Ok(cloud) } else { Err(errors) }
}

type CheckValue = fn(&'static str, &str) -> Result<String, SettingError>;

fn unchecked(_: &'static str, text: &str) -> Result<String, SettingError> {
    Ok(text.to_owned())
}

fn address(name: &'static str, text: &str) -> Result<String, SettingError> {
    match Url::parse(text) {
        Ok(url) if url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url)) => {
            Ok(text.trim_end_matches('/').to_owned())
        }
        _ => {
            let problem = format!("`{text}` is not accepted; use an https address (http for loopback only)");
            Err(SettingError::new(name, problem))
        }
    }
}

fn hosts(lookup: &Lookup<'_>) -> Result<Option<ServiceHosts>, SettingError> {
    const NAME: &str = "BOT_SERVICE_HOSTS";
    let Some(list) = value(lookup, NAME) else {
        return Ok(None);
    };
    let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    let parsed = entries.map(|entry| {
        AllowedHost::parse(entry).ok_or_else(|| {
            let problem = format!(
                "`{entry}` is not accepted; a comma list of `host` or `host:port`, without scheme or `*`"
            );
            SettingError::new(NAME, problem)
        })
    });
    let hosts = parsed.collect::<Result<Vec<_>, _>>()?;
    if hosts.is_empty() {
        return Err(SettingError::new(
            NAME,
            "no host in it; a comma list of `host` or `host:port`",
        ));
    }
    Ok(Some(ServiceHosts::custom(hosts)))
}
