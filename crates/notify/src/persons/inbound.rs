//! What an activity says of the person it is from. It is stored before the activity is acknowledged.

use super::{Person, store};
use crate::{
    change::{Change, Event},
    ids::ConversationId,
    ports::{ObjectStore, Ports, StoreError},
    target::Scope,
};
use jiff::Timestamp;

/// Whether what an activity tells of a chat still counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admitted {
    /// It does.
    Yes,
    /// The person removed the bot since, in whichever chat: it changes nothing.
    FromBeforeARemoval,
}

/// Somebody did something at `at`, and it came in `now`: a block of before is over, and what was stored of them under one id
/// is joined with what is known by the other. Says whether the activity still counts.
///
/// # Errors
/// When the store fails.
pub async fn seen(
    objects: &dyn ObjectStore,
    person: &Person,
    at: Timestamp,
    now: Timestamp,
) -> Result<Admitted, StoreError> {
    // Marks have our time, and Teams' clock is another one.
    let known = match store::update(objects, person, |record| record.unblock(now)).await {
        Ok(record) => record,
        Err(StoreError::Damaged(error)) => {
            tracing::warn!(tenant_id = %person.tenant, error, "a person's record can't be read and is left alone");
            return Ok(Admitted::Yes);
        }
        Err(error) => return Err(error),
    };
    Ok(match known.was_removed_since(at) {
        true => Admitted::FromBeforeARemoval,
        false => Admitted::Yes,
    })
}

/// A person removed the bot: whatever chats they have are no installations any more.
///
/// # Errors
/// When the store fails.
pub async fn removed(objects: &dyn ObjectStore, person: &Person, at: Timestamp) -> Result<(), StoreError> {
    store::update(objects, person, |record| record.remove(at))
        .await
        .map(drop)
}

/// A chat of a person was stored. Where they have another, both are noted, and the one where something happened last is
/// written to. `added`: it was not there before.
///
/// # Errors
/// When the store fails.
pub async fn stored_chat(
    ports: &Ports,
    person: &Person,
    change: &Change,
    added: Added,
) -> Result<(), StoreError> {
    let (Event::Installed(installation) | Event::Seen(installation)) = &change.event else {
        return Ok(());
    };
    if installation.target.scope != Scope::Personal {
        return Ok(());
    }
    let objects = &*ports.objects;
    let root = &change.key.root;
    let known = store::read(objects, person).await?;
    let mut others: Vec<(ConversationId, Timestamp)> = Vec::new();
    match (known.chats.is_empty(), added) {
        // The one that is written to, or not one of several.
        (false, _) if known.target() == Some(root) => return Ok(()),
        (true, Added::No) => return Ok(()),
        (false, _) => {}
        (true, Added::Yes) => {
            for other in person.chats(&*ports.references).await? {
                if other.key.root != *root {
                    others.push((other.key.root, other.event_at));
                }
            }
            if others.is_empty() {
                return Ok(());
            }
        }
    }
    store::update(objects, person, |record| {
        for (other, at) in &others {
            record.saw(other, *at);
        }
        record.saw(root, change.at);
    })
    .await
    .map(drop)
}

/// Whether a reference was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It was not.
    Yes,
    /// It was.
    No,
}
