//! Group commit: whatever waits when a writer's turn comes goes to disk in one rewrite.
//!
//! Order on disk: the new main file under another name, then the sidecar with the same number (from here on the
//! commit stands), then the main file's name. Opening finishes or forgets what a kill interrupted.

use super::{
    Paths,
    book::{Book, Content, Slot},
    document,
    sidecar::{self, DisplacedRef, LineRef, RemovalRef},
};
use crate::{durable, private_files};
use notify::{
    ids::BotId,
    ports::{Expected, StoreError, Version, WriteError},
    target::TargetKey,
};
use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fs, io,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError, RwLock},
    time::SystemTime,
};
use tokio::sync::oneshot;

/// What becomes of a record.
pub(super) enum RecordChange {
    Write(Content),
    Erase,
}

pub(super) struct Request {
    pub(super) key: TargetKey,
    pub(super) expected: Expected,
    pub(super) change: RecordChange,
    pub(super) answer: oneshot::Sender<Result<Version, WriteError>>,
}

/// Changes of one commit over the book.
#[derive(Default)]
struct PendingChanges {
    slots: BTreeMap<TargetKey, Option<Slot>>,
    /// Entries of the file that go because their target changed.
    dropped: BTreeSet<String>,
}

pub(super) struct Committer {
    pub(super) paths: Paths,
    bot: BotId,
    waiting: Mutex<Vec<Request>>,
    disk: Mutex<Disk>,
}

struct Disk {
    generation: u64,
    /// Size and time of the main file as this process left or found it.
    seen: Option<(u64, SystemTime)>,
}

impl Committer {
    pub(super) fn new(paths: Paths, bot: BotId, generation: u64) -> Self {
        let disk = Disk {
            generation,
            seen: look(&paths.main),
        };
        Self {
            paths,
            bot,
            waiting: Mutex::default(),
            disk: Mutex::new(disk),
        }
    }

    pub(super) fn queue(&self, request: Request) {
        held(&self.waiting).push(request);
    }

    /// Brings everything that waits to disk and answers it (blocking).
    pub(super) fn commit(&self, book: &RwLock<Book>) {
        let mut disk = held(&self.disk);
        let requests = std::mem::take(&mut *held(&self.waiting));
        let (changes, answers, writes) = {
            let book = book.read().unwrap_or_else(PoisonError::into_inner);
            let (changes, answers, writes) = decide(&book, requests);
            if !changes.slots.is_empty()
                && let Err(error) = self.write(&book, &changes, writes, &mut disk)
            {
                let failure = format!("{}: {error}", self.paths.main.display());
                for (answer, outcome) in answers {
                    let outcome = outcome.and_then(|_| Err(StoreError::unavailable(&failure).into()));
                    let _ = answer.send(outcome);
                }
                return;
            }
            (changes, answers, writes)
        };
        {
            let mut book = book.write().unwrap_or_else(PoisonError::into_inner);
            book.writes = writes;
            for key in &changes.dropped {
                book.others.remove(key);
            }
            for (key, slot) in changes.slots {
                match slot {
                    Some(slot) => book.slots.insert(key, slot),
                    None => book.slots.remove(&key),
                };
            }
        }
        for (answer, outcome) in answers {
            let _ = answer.send(outcome);
        }
    }

    fn write(&self, book: &Book, changes: &PendingChanges, writes: u64, disk: &mut Disk) -> io::Result<()> {
        let generation = disk.generation + 1;
        let unfinished = self.paths.unfinished(generation);
        let view = View::new(book, changes, &self.bot);
        let side = self.paths.sidecar.with_extension("json.tmp");
        let written = durable::write_new(&unfinished, |out| view.main(out))
            .and_then(|()| durable::write_new(&side, |out| view.beside(out, generation, writes)))
            .and_then(|()| self.keep_foreign_change(disk))
            .and_then(|()| durable::put(&side, &self.paths.sidecar));
        if let Err(error) = written {
            let _ = fs::remove_file(&unfinished);
            let _ = fs::remove_file(&side);
            return Err(error);
        }
        disk.generation = generation;
        durable::put(&unfinished, &self.paths.main)?;
        disk.seen = look(&self.paths.main);
        Ok(())
    }

    /// If someone else wrote the main file meanwhile, a copy of theirs is kept.
    fn keep_foreign_change(&self, disk: &Disk) -> io::Result<()> {
        let now = look(&self.paths.main);
        if now == disk.seen || now.is_none() {
            return Ok(());
        }
        let mut kept = self.paths.main.clone().into_os_string();
        kept.push(format!(".changed-{}", jiff::Timestamp::now().as_millisecond()));
        tracing::warn!(
            kept_as = %Path::new(&kept).display(),
            "someone else changed the file while it was open; their content is kept as a copy"
        );
        private_files::copy(&self.paths.main, Path::new(&kept))
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn look(path: &Path) -> Option<(u64, SystemTime)> {
    let found = fs::metadata(path).ok()?;
    Some((found.len(), found.modified().ok()?))
}

type Answer = (
    oneshot::Sender<Result<Version, WriteError>>,
    Result<Version, WriteError>,
);

/// Which requests are carried out, in the order of the queue.
fn decide(book: &Book, requests: Vec<Request>) -> (PendingChanges, Vec<Answer>, u64) {
    let mut changes = PendingChanges::default();
    let mut answers = Vec::with_capacity(requests.len());
    let mut writes = book.writes;
    for request in requests {
        let known = match changes.slots.get(&request.key) {
            Some(changed) => changed.as_ref(),
            None => book.slots.get(&request.key),
        };
        let holds = match (&request.expected, known) {
            (Expected::Absent, None) => true,
            (Expected::Version(version), Some(slot)) => *version == slot.version(),
            _ => false,
        };
        if !holds {
            answers.push((request.answer, Err(WriteError::Conflict)));
            continue;
        }
        writes += 1;
        changes
            .dropped
            .extend(known.into_iter().flat_map(|slot| slot.doubles.iter().cloned()));
        let slot = match request.change {
            RecordChange::Write(content) => Some(Slot::new(&request.key, writes, content)),
            RecordChange::Erase => None,
        };
        changes.slots.insert(request.key, slot);
        answers.push((request.answer, Ok(Version(writes.to_string().into()))));
    }
    (changes, answers, writes)
}

/// The book with the changes, sorted into the two files.
struct View<'a> {
    book: &'a Book,
    changes: &'a PendingChanges,
    slots: Vec<&'a Slot>,
    /// Keys of the main file; the first slot with a key has it, the bot's own before others'.
    displaced: HashSet<*const Slot>,
    taken: HashSet<&'a str>,
}

impl<'a> View<'a> {
    fn new(book: &'a Book, changes: &'a PendingChanges, bot: &BotId) -> Self {
        let unchanged = book
            .slots
            .iter()
            .filter(|(key, _)| !changes.slots.contains_key(key));
        let changed = changes
            .slots
            .iter()
            .filter_map(|(key, slot)| Some((key, slot.as_ref()?)));
        let mut slots: Vec<(&TargetKey, &Slot)> = unchanged.chain(changed).collect();
        slots.sort_by_key(|(key, _)| (key.bot != *bot, *key));
        let slots: Vec<&Slot> = slots.into_iter().map(|(_, slot)| slot).collect();
        let (mut taken, mut displaced) = (HashSet::with_capacity(slots.len()), HashSet::new());
        for slot in &slots {
            if matches!(slot.content, Content::Installed { .. }) && !taken.insert(&*slot.file_key) {
                displaced.insert(std::ptr::from_ref::<Slot>(slot));
            }
        }
        Self {
            book,
            changes,
            slots,
            displaced,
            taken,
        }
    }

    fn is_displaced(&self, slot: &Slot) -> bool {
        !self.displaced.is_empty() && self.displaced.contains(&std::ptr::from_ref(slot))
    }

    fn main(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let mut file = document::Writer::begin(out)?;
        for slot in self.slots.iter().filter(|slot| !self.is_displaced(slot)) {
            if let Content::Installed { reference, .. } = &slot.content {
                file.entry(&slot.file_key, reference)?;
            }
        }
        for (key, text) in &self.book.others {
            if !self.taken.contains(key.as_str()) && !self.changes.dropped.contains(key) {
                file.entry(key, text)?;
            }
        }
        file.end()
    }

    fn beside(&self, out: &mut dyn io::Write, generation: u64, writes: u64) -> io::Result<()> {
        let mut file = sidecar::Writer::begin(out, generation, writes)?;
        for slot in self.slots.iter().filter(|slot| !self.is_displaced(slot)) {
            if let Content::Installed { target, of, .. } = &slot.content {
                file.line(&LineRef {
                    key: &slot.file_key,
                    number: slot.number,
                    of,
                    target,
                })?;
            }
        }
        file.section("removed")?;
        for slot in &self.slots {
            if let Content::Removed(tombstone) = &slot.content {
                file.line(&RemovalRef {
                    number: slot.number,
                    tombstone,
                })?;
            }
        }
        file.section("displaced")?;
        for slot in self.slots.iter().filter(|slot| self.is_displaced(slot)) {
            if let Content::Installed {
                target, reference, ..
            } = &slot.content
            {
                file.line(&DisplacedRef {
                    key: &slot.file_key,
                    number: slot.number,
                    target,
                    reference: serde_json::from_str(reference)?,
                })?;
            }
        }
        for line in &self.book.carried {
            file.raw(line)?;
        }
        file.end()
    }
}
