//! References in TeamsFx's own file, `.notification.localstore.json`, for one process.
//!
//! The file stays what TeamsFx wrote: an existing one works, and TeamsFx can read ours. What its format has no place
//! for (event times, tombstones, delivery status, channels) lies in a file beside it. Concurrent writers share one rewrite
//! of both; a write returns when the disk has it, and a kill at any instant leaves the state before or after.

mod aside;
mod book;
mod commit;
mod document;
mod load;
mod sidecar;

use crate::{
    lock::ProcessLock,
    open::OpenError,
    owner::Owner,
    private_files::{self, Closing},
    references::expired,
};
use async_trait::async_trait;
use book::{Book, Content};
use commit::{Committer, RecordChange, Request};
use config::storage::REFERENCES_FILE;
use jiff::Timestamp;
use notify::{
    ids::{BotId, TenantId},
    person::PersonKey,
    ports::{
        Continuation, Expected, Listed, Page, ReferenceStore, Selection, StoreError, Stored, Version,
        WriteError,
    },
    target::{ReferenceRecord, TargetKey},
};
use std::{
    ops::Bound,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
};
use tokio::sync::oneshot;

/// References a page.
const PAGE: usize = 5_000;

/// References in a file.
pub struct FileReferences {
    inner: Arc<Inner>,
    turn: tokio::sync::Mutex<()>,
}

impl std::fmt::Debug for FileReferences {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FileReferences({})", self.inner.committer.paths.main.display())
    }
}

struct Inner {
    book: RwLock<Book>,
    committer: Committer,
    _locks: [ProcessLock; 2],
}

impl Inner {
    fn book(&self) -> RwLockReadGuard<'_, Book> {
        self.book.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Path of the file in `folder`, under the name that TeamsFx's setting gives or else TeamsFx's default.
pub fn path_in(folder: &Path, get: impl Fn(&str) -> Option<String>) -> PathBuf {
    folder.join(REFERENCES_FILE.read(&get))
}

/// The files of a store.
#[derive(Clone, Debug)]
struct Paths {
    main: PathBuf,
    sidecar: PathBuf,
    /// Folder of what is nobody else's business, beside the file.
    private: PathBuf,
    lock: PathBuf,
    /// Where versions before this one have their lock; taken too, so that one of them is no second process.
    old_lock: PathBuf,
}

/// Name of [`Paths::private`].
const PRIVATE: &str = ".notify";
/// How names go on of what lies beside a file of the store and has its content, or had it.
const LEAVINGS: [&str; 4] = [".lock", ".tmp", ".damaged-", ".changed-"];

impl Paths {
    fn of(path: &Path) -> Self {
        // Through a link, so that a rename replaces what it points to.
        let main = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let name = main
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let stem = name.strip_suffix(".json").unwrap_or(&name);
        let private = main.with_file_name(PRIVATE);
        Self {
            sidecar: main.with_file_name(format!("{stem}.state.json")),
            lock: private.join(format!("{name}.lock")),
            old_lock: main.with_file_name(format!("{name}.lock")),
            private,
            main,
        }
    }

    /// Closes to others what is there: the store's files, what went aside or was copied of them, and what else lies
    /// in the private folder.
    fn close(&self) {
        let mut closing = Closing::default();
        closing.close(&self.private);
        closing.close_in(&self.private, |_| true);
        let names =
            [&self.main, &self.sidecar].map(|path| path.file_name().unwrap_or_default().to_string_lossy());
        let folder = self.main.parent().filter(|folder| !folder.as_os_str().is_empty());
        closing.close_in(folder.unwrap_or(Path::new(".")), |found| {
            let is_of = |name: &str| {
                found.strip_prefix(name).is_some_and(|rest| {
                    rest.is_empty() || LEAVINGS.iter().any(|leaving| rest.starts_with(leaving))
                })
            };
            names.iter().any(|name| is_of(name))
        });
        closing.report();
    }

    /// The main file while it is being written; its number ties it to the sidecar of the same commit.
    fn unfinished(&self, generation: u64) -> PathBuf {
        let name = self
            .main
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        self.main.with_file_name(format!("{name}.tmp-{generation}"))
    }

    /// Main files of whatever commits were interrupted.
    fn all_unfinished(&self) -> std::io::Result<Vec<PathBuf>> {
        let main = self.main.file_name().unwrap_or_default().to_string_lossy();
        let begins = format!("{main}.tmp-");
        let folder = self.main.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut found = Vec::new();
        for item in std::fs::read_dir(folder.unwrap_or(Path::new(".")))? {
            let item = item?;
            let name = item.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix(&begins));
            if number.is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit())) {
                found.push(item.path());
            }
        }
        Ok(found)
    }
}

impl FileReferences {
    /// Opens the file; a missing one is an empty store. Reads all of it (blocking). A damaged file is moved aside, with
    /// a line in the log that says where the damage is and where the file went; the store begins without it.
    ///
    /// # Errors
    /// [`OpenError::Locked`] when another process has it open, [`OpenError::Newer`] when a later version wrote it,
    /// [`OpenError::Io`] when the system refuses. The file is then left as it is.
    pub fn open(path: &Path, bot: &BotId, default_tenant: Option<TenantId>) -> Result<Self, OpenError> {
        let paths = Paths::of(path);
        if let Some(folder) = paths
            .main
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            private_files::create_folder(folder).map_err(|e| OpenError::io(folder, e))?;
        }
        private_files::create_folder(&paths.private).map_err(|e| OpenError::io(&paths.private, e))?;
        let locks = [
            ProcessLock::take(&paths.lock)?,
            ProcessLock::take(&paths.old_lock)?,
        ];
        paths.close();
        let owner = Owner {
            bot: bot.as_str().to_ascii_lowercase().into(),
            tenant: default_tenant,
        };
        let (book, generation) = load::load(&paths, &owner)?;
        Ok(Self {
            inner: Arc::new(Inner {
                book: RwLock::new(book),
                committer: Committer::new(paths, owner.bot, generation),
                _locks: locks,
            }),
            turn: tokio::sync::Mutex::default(),
        })
    }

    /// Queues a change and waits until it, and whatever else waits, is on disk.
    async fn submit(
        &self,
        key: &TargetKey,
        expected: &Expected,
        change: RecordChange,
    ) -> Result<Version, WriteError> {
        let (answer, mut answered) = oneshot::channel();
        self.inner.committer.queue(Request {
            key: key.clone(),
            expected: expected.clone(),
            change,
            answer,
        });
        let _turn = self.turn.lock().await;
        if answered.is_empty() {
            let inner = self.inner.clone();
            // Not tied to the caller: a client that goes away does not stop what others wait for.
            let done = tokio::task::spawn_blocking(move || inner.committer.commit(&inner.book)).await;
            if done.is_err() {
                return Err(StoreError::unavailable("the process is stopping").into());
            }
        }
        answered
            .try_recv()
            .unwrap_or_else(|_| Err(StoreError::unavailable("the write was given up").into()))
    }

    /// Erases tombstones of the bot that were recorded more than 30 days before `now`, at most `most`; returns how many.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn purge_tombstones(
        &self,
        bot: &BotId,
        now: Timestamp,
        most: usize,
    ) -> Result<usize, StoreError> {
        let old: Vec<(TargetKey, Version)> = self
            .inner
            .book()
            .slots
            .iter()
            .filter(|(key, slot)| {
                key.bot == *bot && matches!(&slot.content, Content::Removed(t) if expired(t.recorded_at, now))
            })
            .take(most)
            .map(|(key, slot)| (key.clone(), slot.version()))
            .collect();
        let mut erased = 0;
        let erasing = old.iter().map(|(key, version)| self.erase(key, version));
        for answer in futures::future::join_all(erasing).await {
            match answer {
                Ok(()) => erased += 1,
                Err(WriteError::Store(error)) => return Err(error),
                Err(_) => {}
            }
        }
        Ok(erased)
    }
}

#[async_trait]
impl ReferenceStore for FileReferences {
    async fn read(&self, key: &TargetKey) -> Result<Option<Stored>, StoreError> {
        let slot = self.inner.book().slots.get(key).cloned();
        slot.map(|slot| {
            Ok(Stored {
                version: slot.version(),
                record: slot.record()?,
            })
        })
        .transpose()
    }

    async fn write(
        &self,
        key: &TargetKey,
        record: &ReferenceRecord,
        expected: &Expected,
    ) -> Result<Version, WriteError> {
        let content = Content::of(record)?;
        self.submit(key, expected, RecordChange::Write(content)).await
    }

    async fn erase(&self, key: &TargetKey, version: &Version) -> Result<(), WriteError> {
        let expected = Expected::Version(version.clone());
        self.submit(key, &expected, RecordChange::Erase).await.map(drop)
    }

    async fn purge_tombstones(&self, bot: &BotId, now: Timestamp, most: usize) -> Result<usize, StoreError> {
        // The store's own method of this name.
        FileReferences::purge_tombstones(self, bot, now, most).await
    }

    async fn find_person(
        &self,
        bot: &BotId,
        tenant: &TenantId,
        person: &PersonKey,
    ) -> Result<Vec<Listed>, StoreError> {
        let book = self.inner.book();
        let first = TargetKey {
            bot: bot.clone(),
            tenant: tenant.clone(),
            root: "".into(),
        };
        let slots = book.slots.range(first..);
        let of_tenant = slots.take_while(|(key, _)| key.bot == *bot && key.tenant == *tenant);
        let theirs = of_tenant.filter_map(|(_, slot)| match &slot.content {
            Content::Installed { target, .. } if target.person_keys().any(|known| known == *person) => {
                Some(Listed {
                    target: (**target).clone(),
                    version: slot.version(),
                })
            }
            _ => None,
        });
        Ok(theirs.collect())
    }

    async fn tenants(&self, bot: &BotId) -> Result<Vec<TenantId>, StoreError> {
        let book = self.inner.book();
        let first = |tenant: TenantId| TargetKey {
            bot: bot.clone(),
            tenant,
            root: "".into(),
        };
        let (mut tenants, mut from) = (Vec::new(), first("".into()));
        while let Some((key, _)) = book
            .slots
            .range(&from..)
            .next()
            .filter(|(key, _)| key.bot == *bot)
        {
            tenants.push(key.tenant.clone());
            // The next text that there can be.
            from = first(format!("{}\0", key.tenant.as_str()).as_str().into());
        }
        Ok(tenants)
    }

    async fn list(&self, selection: &Selection, from: Option<&Continuation>) -> Result<Page, StoreError> {
        let book = self.inner.book();
        let start = match from {
            Some(continuation) => Bound::Excluded(last_of(selection, continuation)?),
            None => Bound::Included(TargetKey {
                bot: selection.bot.clone(),
                tenant: selection.tenant.clone().unwrap_or_else(|| "".into()),
                root: "".into(),
            }),
        };
        let mut slots = book
            .slots
            .range((start, Bound::Unbounded))
            .take_while(|(key, _)| {
                key.bot == selection.bot
                    && selection
                        .tenant
                        .as_ref()
                        .is_none_or(|tenant| key.tenant == *tenant)
            });
        let mut targets = Vec::new();
        for (_, slot) in slots.by_ref() {
            if let Content::Installed { target, .. } = &slot.content {
                targets.push(Listed {
                    target: (**target).clone(),
                    version: slot.version(),
                });
            }
            if targets.len() == PAGE {
                break;
            }
        }
        let last = if slots.next().is_some() {
            targets.last()
        } else {
            None
        };
        let next = last
            .map(|listed| serde_json::to_string(&(&listed.target.key.tenant, &listed.target.key.root)))
            .transpose()
            .map_err(|e| StoreError::Refused(e.to_string()))?;
        Ok(Page {
            targets,
            next: next.map(Continuation),
        })
    }
}

fn last_of(selection: &Selection, continuation: &Continuation) -> Result<TargetKey, StoreError> {
    let (tenant, root) = serde_json::from_str(&continuation.0)
        .map_err(|_| StoreError::Refused("the continuation is not one of this store".to_owned()))?;
    Ok(TargetKey {
        bot: selection.bot.clone(),
        tenant,
        root,
    })
}

#[cfg(test)]
mod tests;
