//! What the program is set to do, read once into types. The settings themselves are declared in `config::notification`;
//! those of the bot are `teams`' to read, the storage account's `storage`'s. Nothing is read from files here.

mod read;
mod source;

pub(crate) use config::{Secret, SettingError, notification::StoreKind};
pub(crate) use read::{domain_settings, read_settings};
pub(crate) use source::Source;

use config::{hosting, notification, storage};
use std::time::Duration;

/// What the binary is set to do, apart from the bot's identity and the storage account.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
    pub(crate) store: StoreKind,
    pub(crate) container: String,
    pub(crate) rate: u32,
    pub(crate) lease: Duration,
    pub(crate) unnamed_limit: u64,
    pub(crate) retention: Duration,
    pub(crate) local_key: Option<Secret>,
}

impl Settings {
    /// Reads and checks every setting; the first bad one ends it.
    pub(crate) fn read(source: &Source) -> Result<Self, SettingError> {
        let lookup = |name: &str| source.get(name);
        let rate = notification::RATE.read(&lookup)?;
        Ok(Self {
            store: store(source)?,
            container: container(source)?,
            // The declaration's range is smaller than the type's.
            rate: u32::try_from(rate).unwrap_or(u32::MAX),
            lease: Duration::from_secs(notification::LEASE_SECONDS.read(&lookup)?),
            unnamed_limit: notification::UNNAMED_LIMIT.read(&lookup)?,
            retention: Duration::from_secs(86_400 * notification::RETENTION_DAYS.read(&lookup)?),
            local_key: notification::LOCAL_KEY.read(&lookup),
        })
    }
}

fn store(source: &Source) -> Result<StoreKind, SettingError> {
    let lookup = |name: &str| source.get(name);
    let connection = storage::CONNECTION.name();
    let has_account = source.names().any(|name| {
        let (account, rest) = name.split_at_checked(connection.len()).unwrap_or((name, ""));
        account.eq_ignore_ascii_case(connection) && (rest.is_empty() || rest.starts_with("__"))
    });
    let kind = match notification::STORE.read(&lookup)? {
        None if has_account => StoreKind::Blob,
        None => StoreKind::File,
        Some(StoreKind::Blob) if !has_account => {
            return Err(notification::STORE.error(
                "`blob` needs a storage account; set AzureWebJobsStorage or AzureWebJobsStorage__accountName",
            ));
        }
        Some(kind) => kind,
    };
    match (kind, hosting::azure(&lookup)) {
        (StoreKind::File, Some(sign)) => Err(notification::STORE.error(format!(
            "`file` is refused on Azure ({sign} is set): the local disk is lost at a restart. Set AzureWebJobsStorage or AzureWebJobsStorage__accountName, and NOTIFICATION_STORE to `blob` or nothing"
        ))),
        _ => Ok(kind),
    }
}

fn container(source: &Source) -> Result<String, SettingError> {
    let name = notification::CONTAINER.read(&|name| source.get(name));
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
    Err(notification::CONTAINER.error(format!(
        "`{name}` is not a container's name; give 3 to 63 of a-z, 0-9 and single hyphens, not at the ends"
    )))
}

#[cfg(test)]
mod tests;
