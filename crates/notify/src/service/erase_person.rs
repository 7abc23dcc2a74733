//! Forgetting a person: their reference, and their name wherever an audience still has it. Ids stay in audiences and
//! ledgers, so that a report still adds up; they go with the notification after its retention.

use super::NotificationService;
use crate::{
    ids::NotificationId,
    notification::Notification,
    person::PersonKey,
    persons,
    ports::{ObjectStore, Selection, StoreError, WriteError},
    recipient::Recipient,
    store::audience::{self, RowEdit},
    store::keys,
    store::notifications,
    target::{ReferenceRecord, Scope, Target},
};
use std::collections::BTreeSet;

/// Entries of a listing at a time.
const PAGE: u32 = 5_000;
/// Attempts at a record that others write too.
const ATTEMPTS: u32 = 5;

/// What became of a person's data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ErasureCounts {
    /// Personal references erased.
    pub references: u32,
    /// Records of the person erased: what they wanted, whether they blocked the bot.
    pub records: u32,
    /// References of chats and teams that named the person and do no more.
    pub mentions: u32,
    /// Rows of audiences whose name is gone.
    pub rows: u32,
    /// Audience chunks that were looked through.
    pub chunks: u32,
}

/// Whether to change anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErasureMode {
    /// Only count.
    Dry,
    /// Erase.
    Apply,
}

/// The ids under which one person is known.
struct Person(BTreeSet<PersonKey>);

impl Person {
    fn named(written: &str) -> Self {
        Self(BTreeSet::from([PersonKey::of(written)]))
    }

    /// In any scope: a chat's or a team's reference names whoever installed the bot there.
    fn is_target(&self, target: &Target) -> bool {
        self.has_one_of(PersonKey::all_of(target.user.as_ref(), target.entra.as_ref()))
    }

    fn is_recipient(&self, row: &Recipient) -> bool {
        self.has_one_of(PersonKey::all_of(row.user.as_ref(), row.entra.as_ref()))
    }

    fn has_one_of(&self, mut keys: impl Iterator<Item = PersonKey>) -> bool {
        keys.any(|key| self.0.contains(&key))
    }

    /// The same person has both of a target's ids.
    fn learn(&mut self, target: &Target) {
        self.0
            .extend(PersonKey::all_of(target.user.as_ref(), target.entra.as_ref()));
    }
}

impl NotificationService {
    /// Erases what is stored of a person, named by Entra object id or Teams id (`29:…`). Reads all references and all
    /// audiences of this bot; harmless when repeated, and after a failure it goes on where it is called again.
    ///
    /// # Errors
    /// When the store fails, or something stays contended.
    pub async fn forget(&self, user: &str, forget: ErasureMode) -> Result<ErasureCounts, StoreError> {
        let mut person = Person::named(user.trim());
        let mut forgotten = ErasureCounts::default();
        let targets = self.targets_of(&mut person).await?;
        // First: a reference says which ids are theirs, should this have to be repeated.
        let objects = &*self.env.ports.objects;
        let bot = &self.env.settings.bot;
        forgotten.records = persons::erase(objects, bot, person.0.iter(), forget).await?;
        for target in targets {
            if target.scope == Scope::Personal {
                forgotten.references += 1;
            } else {
                forgotten.mentions += 1;
            }
            if forget == ErasureMode::Apply {
                self.forget_target(&target, &person).await?;
            }
        }
        self.forget_rows(&person, forget, &mut forgotten).await?;
        Ok(forgotten)
    }

    async fn targets_of(&self, person: &mut Person) -> Result<Vec<Target>, StoreError> {
        let selection = Selection {
            bot: self.env.settings.bot.clone(),
            tenant: None,
        };
        let (mut found, mut from) = (Vec::new(), None);
        loop {
            let page = self.env.ports.references.list(&selection, from.as_ref()).await?;
            for listed in page.targets {
                if person.is_target(&listed.target) {
                    person.learn(&listed.target);
                    found.push(listed.target);
                }
            }
            from = page.next;
            if from.is_none() {
                return Ok(found);
            }
        }
    }

    /// A personal reference goes; one of a chat or team no longer says who installed the bot there.
    async fn forget_target(&self, target: &Target, person: &Person) -> Result<(), StoreError> {
        let references = &*self.env.ports.references;
        for _ in 0..ATTEMPTS {
            let Some(stored) = references.read(&target.key).await? else {
                return Ok(());
            };
            let ReferenceRecord::Installed(mut installation) = stored.record else {
                return Ok(());
            };
            if !person.is_target(&installation.target) {
                return Ok(());
            }
            let written = if target.scope == Scope::Personal {
                references.erase(&target.key, &stored.version).await
            } else {
                installation.target.user = None;
                installation.target.entra = None;
                installation.reference.without_person();
                let expected = crate::ports::Expected::Version(stored.version);
                let record = ReferenceRecord::Installed(installation);
                references.write(&target.key, &record, &expected).await.map(drop)
            };
            match written {
                Ok(()) => return Ok(()),
                Err(WriteError::Conflict) => {}
                Err(WriteError::Store(error)) => return Err(error),
            }
        }
        Err(StoreError::unavailable("a reference stayed contended"))
    }

    async fn forget_rows(
        &self,
        person: &Person,
        forget: ErasureMode,
        forgotten: &mut ErasureCounts,
    ) -> Result<(), StoreError> {
        let objects = &*self.env.ports.objects;
        let (mut from, mut current): (Option<String>, Option<(NotificationId, bool)>) = (None, None);
        loop {
            let page = objects.list(keys::NOTIFICATIONS, from.as_deref(), PAGE).await?;
            for entry in &page.entries {
                let Some(id) = keys::audience_of(&entry.name) else {
                    continue;
                };
                let ours = match &current {
                    Some((known, ours)) if *known == id => *ours,
                    _ => self.is_ours(&id).await?,
                };
                current = Some((id, ours));
                if ours {
                    forgotten.chunks += 1;
                    forgotten.rows += forget_chunk(objects, &entry.name, person, forget).await?;
                }
            }
            from = page.next;
            if from.is_none() {
                return Ok(());
            }
        }
    }

    async fn is_ours(&self, id: &NotificationId) -> Result<bool, StoreError> {
        let ours = |notification: &Notification| notification.bot == self.env.settings.bot;
        match notifications::load(&*self.env.ports.objects, id).await {
            Ok((notification, _)) => Ok(ours(&notification)),
            Err(notifications::LoadError::Store(error)) => Err(error),
            // Being deleted, or quarantined: not ours to change.
            Err(_) => Ok(false),
        }
    }
}

async fn forget_chunk(
    objects: &dyn ObjectStore,
    name: &str,
    person: &Person,
    forget: ErasureMode,
) -> Result<u32, StoreError> {
    let mut rows = 0;
    let change = |row: &mut Recipient| {
        // In other scopes the name is the chat's or the team's.
        let named = row.scope == Scope::Personal && person.is_recipient(row) && row.name.is_some();
        if named {
            row.name = None;
            rows += 1;
        }
        match (named, forget) {
            (true, ErasureMode::Apply) => RowEdit::Write,
            _ => RowEdit::LeaveAsIs,
        }
    };
    audience::rewrite(objects, name, change).await?;
    Ok(rows)
}
