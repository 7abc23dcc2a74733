//! The two places where a bot can keep what it knows, each new for every measurement.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::{
    Outcome,
    azurite::{AccessLog, Azurite},
};

/// Which store.
pub(crate) enum Store {
    /// A file in the bot's folder.
    File,
    /// Blob storage, of which each measurement gets a container.
    Blob(Azurite),
}

impl Store {
    /// Both, the emulator running.
    pub(crate) fn both() -> Outcome<[Self; 2]> {
        Ok([Self::File, Self::Blob(Azurite::start(AccessLog::Off)?)])
    }

    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Blob(_) => "Blob",
        }
    }

    /// Settings that name an empty store. A file store is empty because the bot's folder is.
    pub(crate) fn fresh(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::File => vec![("NOTIFICATION_STORE", "file".to_owned())],
            Self::Blob(azurite) => azurite.settings(&fresh_container()),
        }
    }
}

/// Name of a container that nobody has used.
pub(crate) fn fresh_container() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("bench-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}
