//! What persons say and do, and what an operator does for them.

use super::NotificationService;
use crate::{
    change::{self, Change, Effect, Event},
    lane::Lane,
    person::PersonKey,
    persons::{self, Added, Person, PersonRecord, Preference},
    ports::{StoreError, Stored},
    target::{DeliveryStatus, Scope, TargetKey},
};
use jiff::Timestamp;

impl NotificationService {
    /// Stores what a person wants since then. When this returns it holds for every post that begins more than five seconds
    /// later, in whichever of their chats. `chat` is where they said so; it need not be stored.
    ///
    /// # Errors
    /// When the store fails: it must not be confirmed then.
    pub async fn set_preference(
        &self,
        person: &Person,
        chat: Option<&TargetKey>,
        preference: Preference,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        persons::set_preference(&self.env.ports, person, chat, preference, at).await?;
        let lane = Lane::Connector(person.tenant.clone());
        self.env.wake_lane(&lane);
        Ok(())
    }

    /// Records what an activity tells, of the person it is from and of an installation. Both are durable when this returns.
    ///
    /// # Errors
    /// When the store fails: the activity must not be acknowledged then.
    pub async fn record(&self, inbound: &Inbound<'_>) -> Result<Effect, StoreError> {
        let ports = &self.env.ports;
        let (objects, now) = (&*ports.objects, ports.clock.wall());
        let sender = match inbound.from {
            Some(person) => Some(persons::seen(objects, person, now).await?),
            None => None,
        };
        let Some(change) = inbound.change else {
            return Ok(Effect::Unchanged);
        };
        let references = &*ports.references;
        let Some(person) = self.person_of(inbound, change).await? else {
            return change::record(references, change, now).await;
        };
        let known = match sender.filter(|_| inbound.from == Some(&person)) {
            Some(known) => known,
            None => persons::seen(objects, &person, now).await?,
        };
        if change.event == Event::Removed {
            persons::removed(ports, &person, &change.key, change.at).await?;
        } else if known.was_removed_since(change.at) {
            return Ok(Effect::Unchanged);
        }
        let contradiction = self.contradiction(change, &known).await?;
        let effect = change::record(references, change, now).await?;
        if let Some(opted_in) = contradiction {
            change::record(references, &opted_in, now).await?;
        }
        let added = match effect {
            Effect::Added => Added::Yes,
            Effect::Stored => Added::No,
            Effect::Unchanged => return Ok(effect),
        };
        persons::stored_chat(ports, &person, &known, change, added).await?;
        Ok(effect)
    }

    /// What mends a chat's reference that says that its person opted out, from before they said that they want
    /// notifications again: what happens there now would make it look newer than that.
    async fn contradiction(
        &self,
        change: &Change,
        known: &PersonRecord,
    ) -> Result<Option<Change>, StoreError> {
        let preference = known.preference;
        let Some(opted_in) = preference.filter(|known| known.is == Preference::OptedIn) else {
            return Ok(None);
        };
        let stored = self.env.ports.references.read(&change.key).await?;
        let target = stored.and_then(Stored::listed).map(|listed| listed.target);
        let outdated = target.is_some_and(|target| {
            target.delivery_status == DeliveryStatus::OptedOut && target.event_at <= opted_in.at
        });
        Ok(outdated.then(|| Change {
            event: Event::OptedIn,
            ..change.clone()
        }))
    }

    /// The person whose personal chat a change is about; `None` where it is about a chat or a team.
    async fn person_of(&self, inbound: &Inbound<'_>, change: &Change) -> Result<Option<Person>, StoreError> {
        match &change.event {
            Event::Installed(installation) | Event::Seen(installation) => {
                Ok(Person::of(&installation.target))
            }
            Event::Removed if inbound.scope == Some(Scope::Personal) => {
                if let Some(person) = inbound.from {
                    return Ok(Some(person.clone()));
                }
                // It names nobody: what is stored of the chat may.
                let stored = self.env.ports.references.read(&change.key).await?;
                let target = stored.and_then(Stored::listed).map(|listed| listed.target);
                Ok(target.as_ref().and_then(Person::of))
            }
            _ => Ok(None),
        }
    }

    /// Ends the block mark of a person, named by Entra object id or Teams id (`29:…`), or of everybody. Returns how many were
    /// marked.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn unblock(&self, whom: Unblock<'_>) -> Result<u32, StoreError> {
        let ports = &self.env.ports;
        let whom = match whom {
            Unblock::Person(written) => Some(PersonKey::of(written).hash()),
            Unblock::Everybody => None,
        };
        let now = ports.clock.wall();
        persons::lift_blocks(&*ports.objects, &self.env.settings.bot, whom, now).await
    }
}

/// What an activity tells.
#[derive(Clone, Copy, Debug)]
pub struct Inbound<'a> {
    /// Who it is from, where it is from a person.
    pub from: Option<&'a Person>,
    /// Kind of the conversation that the bot is installed in; none for one that is no installation, as a Copilot chat.
    pub scope: Option<Scope>,
    /// What it changes about an installation.
    pub change: Option<&'a Change>,
}

/// Whose block marks are ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unblock<'a> {
    /// The person's of this id.
    Person(&'a str),
    /// All.
    Everybody,
}
