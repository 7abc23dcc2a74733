//! Who of a tenant is planned by a listing: one chat a person, as they want it. Holds the tenant's persons who differ from
//! the default, and 16 bytes for each id of whoever was planned, so that nobody gets a message in two chats.

use super::{
    Planner,
    rows::{Admitted, Naming, admitted},
};
use crate::{
    change::{self, Change, Event},
    ids::{ConversationId, TenantId},
    person::{PersonHash, PersonKey},
    persons::{self, Person, TenantPersons, hashes_of, hashes_of_row, readable},
    ports::{Listed, Page, StoreError, Stored},
    recipient::Recipient,
    request::Audience,
    store::audience,
    target::{DeliveryStatus, Scope, Target, TargetKey},
};
use futures::future::try_join_all;
use std::collections::{HashMap, HashSet};

/// Second chats that are noted in one run; the next one notes more.
const NOTED: usize = 1_000;
/// Reads and writes under way at a time.
const AT_ONCE: usize = 16;

/// A tenant's people while they are planned.
#[derive(Default)]
pub(super) struct People {
    persons: TenantPersons,
    planned: HashSet<PersonHash>,
    /// Who the request names: whether they still block the bot is asked.
    named: HashSet<PersonHash>,
    /// The same, by their chats.
    named_chats: HashSet<ConversationId>,
    /// Those who have another chat that no record knows of.
    second: HashSet<PersonHash>,
    /// Chats that say of their person what no record does.
    to_learn: Vec<Target>,
    /// Chats whose person removed the bot since.
    to_remove: Vec<Change>,
}

impl People {
    /// The row of a listed installation; `None` where it is none, or its person is planned in another chat.
    pub(super) fn admit(&mut self, listed: Listed) -> Option<Admitted> {
        let target = &listed.target;
        let status = self.persons.status(target);
        if target.scope != Scope::Personal {
            return admitted(listed, status, Naming::Listed);
        }
        // What an earlier version stored in one of several chats is the person's.
        let opted_out = target.delivery_status == DeliveryStatus::OptedOut;
        let learnt = opted_out && !self.persons.has_preference(target);
        if let Some(at) = self.persons.removed_at(target) {
            self.to_remove.push(Change {
                key: target.key.clone(),
                at,
                event: Event::Removed,
            });
            self.to_learn.extend(learnt.then_some(listed.target));
            return None;
        }
        if !self.persons.is_written_to(target) {
            self.to_learn.extend(learnt.then_some(listed.target));
            return None;
        }
        let hashes: Vec<PersonHash> = hashes_of(target).map(|hash| self.persons.moved(hash)).collect();
        if hashes.iter().any(|hash| self.planned.contains(hash)) {
            self.to_learn.extend(learnt.then_some(listed.target));
            // Each has two at most.
            if self.second.len() < 2 * NOTED {
                self.second.extend(hashes);
            }
            return None;
        }
        let named = hashes.iter().any(|hash| self.named.contains(hash))
            || self.named_chats.contains(&target.key.root);
        self.planned.extend(hashes);
        let naming = match named {
            true => Naming::Named,
            false => Naming::Listed,
        };
        admitted(listed, status, naming)
    }

    /// Those with several chats who are neither planned nor will be by this page.
    fn missing(&self, last: &Page) -> Vec<PersonHash> {
        let targets = last.targets.iter().map(|listed| &listed.target);
        let written_to =
            targets.filter(|target| target.scope == Scope::Personal && self.persons.is_written_to(target));
        let coming = written_to
            .flat_map(hashes_of)
            .map(|hash| self.persons.moved(hash));
        let coming: HashSet<PersonHash> = coming.collect();
        let several = self.persons.with_several_chats();
        several
            .filter(|hash| !self.planned.contains(hash) && !coming.contains(hash))
            .collect()
    }

    fn know_planned(&mut self, rows: &[Recipient]) {
        let personal = rows.iter().filter(|row| row.scope == Scope::Personal);
        let hashes = personal
            .flat_map(hashes_of_row)
            .map(|hash| self.persons.moved(hash));
        self.planned.extend(hashes);
    }
}

fn admits_people(audience: &Audience) -> bool {
    audience.scopes.is_empty() || audience.scopes.contains(&Scope::Personal)
}

impl Planner<'_> {
    /// What is known of a tenant's people before its references are listed: whoever changes their mind later is found by the
    /// worker. A planner that goes on after another one reads whom that one planned.
    pub(super) async fn people(
        &self,
        tenant: &TenantId,
        audience: &Audience,
        chunks: u32,
    ) -> Result<People, StoreError> {
        if !admits_people(audience) {
            return Ok(People::default());
        }
        let named = audience.users.iter();
        let mut people = People {
            persons: self.persons(tenant).await?,
            named: named.map(|user| PersonKey::of(user).hash()).collect(),
            named_chats: audience.conversations.iter().map(ConversationId::root).collect(),
            ..People::default()
        };
        let lane = crate::lane::Lane::Connector(tenant.clone());
        for number in 0..chunks {
            let id = &self.notification.id;
            let chunk = audience::read(&*self.ports.objects, id, &lane, number).await?;
            people.know_planned(&chunk.rows);
        }
        Ok(people)
    }

    /// The tenant's persons who differ from the default.
    pub(super) async fn persons(&self, tenant: &TenantId) -> Result<TenantPersons, StoreError> {
        let now = self.ports.clock.wall();
        TenantPersons::read(&*self.ports.objects, &self.settings.bot, tenant, now).await
    }

    /// Stores what chats of a page say of their persons, before a chunk says that the page is done: whoever sends obeys it
    /// also where another chat was planned before. And that a chat is removed whose person removed the bot in another one:
    /// their record is forgotten after a while.
    pub(super) async fn learn(&self, people: &mut People) -> Result<(), StoreError> {
        for removal in std::mem::take(&mut people.to_remove) {
            let now = self.ports.clock.wall();
            change::record(&*self.ports.references, &removal, now).await?;
        }
        for chat in std::mem::take(&mut people.to_learn) {
            if let Some(person) = Person::of(&chat) {
                let learnt = persons::update(&*self.ports.objects, &person, |record| record.learn(&chat));
                readable(&person.tenant, learnt.await)?;
            }
        }
        Ok(())
    }

    /// The people whose chat that is written to is not in the listing, which ends with this page, in another chat of theirs.
    pub(super) async fn people_left(
        &self,
        tenant: &TenantId,
        people: &mut People,
        last: &Page,
    ) -> Result<Vec<Listed>, StoreError> {
        let mut found: Vec<Listed> = Vec::new();
        for some in people.missing(last).chunks(AT_ONCE) {
            let chats = some.iter().map(|hash| self.chat_of(tenant, *hash));
            for (hash, chat) in some.iter().zip(try_join_all(chats).await?) {
                people.persons.forget_chats(*hash);
                found.extend(chat);
            }
        }
        Ok(found)
    }

    /// The chat of a person where something happened last, of those that are there. What is gone is no longer noted as one.
    async fn chat_of(&self, tenant: &TenantId, hash: PersonHash) -> Result<Option<Listed>, StoreError> {
        let objects = &*self.ports.objects;
        let bot = &self.settings.bot;
        let record = persons::read_by_hash(objects, (bot, tenant), hash).await;
        let Some(record) = readable(tenant, record)?.flatten() else {
            return Ok(None);
        };
        let mut chats = record.chats;
        chats.sort_unstable_by_key(|chat| std::cmp::Reverse(chat.at));
        let mut gone: Vec<ConversationId> = Vec::new();
        for chat in chats {
            let key = TargetKey {
                bot: bot.clone(),
                tenant: tenant.clone(),
                root: chat.root,
            };
            let stored = self.ports.references.read(&key).await?;
            match stored.and_then(Stored::listed) {
                Some(found) => {
                    if let Some(person) = Person::of(&found.target).filter(|_| !gone.is_empty()) {
                        let updated = persons::update(objects, &person, |record| {
                            gone.iter().for_each(|root| record.lost(root));
                        });
                        readable(tenant, updated.await)?;
                    }
                    return Ok(Some(found));
                }
                None => gone.push(key.root),
            }
        }
        Ok(None)
    }

    /// Notes the chats of those who turned out to have several: from the next run on the newest one is written to. Lists the
    /// tenant again, once for people who were stored before there were records of persons.
    pub(super) async fn note_second_chats(
        &self,
        tenant: &TenantId,
        people: People,
    ) -> Result<(), StoreError> {
        if people.second.is_empty() {
            return Ok(());
        }
        let selection = self.selection(tenant);
        let mut chats: HashMap<PersonHash, Vec<Target>> = HashMap::new();
        let mut from = None;
        loop {
            let page = self.ports.references.list(&selection, from.as_ref()).await?;
            for listed in page.targets {
                let target = listed.target;
                let mut hashes = hashes_of(&target).map(|hash| people.persons.moved(hash));
                let known = hashes.find(|hash| people.second.contains(hash));
                if let Some(hash) = known.filter(|_| target.scope == Scope::Personal) {
                    chats.entry(hash).or_default().push(target);
                }
            }
            from = page.next;
            if from.is_none() {
                break;
            }
        }
        tracing::info!(tenant_id = %tenant, people = chats.len(), "people with several chats: each gets one message, from now on in the newest chat");
        let chats: Vec<Vec<Target>> = chats.into_values().collect();
        for some in chats.chunks(AT_ONCE) {
            try_join_all(some.iter().map(|chats| self.note_chats(chats))).await?;
        }
        Ok(())
    }

    async fn note_chats(&self, chats: &[Target]) -> Result<(), StoreError> {
        // The ids of all: one of them may lack what another has.
        let best = chats.iter().max_by_key(|chat| chat.entra.is_some());
        let Some(person) = best.and_then(Person::of) else {
            return Ok(());
        };
        let updated = persons::update(&*self.ports.objects, &person, |record| {
            chats.iter().for_each(|chat| record.learn(chat));
        });
        readable(&person.tenant, updated.await).map(drop)
    }
}
