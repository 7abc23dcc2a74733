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
    pub(crate) references: Option<Open<dyn ReferenceStore>>,
    pub(crate) objects: Option<Open<dyn ObjectStore>>,
}

/// Opens a store.
pub(crate) type Open<S> = Arc<dyn Fn(&StoreSettings<'_>) -> Result<Arc<S>, Error> + Send + Sync>;

impl OwnStores {
    fn open(&self, settings: &StoreSettings<'_>) -> Result<Opened, Error> {
        let references = self.references.as_ref().map(|open| open(settings)).transpose()?;
        let objects = self.objects.as_ref().map(|open| open(settings)).transpose()?;
        Ok(Opened { references, objects })
    }
}

/// Those of the project's own that there are.
struct Opened {
    references: Option<Arc<dyn ReferenceStore>>,
    objects: Option<Arc<dyn ObjectStore>>,
}

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
    let own = own.open(&StoreSettings { source, folder, bot })?;
    let files = || Ok::<_, Error>(Arc::new(files(source, folder, bot, home)?) as Arc<dyn ReferenceStore>);
    match (own.objects, settings.store) {
        // A store of the project's own is one place for everything.
        (Some(objects), _) => Ok(Stores {
            references: own.references.unwrap_or_else(|| in_objects(&objects)),
            objects,
        }),
        (None, StoreKind::Blob) => {
            let objects: Arc<dyn ObjectStore> = blobs(settings, source)?;
            Ok(Stores {
                references: own.references.unwrap_or_else(|| in_objects(&objects)),
                objects,
            })
        }
        (None, StoreKind::File) => Ok(Stores {
            references: own.references.map_or_else(files, Ok)?,
            objects: Arc::new(DirectoryObjects::open(folder.join(NOTIFICATIONS))?),
        }),
    }
}

fn in_objects(objects: &Arc<dyn ObjectStore>) -> Arc<dyn ReferenceStore> {
    Arc::new(ObjectReferences::new(Arc::clone(objects)))
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
    let theirs = StoreSettings { source, folder, bot };
    Ok(match (&own.references, &own.objects, settings.store) {
        (Some(open), ..) => open(&theirs)?,
        (None, Some(open), _) => in_objects(&open(&theirs)?),
        (None, None, StoreKind::Blob) => {
            Arc::new(Retrying::new(ObjectReferences::new(blobs(settings, source)?)))
        }
        (None, None, StoreKind::File) => Arc::new(files(source, folder, bot, home)?),
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
