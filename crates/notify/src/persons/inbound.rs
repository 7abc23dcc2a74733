//! What an activity says of the person it is from. It is stored before the activity is acknowledged.

use super::{
    Person, PersonRecord,
    store::{self, readable},
};
use crate::{
    change::{self, Change, Event},
    ports::{ObjectStore, Ports, StoreError},
    target::{Scope, Target, TargetKey},
};
use jiff::Timestamp;

/// Somebody did something, and it came in `now`: a block of before is over, and what was stored of them under one id is
/// joined with what is known by the other. Returns what is stored of them then.
///
/// # Errors
/// When the store fails.
pub async fn seen(
    objects: &dyn ObjectStore,
    person: &Person,
    now: Timestamp,
) -> Result<PersonRecord, StoreError> {
    // Marks have our time, and Teams' clock is another one.
    let updated = store::update(objects, person, |record| record.unblock(now)).await;
    Ok(readable(&person.tenant, updated)?.unwrap_or_default())
}

/// A person removed the bot: whatever chats they have are no installations any more.
///
/// # Errors
/// When the store fails.
pub async fn removed(
    ports: &Ports,
    person: &Person,
    chat: &TargetKey,
    at: Timestamp,
) -> Result<(), StoreError> {
    let updated = store::update(&*ports.objects, person, |record| record.remove(at)).await;
    readable(&person.tenant, updated)?;
    // The record is forgotten after a while: by then the references must say so too.
    for other in person.chats(&*ports.references).await? {
        if other.key != *chat && other.event_at <= at {
            let change = Change {
                key: other.key,
                at,
                event: Event::Removed,
            };
            change::record(&*ports.references, &change, ports.clock.wall()).await?;
        }
    }
    Ok(())
}

/// A chat of a person was stored. Where they have another, both are noted, and the one where something happened last is
/// written to; what an earlier version stored of their preference in the other one is theirs. `known` is their record,
/// `added` says whether the chat was there before.
///
/// # Errors
/// When the store fails.
pub async fn stored_chat(
    ports: &Ports,
    person: &Person,
    known: &PersonRecord,
    change: &Change,
    added: Added,
) -> Result<(), StoreError> {
    let (Event::Installed(installation) | Event::Seen(installation)) = &change.event else {
        return Ok(());
    };
    if installation.target.scope != Scope::Personal {
        return Ok(());
    }
    let root = &change.key.root;
    let mut others: Vec<Target> = Vec::new();
    match (known.chats.is_empty(), added) {
        // The one that is written to, or not one of several.
        (false, _) if known.target() == Some(root) => return Ok(()),
        (true, Added::No) => return Ok(()),
        (false, _) => {}
        (true, Added::Yes) => {
            others.extend(person.chats(&*ports.references).await?);
            others.retain(|other| other.key.root != *root);
            if others.is_empty() {
                return Ok(());
            }
        }
    }
    let updated = store::update(&*ports.objects, person, |record| {
        for other in &others {
            record.learn(other);
        }
        record.saw(root, change.at);
    });
    readable(&person.tenant, updated.await).map(drop)
}

/// Whether a reference was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It was not.
    Yes,
    /// It was.
    No,
}
