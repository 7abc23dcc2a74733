//! What persons say and do, and what an operator does for them.

use super::NotificationService;
use crate::{
    change::{self, Change, Effect, Event},
    lane::Lane,
    person::PersonKey,
    persons::{self, Added, Admitted, Person, Preference},
    ports::{StoreError, Stored},
    target::{Scope, TargetKey},
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
        let objects = &*ports.objects;
        let admitted = match inbound.from {
            Some(person) => persons::seen(objects, person, inbound.at, ports.clock.wall()).await?,
            None => Admitted::Yes,
        };
        let Some(change) = inbound.change else {
            return Ok(Effect::Unchanged);
        };
        let references = &*ports.references;
        let Some(person) = self.person_of(inbound, change).await? else {
            return change::record(references, change, ports.clock.wall()).await;
        };
        if change.event == Event::Removed {
            persons::removed(objects, &person, change.at).await?;
        } else if admitted == Admitted::FromBeforeARemoval {
            return Ok(Effect::Unchanged);
        }
        let effect = change::record(references, change, ports.clock.wall()).await?;
        let added = match effect {
            Effect::Added => Added::Yes,
            Effect::Stored => Added::No,
            Effect::Unchanged => return Ok(effect),
        };
        persons::stored_chat(ports, &person, change, added).await?;
        Ok(effect)
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
    /// When it was sent.
    pub at: Timestamp,
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
