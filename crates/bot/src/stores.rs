//! Opens the stores that the settings name: Blob Storage, or files in the project's folder.

use crate::settings::{Settings, Source, StoreKind};
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
    references::ObjectReferences,
    retrying::Retrying,
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

/// Stores of the project's own, in place of those that the settings name.
#[derive(Clone, Default)]
pub(crate) struct OwnStores {
    pub(crate) references: Option<OpenReferences>,
}

type OpenReferences = Arc<dyn Fn(&StoreSettings<'_>) -> Result<Arc<dyn ReferenceStore>, Error> + Send + Sync>;

/// What a store of the project's own may need to be opened.
pub struct StoreSettings<'a> {
    source: &'a Source,
    folder: &'a Path,
    bot: &'a BotId,
}

impl StoreSettings<'_> {
    /// A setting's value: from the environment, or the `Values` of local.settings.json; `None` when it isn't set or is
    /// empty.
    pub fn setting(&self, name: &str) -> Option<String> {
        self.source.get(name)
    }

    /// The project's folder.
    pub fn folder(&self) -> &Path {
        self.folder
    }

    /// The bot whose references they are; empty in local development.
    pub fn bot(&self) -> &BotId {
        self.bot
    }
}

/// Opens the stores. Nothing is fetched over the network before the first operation.
pub(crate) fn open(
    settings: &Settings,
    source: &Source,
    folder: &Path,
    bot: &BotId,
    home: Option<TenantId>,
    own: &OwnStores,
) -> Result<Stores, Error> {
    let own = own_references(source, folder, bot, own)?;
    match settings.store {
        StoreKind::Blob => {
            let objects = blobs(settings, source)?;
            let built_in =
                || Arc::new(ObjectReferences::new(Arc::clone(&objects))) as Arc<dyn ReferenceStore>;
            Ok(Stores {
                references: own.unwrap_or_else(built_in),
                objects,
            })
        }
        StoreKind::File => {
            let references = match own {
                Some(own) => own,
                None => Arc::new(files(source, folder, bot, home)?),
            };
            let objects = DirectoryObjects::open(folder.join(NOTIFICATIONS))?;
            Ok(Stores {
                objects: Arc::new(objects),
                references,
            })
        }
    }
}

fn own_references(
    source: &Source,
    folder: &Path,
    bot: &BotId,
    own: &OwnStores,
) -> Result<Option<Arc<dyn ReferenceStore>>, Error> {
    let settings = StoreSettings { source, folder, bot };
    own.references.as_ref().map(|open| open(&settings)).transpose()
}

/// Opens the store of conversation references alone, for operators: it waits for a slow one.
pub(crate) fn references(
    settings: &Settings,
    source: &Source,
    folder: &Path,
    bot: &BotId,
    home: Option<TenantId>,
    own: &OwnStores,
) -> Result<Arc<dyn ReferenceStore>, Error> {
    if let Some(own) = own_references(source, folder, bot, own)? {
        return Ok(own);
    }
    Ok(match settings.store {
        StoreKind::Blob => Arc::new(Retrying::new(ObjectReferences::new(blobs(settings, source)?))),
        StoreKind::File => Arc::new(files(source, folder, bot, home)?),
    })
}

fn blobs(settings: &Settings, source: &Source) -> Result<Arc<AzureObjects>, Error> {
    let account = Account::from_settings(|name| source.get(name))?
        .ok_or_else(|| config::storage::CONNECTION.error("not set; NOTIFICATION_STORE=blob needs it"))?;
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
