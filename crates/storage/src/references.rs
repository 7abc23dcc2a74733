//! Conversation references as objects: the whole record in the body, what sending needs in the metadata, so that
//! one listing request returns 5,000 references with their content. Knows nothing of Azure: any object store will do.

mod codec;
mod names;
mod people;

use async_trait::async_trait;
use codec::Summary;
use futures::{StreamExt, TryStreamExt, future::try_join_all, join, stream};
use jiff::Timestamp;
use notify::{
    ids::{BotId, TenantId},
    person::PersonKey,
    ports::{
        Continuation, Entry, Etag, Expected, Listed, ObjectStore, Page, Read, ReadIf, ReferenceStore,
        Selection, StoreError, Stored, Version, WriteError, WriteIf,
    },
    target::{ReferenceRecord, TargetKey, Tombstone},
};
use people::Known;
use std::{collections::BTreeSet, sync::Arc};

pub(crate) use codec::{line, record};
pub use names::name_of;

/// Bodies read at once where a listing's metadata does not tell enough.
const READS: usize = 16;

/// Records that are looked at for what all of a folder have in common: one is enough unless it is damaged.
const A_FEW: u32 = 16;

/// References kept in an object store.
pub struct ObjectReferences<S: ?Sized> {
    objects: Arc<S>,
}

impl<S: ObjectStore + ?Sized> ObjectReferences<S> {
    /// References under `references/` of the store.
    pub const fn new(objects: Arc<S>) -> Self {
        Self { objects }
    }

    async fn whole(&self, name: &str) -> Result<Option<Stored>, StoreError> {
        match self.objects.read(name, ReadIf::Any).await? {
            Read::Found(object) => Ok(Some(Stored {
                record: record(name, &object.body)?,
                version: Version(object.etag.0),
            })),
            Read::Missing | Read::Unchanged => Ok(None),
        }
    }

    /// The tenant of a folder whose name does not tell: what is in it does.
    async fn tenant_of(&self, folder: &str) -> Result<Option<TenantId>, StoreError> {
        let mut from = None;
        loop {
            let page = self.objects.list(folder, from.as_deref(), A_FEW).await?;
            for entry in page.entries {
                match self.whole(&entry.name).await {
                    Ok(Some(stored)) => return Ok(Some(stored.record.key().tenant.clone())),
                    Ok(None) => {}
                    Err(StoreError::Damaged(problem)) => {
                        tracing::warn!(object = %entry.name, error = problem, "a reference can't be read and is left alone");
                    }
                    Err(error) => return Err(error),
                }
            }
            from = page.next;
            if from.is_none() {
                return Ok(None);
            }
        }
    }

    /// What a listed object is; the body is read only if the metadata does not tell.
    async fn target(&self, entry: Entry) -> Result<Option<Listed>, StoreError> {
        match codec::summary(&entry.metadata) {
            Summary::Target(target) => Ok(Some(Listed {
                target: *target,
                version: Version(entry.etag.0),
            })),
            Summary::Removed(_) => Ok(None),
            Summary::Unknown => {
                tracing::warn!(object = %entry.name, "a reference of an unknown version is left alone");
                Ok(None)
            }
            Summary::InBody => match self.whole(&entry.name).await {
                Ok(stored) => Ok(stored.and_then(Stored::listed)),
                Err(StoreError::Damaged(problem)) => {
                    tracing::warn!(object = %entry.name, error = problem, "a reference can't be read and is left alone");
                    Ok(None)
                }
                Err(error) => Err(error),
            },
        }
    }

    /// Erases tombstones of the bot that were recorded more than [`Tombstone::KEPT`] before `now`, at most `most`;
    /// returns how many.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn purge_tombstones(
        &self,
        bot: &BotId,
        now: Timestamp,
        most: usize,
    ) -> Result<usize, StoreError> {
        let prefix = names::prefix(bot, None);
        let (mut erased, mut from) = (0, None);
        loop {
            let page = self
                .objects
                .list(&prefix, from.as_deref(), crate::limits::MAX_PAGE)
                .await?;
            for entry in page.entries {
                if erased >= most {
                    return Ok(erased);
                }
                let Summary::Removed(recorded_at) = codec::summary(&entry.metadata) else {
                    continue;
                };
                if !expired(recorded_at, now) {
                    continue;
                }
                match self
                    .objects
                    .delete(&entry.name, WriteIf::Version(entry.etag))
                    .await
                {
                    Ok(()) => erased += 1,
                    Err(WriteError::Store(error)) => return Err(error),
                    Err(_) => {}
                }
            }
            match page.next {
                Some(next) => from = Some(next),
                None => return Ok(erased),
            }
        }
    }
}

/// Whether a removal recorded then need no longer be remembered.
pub(crate) fn expired(recorded_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(recorded_at).unsigned_abs() > Tombstone::KEPT && now > recorded_at
}

#[async_trait]
impl<S: ObjectStore + ?Sized> ReferenceStore for ObjectReferences<S> {
    async fn read(&self, key: &TargetKey) -> Result<Option<Stored>, StoreError> {
        self.whole(&name_of(key)).await
    }

    async fn write(
        &self,
        key: &TargetKey,
        record: &ReferenceRecord,
        expected: &Expected,
    ) -> Result<Version, WriteError> {
        let (body, metadata) = codec::encode(record)?;
        let when = match expected {
            Expected::Absent => WriteIf::Absent,
            Expected::Version(version) => WriteIf::Version(Etag(version.0.clone())),
        };
        let name = name_of(key);
        let known = match expected {
            Expected::Absent => Known::NewChat,
            Expected::Version(_) => Known::Nothing,
        };
        let indexed = async {
            if let ReferenceRecord::Installed(installation) = record {
                people::enter(&*self.objects, &installation.target, known).await;
            }
        };
        let written = self.objects.write(&name, body, &metadata, when);
        // Together: an entry without its record only costs a look.
        match join!(written, indexed).0 {
            Ok(etag) => Ok(Version(etag.0)),
            // The storage client repeats a request whose reply was lost, and then meets its own write.
            Err(WriteError::Conflict) => match self.objects.read(&name, ReadIf::Any).await {
                Ok(Read::Found(object)) if codec::same_write(&object.metadata, &metadata) => {
                    Ok(Version(object.etag.0))
                }
                _ => Err(WriteError::Conflict),
            },
            Err(error) => Err(error),
        }
    }

    async fn erase(&self, key: &TargetKey, version: &Version) -> Result<(), WriteError> {
        let when = WriteIf::Version(Etag(version.0.clone()));
        let name = name_of(key);
        let known = self.whole(&name).await;
        self.objects.delete(&name, when).await?;
        if let Ok(Some(Stored {
            record: ReferenceRecord::Installed(installation),
            ..
        })) = known
        {
            people::forget(&*self.objects, &installation.target).await;
        }
        Ok(())
    }

    async fn find_person(
        &self,
        bot: &BotId,
        tenant: &TenantId,
        person: &PersonKey,
    ) -> Result<Vec<Listed>, StoreError> {
        let roots = people::find(&*self.objects, bot, tenant, person).await?;
        let names: Vec<String> = roots
            .into_iter()
            .map(|root| {
                name_of(&TargetKey {
                    bot: bot.clone(),
                    tenant: tenant.clone(),
                    root,
                })
            })
            .collect();
        let found = try_join_all(names.iter().map(|name| self.whole(name))).await?;
        let listed = found.into_iter().flatten().filter_map(Stored::listed);
        let is_theirs = |listed: &Listed| listed.target.person_keys().any(|known| known == *person);
        Ok(listed.filter(is_theirs).collect())
    }

    async fn purge_tombstones(&self, bot: &BotId, now: Timestamp, most: usize) -> Result<usize, StoreError> {
        // The store's own method of this name.
        Self::purge_tombstones(self, bot, now, most).await
    }

    /// One small request for thousands of tenants: a level of the names is listed, not what is in it.
    async fn tenants(&self, bot: &BotId) -> Result<Vec<TenantId>, StoreError> {
        let prefix = names::prefix(bot, None);
        let (mut tenants, mut from) = (BTreeSet::new(), None);
        loop {
            let page = self
                .objects
                .folders(&prefix, from.as_deref(), crate::limits::MAX_PAGE)
                .await?;
            for folder in page.names {
                let tenant = match names::tenant_in(&prefix, &folder) {
                    Some(tenant) => Some(tenant),
                    None => self.tenant_of(&folder).await?,
                };
                tenants.extend(tenant);
            }
            from = page.next;
            if from.is_none() {
                return Ok(tenants.into_iter().collect());
            }
        }
    }

    async fn list(&self, selection: &Selection, from: Option<&Continuation>) -> Result<Page, StoreError> {
        let prefix = names::prefix(&selection.bot, selection.tenant.as_ref());
        let from = from.map(|continuation| continuation.0.as_str());
        let page = self.objects.list(&prefix, from, crate::limits::MAX_PAGE).await?;
        let mut targets: Vec<Listed> = Vec::with_capacity(page.entries.len());
        let found = stream::iter(page.entries).map(|entry| self.target(entry));
        let mut found = std::pin::pin!(found.buffered(READS));
        while let Some(found) = found.try_next().await? {
            let Some(mut found) = found else { continue };
            if let Some(before) = targets.last() {
                found.target.share(&before.target);
            }
            targets.push(found);
        }
        Ok(Page {
            targets,
            next: page.next.map(Continuation),
        })
    }
}

#[cfg(test)]
mod tests;
