//! Opens the stores that the settings name: Blob Storage, or files in the project's folder.

use crate::settings::{SettingError, Settings, Source, StoreKind};
use http_proxy::ProxySettings;
use notify::{
    ids::{BotId, TenantId},
    ports::{ObjectStore, ReferenceStore},
};
use std::{path::Path, sync::Arc};
use storage::{
    azure::{Account, AzureObjects},
    file::{self, FileReferences},
    local::DirectoryObjects,
    patient::Patient,
    references::ObjectReferences,
};

/// Folder of notifications and ledgers beside the references' file.
const NOTIFICATIONS: &str = ".notify/objects";

/// Anything that keeps a store from being opened; its text names the setting or the file.
type Error = Box<dyn std::error::Error + Send + Sync>;

/// Where everything is kept.
pub(crate) struct Stores {
    pub(crate) objects: Arc<dyn ObjectStore>,
    pub(crate) references: Arc<dyn ReferenceStore>,
}

/// Opens the stores. Nothing is fetched over the network before the first operation.
pub(crate) fn open(
    settings: &Settings,
    source: &Source,
    folder: &Path,
    bot: &BotId,
    home: Option<TenantId>,
) -> Result<Stores, Error> {
    match settings.store {
        StoreKind::Blob => {
            let objects = blobs(settings, source)?;
            Ok(Stores {
                references: Arc::new(ObjectReferences::new(Arc::clone(&objects))),
                objects,
            })
        }
        StoreKind::File => {
            let references = files(source, folder, bot, home)?;
            let objects = DirectoryObjects::open(folder.join(NOTIFICATIONS))?;
            Ok(Stores {
                objects: Arc::new(objects),
                references: Arc::new(references),
            })
        }
    }
}

/// Opens the store of conversation references alone, for operators: it waits for a slow one.
pub(crate) fn references(
    settings: &Settings,
    source: &Source,
    folder: &Path,
    bot: &BotId,
    home: Option<TenantId>,
) -> Result<Arc<dyn ReferenceStore>, Error> {
    Ok(match settings.store {
        StoreKind::Blob => Arc::new(Patient::new(ObjectReferences::new(blobs(settings, source)?))),
        StoreKind::File => Arc::new(files(source, folder, bot, home)?),
    })
}

fn blobs(settings: &Settings, source: &Source) -> Result<Arc<AzureObjects>, Error> {
    let account = Account::from_settings(|name| source.get(name))?.ok_or_else(|| {
        SettingError::new("AzureWebJobsStorage", "not set; NOTIFICATION_STORE=blob needs it")
    })?;
    let account = account.through(ProxySettings::read(&|name| source.get(name))?);
    Ok(Arc::new(AzureObjects::new(&account, &settings.container)?))
}

fn files(
    source: &Source,
    folder: &Path,
    bot: &BotId,
    home: Option<TenantId>,
) -> Result<FileReferences, Error> {
    Ok(FileReferences::open(
        &file::path_in(folder, |name| source.get(name)),
        bot,
        home,
    )?)
}
