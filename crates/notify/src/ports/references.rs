//! The store of conversation references: conditional records and cheap listings.

use crate::{
    ids::{BotId, TenantId},
    person::PersonKey,
    target::{ReferenceRecord, Target, TargetKey},
};
use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, sync::Arc};

/// Version of a record; changes with every write.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(pub Arc<str>);

/// What the writer believes to be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Nothing.
    Absent,
    /// This version.
    Version(Version),
}

/// A record with its version.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// The record.
    pub record: ReferenceRecord,
    /// Its version.
    pub version: Version,
}

impl Stored {
    /// What a listing would say of it; `None` for a removal.
    pub fn listed(self) -> Option<Listed> {
        match self.record {
            ReferenceRecord::Installed(installation) => Some(Listed {
                target: installation.target,
                version: self.version,
            }),
            ReferenceRecord::Removed(_) => None,
        }
    }
}

/// Which records a listing is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Only this bot's.
    pub bot: BotId,
    /// Only this tenant's; `None` for all.
    pub tenant: Option<TenantId>,
}

/// Where a listing goes on; opaque. `Debug` prints its size only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Continuation(pub String);

impl std::fmt::Debug for Continuation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Continuation({} bytes)", self.0.len())
    }
}

/// One installed target in a listing.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// What sending needs.
    pub target: Target,
    /// Version of its record.
    pub version: Version,
}

/// A page of a listing. Tombstones are left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Targets; a page may be short, also empty, without being the last.
    pub targets: Vec<Listed>,
    /// Where to go on; `None` ends it.
    pub next: Option<Continuation>,
}

/// The store failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Not reachable, throttled, timed out: try again later.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// Something stored can't be read; it was left as it is.
    #[error("stored data is damaged: {0}")]
    Damaged(String),
    /// The request can't be stored (for instance metadata over the limit).
    #[error("the store refuses it: {0}")]
    Refused(String),
}

impl StoreError {
    /// A passing failure, said in words without secrets.
    pub fn unavailable(what: impl Into<String>) -> Self {
        Self::Unavailable(what.into())
    }
}

/// Why a conditional write did not happen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// Something else is there than the writer believed.
    #[error("someone else wrote first")]
    Conflict,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Where conversation references are kept.
#[async_trait]
pub trait ReferenceStore: Send + Sync {
    /// Reads one record, tombstones included.
    async fn read(&self, key: &TargetKey) -> Result<Option<Stored>, StoreError>;
    /// Writes one record if what the writer believes is so; durable when it returns.
    async fn write(
        &self,
        key: &TargetKey,
        record: &ReferenceRecord,
        expected: &Expected,
    ) -> Result<Version, WriteError>;
    /// Erases one record without a trace (expired tombstones, forgetting a person).
    async fn erase(&self, key: &TargetKey, version: &Version) -> Result<(), WriteError>;
    /// Lists installed targets in a stable order.
    async fn list(&self, selection: &Selection, from: Option<&Continuation>) -> Result<Page, StoreError>;
    /// Finds a person's personal chats without a listing. None: not known this way, though a listing may know some, as
    /// always with this default.
    async fn find_person(
        &self,
        bot: &BotId,
        tenant: &TenantId,
        person: &PersonKey,
    ) -> Result<Vec<Listed>, StoreError> {
        let _ = (bot, tenant, person);
        Ok(Vec::new())
    }
    /// Erases at most `most` tombstones that were recorded more than [`crate::target::Tombstone::KEPT`] before `now`;
    /// says how many. This default has none to erase.
    async fn purge_tombstones(&self, bot: &BotId, now: Timestamp, most: usize) -> Result<usize, StoreError> {
        let _ = (bot, now, most);
        Ok(0)
    }
    /// The tenants that have records of this bot, sorted; those that have nothing but removals may be left out. This
    /// default reads a whole listing; a backend that can list tenants alone does it better.
    async fn tenants(&self, bot: &BotId) -> Result<Vec<TenantId>, StoreError> {
        let selection = Selection {
            bot: bot.clone(),
            tenant: None,
        };
        let mut tenants = BTreeSet::new();
        let mut from = None;
        loop {
            let page = self.list(&selection, from.as_ref()).await?;
            for listed in page.targets {
                if !tenants.contains(&listed.target.key.tenant) {
                    tenants.insert(listed.target.key.tenant);
                }
            }
            from = page.next;
            if from.is_none() {
                return Ok(tenants.into_iter().collect());
            }
        }
    }
}
