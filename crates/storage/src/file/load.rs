//! Brings TeamsFx's file and the sidecar together. Where they disagree, someone else has written TeamsFx's file:
//! its references stand, and what the sidecar knows beyond them is kept.

use super::{
    Paths, aside,
    book::{Book, Content, Slot, fingerprint},
    document,
    sidecar::{self, Displaced, Line, Sidecar},
};
use crate::{durable, open::OpenError, owner::Owner};
use notify::{
    reference::{ConversationReference, teamsfx},
    target::{Target, TargetKey},
};
use std::{collections::HashMap, fs, io, sync::Arc};

/// Reads the store; returns it with the number of its last commit.
pub(super) fn load(paths: &Paths, owner: &Owner) -> Result<(Book, u64), OpenError> {
    let mut sidecar = match sidecar::read(&paths.sidecar) {
        Err(damage @ OpenError::Damaged { .. }) => {
            aside::sidecar(paths, &damage)?;
            Sidecar::default()
        }
        read => read?,
    };
    finish(paths, sidecar.generation).map_err(|e| OpenError::io(&paths.main, e))?;
    let text = document::read(&paths.main)?;
    let entries = match document::entries(&paths.main, &text) {
        Err(damage @ OpenError::Damaged { .. }) => {
            aside::references(paths, &damage)?;
            // They belong to the file that went aside, and a copy of them lies beside it.
            sidecar.records.clear();
            Vec::new()
        }
        read => read?,
    };
    let generation = sidecar.generation;
    let mut loading = Loading {
        owner,
        book: Book {
            writes: sidecar.writes,
            ..Book::default()
        },
    };
    loading.entries(entries, std::mem::take(&mut sidecar.records));
    loading.beside(sidecar);
    Ok((loading.book, generation))
}

/// A commit is done once the sidecar has its number; a kill after that may have left the main file to be renamed.
fn finish(paths: &Paths, generation: u64) -> io::Result<()> {
    let written = paths.unfinished(generation);
    if generation > 0 && written.exists() {
        durable::put(&written, &paths.main)?;
    }
    for unfinished in paths.all_unfinished()? {
        fs::remove_file(unfinished)?;
    }
    Ok(())
}

struct Loading<'a> {
    owner: &'a Owner,
    book: Book,
}

impl Loading<'_> {
    fn entries(&mut self, entries: Vec<document::Entry<'_>>, lines: Vec<Line>) {
        let mut lines: HashMap<String, Line> = lines
            .into_iter()
            .map(|mut line| (std::mem::take(&mut line.key), line))
            .collect();
        let mut before: Option<Target> = None;
        for (key, raw) in entries {
            let text = raw.get();
            match self.target(&key, text, lines.remove(&*key)) {
                Some((mut target, number)) => {
                    if let Some(before) = &before {
                        target.share(before);
                    }
                    before = Some(target.clone());
                    self.place(key.into_owned(), text, target, number);
                }
                None => {
                    tracing::warn!(
                        entry = &*key,
                        "an entry of the file is no conversation reference; it is kept, not used"
                    );
                    self.book.others.insert(key.into_owned(), text.into());
                }
            }
        }
        if !lines.is_empty() {
            tracing::info!(
                references = lines.len(),
                "references were removed from the file by someone else"
            );
        }
    }

    /// The target of an entry, and the number of its write; `None` if it is no reference.
    fn target(&mut self, key: &str, text: &str, line: Option<Line>) -> Option<(Target, u64)> {
        if let Some(line) = line.as_ref().filter(|line| line.of == fingerprint(text)) {
            let mut target = line.target.clone();
            let ours = self.owner.bot.as_str().is_empty();
            if ours || target.key.bot.as_str().is_empty() {
                let reference: ConversationReference = serde_json::from_str(text).ok()?;
                target.key.bot = reference.bot_or(&self.owner.bot);
            }
            self.owner.settle_tenant(&mut target.key);
            return Some((target, line.number));
        }
        let reference: ConversationReference = serde_json::from_str(text).ok()?;
        let mut target = self.owner.target(Some(key), &reference).ok()?;
        if let Some(line) = line {
            if reference.bot().is_none() && !self.owner.bot.as_str().is_empty() {
                target.key.bot = line.target.key.bot.clone();
            }
            keep(&mut target, line.target);
        }
        self.book.writes += 1;
        Some((target, self.book.writes))
    }

    fn place(&mut self, key: String, text: &str, target: Target, number: u64) {
        let canonical = teamsfx::store_key(&target.key) == key;
        if let Some(known) = self.book.slots.get_mut(&target.key) {
            // Two entries for one target: the one under TeamsFx's own key for it stands, the other is kept as text.
            if !canonical {
                known.doubles.push(key.clone());
                self.book.others.insert(key, text.into());
                return;
            }
            if let Content::Installed { reference, .. } = &known.content {
                self.book
                    .others
                    .insert(known.file_key.to_string(), (**reference).into());
                known.doubles.push(known.file_key.to_string());
            }
        }
        let doubles = self
            .book
            .slots
            .remove(&target.key)
            .map(|slot| slot.doubles)
            .unwrap_or_default();
        let slot = Slot {
            number,
            file_key: key.into(),
            content: Content::installed(target.clone(), text),
            doubles,
        };
        self.book.slots.insert(target.key, slot);
    }

    /// Tombstones, and references whose place in the file is taken.
    fn beside(&mut self, sidecar: Sidecar) {
        for mut removal in sidecar.removed {
            self.own(&mut removal.tombstone.key);
            let key = removal.tombstone.key.clone();
            match self.book.slots.get_mut(&key) {
                None => {
                    let content = Content::Removed(Arc::new(removal.tombstone));
                    self.book
                        .slots
                        .insert(key.clone(), Slot::new(&key, removal.number, content));
                }
                // Someone else put it back into the file; what happened before the removal stays older than it.
                Some(Slot {
                    content: Content::Installed { target, .. },
                    ..
                }) => {
                    let target = Arc::make_mut(target);
                    target.event_at = target.event_at.max(removal.tombstone.event_at);
                }
                Some(_) => {}
            }
        }
        for raw in sidecar.displaced {
            let Ok(mut line) = serde_json::from_str::<Displaced>(raw.get()) else {
                self.book.carried.push(raw.get().into());
                continue;
            };
            self.own(&mut line.target.key);
            let key = line.target.key.clone();
            if self.book.slots.contains_key(&key) {
                self.book.carried.push(raw.get().into());
                continue;
            }
            let content = Content::installed(line.target, line.reference.get());
            let slot = Slot {
                file_key: line.key.into(),
                ..Slot::new(&key, line.number, content)
            };
            self.book.slots.insert(key, slot);
        }
    }

    fn own(&self, key: &mut TargetKey) {
        if self.owner.bot.as_str().is_empty() {
            key.bot = self.owner.bot.clone();
        }
        self.owner.settle_tenant(key);
    }
}

/// What a reference can't hold is taken from what was known before someone else rewrote it.
fn keep(target: &mut Target, known: Target) {
    target.delivery_status = known.delivery_status;
    target.preferred_channel = known.preferred_channel;
    target.preferred_channel_state = known.preferred_channel_state;
    target.preferred_channel_kind = known.preferred_channel_kind;
    target.preferred_channel_absent_at = known.preferred_channel_absent_at;
    target.time_zone = known.time_zone;
    target.event_at = known.event_at;
    target.locale = target.locale.take().or(known.locale);
    target.entra = target.entra.take().or(known.entra);
}
