//! Every `NOTIFICATION_*` setting: its name, its meaning, what is accepted. Bot settings are `teams`' to read,
//! the storage account's `storage`'s. Nothing is read from files here.

mod names;
mod source;

pub(crate) use names::check_names;
pub(crate) use source::Source;

use std::{fmt, time::Duration};

/// What the binary is set to do, apart from the bot's identity and the storage account.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
    pub(crate) store: StoreKind,
    pub(crate) container: String,
    pub(crate) rate: u32,
    pub(crate) lease: Duration,
    pub(crate) unnamed_limit: u64,
    pub(crate) retention: Duration,
    pub(crate) local_key: Option<LocalKey>,
}

/// Where conversation references and notifications are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoreKind {
    Blob,
    File,
}

/// A function key; never printed by accident.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct LocalKey(String);

impl LocalKey {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
    /// The key itself, for comparing, and for `dev` to print the one that it made up.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LocalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalKey(…)")
    }
}

/// A setting that can't be used: which, what is wrong, what is accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {message}")]
pub(crate) struct SettingError {
    pub(crate) name: String,
    pub(crate) message: String,
}

impl SettingError {
    pub(crate) fn new(name: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            message: message.into(),
        }
    }
}

/// Most requests a second that may be asked for: above it the lane, not Teams, would be the limit.
const RATE_MAX: u32 = 1_000_000;

impl Settings {
    /// Reads and checks every setting; the first bad one ends it.
    pub(crate) fn read(source: &Source) -> Result<Self, SettingError> {
        Ok(Self {
            store: store(source)?,
            container: container(source)?,
            rate: number(
                source,
                "NOTIFICATION_RATE",
                50,
                1..=u64::from(RATE_MAX),
                "requests a second and tenant",
            )? as u32,
            lease: Duration::from_secs(number(
                source,
                "NOTIFICATION_LEASE_SECONDS",
                30,
                15..=60,
                "seconds",
            )?),
            unnamed_limit: number(
                source,
                "NOTIFICATION_UNNAMED_LIMIT",
                1000,
                0..=u64::MAX,
                "installations",
            )?,
            retention: Duration::from_secs(
                86_400 * number(source, "NOTIFICATION_RETENTION_DAYS", 90, 1..=36_500, "days")?,
            ),
            local_key: source.get("NOTIFICATION_LOCAL_KEY").map(LocalKey::new),
        })
    }
}

fn number(
    source: &Source,
    name: &str,
    default: u64,
    accepted: std::ops::RangeInclusive<u64>,
    unit: &str,
) -> Result<u64, SettingError> {
    let Some(text) = source.get(name) else {
        return Ok(default);
    };
    let most = match *accepted.end() {
        u64::MAX => "upwards".to_owned(),
        most => format!("to {most}"),
    };
    text.trim().parse().ok().filter(|value| accepted.contains(value)).ok_or_else(|| {
        SettingError::new(
            name,
            format!("{text:?} is not accepted; give a whole number of {unit} from {} {most} (default {default})", accepted.start()),
        )
    })
}

/// Names of the environment that only Azure's hosting sets.
const ON_AZURE: [&str; 4] = [
    "WEBSITE_INSTANCE_ID",
    "CONTAINER_NAME",
    "WEBSITE_POD_NAME",
    "LEGION_SERVICE_HOST",
];

fn store(source: &Source) -> Result<StoreKind, SettingError> {
    let has_account = source.names().any(|name| {
        name.eq_ignore_ascii_case("AzureWebJobsStorage")
            || name.to_ascii_lowercase().starts_with("azurewebjobsstorage__")
    });
    let kind = match source.get("NOTIFICATION_STORE").as_deref().map(str::trim) {
        None if has_account => StoreKind::Blob,
        None => StoreKind::File,
        Some("blob") if has_account => StoreKind::Blob,
        Some("blob") => {
            return Err(SettingError::new(
                "NOTIFICATION_STORE",
                "\"blob\" needs a storage account; set AzureWebJobsStorage or AzureWebJobsStorage__accountName",
            ));
        }
        Some("file") => StoreKind::File,
        Some(other) => {
            return Err(SettingError::new(
                "NOTIFICATION_STORE",
                format!(
                    "{other:?} is not accepted; give \"blob\" or \"file\", or leave it out (blob when a storage account is set)"
                ),
            ));
        }
    };
    let azure = ON_AZURE.iter().find(|name| source.get(name).is_some());
    match (kind, azure) {
        (StoreKind::File, Some(sign)) => Err(SettingError::new(
            "NOTIFICATION_STORE",
            format!(
                "\"file\" is refused on Azure ({sign} is set): the local disk is lost at a restart. Set AzureWebJobsStorage or AzureWebJobsStorage__accountName, and NOTIFICATION_STORE to \"blob\" or nothing"
            ),
        )),
        _ => Ok(kind),
    }
}

fn container(source: &Source) -> Result<String, SettingError> {
    let name = source
        .get("NOTIFICATION_CONTAINER")
        .unwrap_or_else(|| "notifications".to_owned());
    let good = (3..=63).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.contains("--");
    if good {
        return Ok(name);
    }
    Err(SettingError::new(
        "NOTIFICATION_CONTAINER",
        format!(
            "{name:?} is not a container's name; give 3 to 63 of a-z, 0-9 and single hyphens, not at the ends (default notifications)"
        ),
    ))
}

#[cfg(test)]
mod tests;
