//! What an outcome means for what is stored: who blocked the bot is marked, a chat that was opened again and took the
//! message is stored with its new id, a channel that was not there while General took the message is marked, and an address
//! that was wrong is replaced by the one at which the message was taken. Nothing else: that a place is gone is what an
//! event says, never an answer alone. References only change if they are still what was planned with, so that a reinstall
//! survives.

use crate::{
    ids::ConversationId,
    persons::{self, Person},
    ports::{Expected, Ports, StoreError, WriteError},
    recipient::Recipient,
    settings::Settings,
    target::{Installation, ReferenceRecord, Target, TargetKey, Tombstone},
    worker::state::effect::ReferenceUpdate,
};

/// Where the reference of a recipient is.
pub(super) fn key_of(settings: &Settings, recipient: &Recipient) -> TargetKey {
    let root: &ConversationId = recipient.root.as_ref().unwrap_or(&recipient.conversation);
    TargetKey {
        bot: settings.bot.clone(),
        tenant: recipient.tenant.clone(),
        root: root.clone(),
    }
}

/// Stores a reference update, unless the reference changed since it was planned. A failure is logged: the next
/// notification meets the same answer.
pub(super) async fn apply(
    ports: &Ports,
    settings: &Settings,
    recipient: &Recipient,
    update: &ReferenceUpdate,
) {
    let key = key_of(settings, recipient);
    let kept = match update {
        ReferenceUpdate::Blocked => mark(ports, settings, recipient, Mark::Blocked)
            .await
            .map_err(Into::into),
        ReferenceUpdate::Unblocked => mark(ports, settings, recipient, Mark::Reached)
            .await
            .map_err(Into::into),
        ReferenceUpdate::Moved(conversation) => move_to(ports, &key, recipient, conversation).await,
        ReferenceUpdate::ChannelAbsent => {
            let now = ports.clock.wall();
            edit(ports, &key, recipient, |target| {
                target.preferred_channel_absent_at = Some(now)
            })
            .await
        }
        ReferenceUpdate::Readdressed => edit(ports, &key, recipient, |_| {}).await,
    };
    match kept {
        Ok(()) | Err(WriteError::Conflict) => {}
        Err(WriteError::Store(error)) => {
            tracing::warn!(tenant_id = %key.tenant, conversation_id = %key.root, ?update, %error, "a reference could not be changed");
        }
    }
}

/// The installation as it was planned with.
async fn planned(
    ports: &Ports,
    key: &TargetKey,
    recipient: &Recipient,
) -> Result<Option<(Box<Installation>, Expected)>, StoreError> {
    let Some(stored) = ports.references.read(key).await? else {
        return Ok(None);
    };
    Ok(match stored.record {
        ReferenceRecord::Installed(installation) if recipient.version.as_ref() == Some(&stored.version) => {
            Some((installation, Expected::Version(stored.version)))
        }
        _ => None,
    })
}

/// What an answer says of a person.
#[derive(Clone, Copy)]
enum Mark {
    Blocked,
    Reached,
}

/// The mark is the person's, whichever chat they were written to in.
async fn mark(
    ports: &Ports,
    settings: &Settings,
    recipient: &Recipient,
    mark: Mark,
) -> Result<(), StoreError> {
    let Some(person) = Person::of_recipient(&settings.bot, recipient) else {
        return Ok(());
    };
    let now = ports.clock.wall();
    let marked = persons::update(&*ports.objects, &person, |record| match mark {
        Mark::Blocked => record.block(now),
        Mark::Reached => record.reached(now),
    });
    marked.await.map(drop)
}

/// Edits the reference of a recipient, and stores the address at which it was answered.
async fn edit(
    ports: &Ports,
    key: &TargetKey,
    recipient: &Recipient,
    edit: impl FnOnce(&mut Target),
) -> Result<(), WriteError> {
    if let Some((mut installation, expected)) = planned(ports, key, recipient).await? {
        edit(&mut installation.target);
        readdress(&mut installation, recipient);
        let record = ReferenceRecord::Installed(installation);
        ports.references.write(key, &record, &expected).await?;
    }
    Ok(())
}

/// The recipient was reached at this address, which may be another than the planned one.
fn readdress(installation: &mut Installation, recipient: &Recipient) {
    if installation.target.service_url != recipient.service_url {
        installation.target.service_url = recipient.service_url.clone();
        installation.reference.readdress(&recipient.service_url);
    }
}

fn removed(ports: &Ports, key: &TargetKey) -> ReferenceRecord {
    let now = ports.clock.wall();
    ReferenceRecord::Removed(Tombstone {
        key: key.clone(),
        event_at: now,
        recorded_at: now,
    })
}

/// The new reference first: a crash in between leaves both, and the lane sees to it that one of them
/// gets the message.
async fn move_to(
    ports: &Ports,
    key: &TargetKey,
    recipient: &Recipient,
    conversation: &ConversationId,
) -> Result<(), WriteError> {
    if key.root == *conversation {
        return Ok(());
    }
    let Some((mut installation, expected)) = planned(ports, key, recipient).await? else {
        return Ok(());
    };
    let mut moved = key.clone();
    moved.root = conversation.clone();
    installation.target.key = moved.clone();
    installation.reference.move_to(conversation);
    readdress(&mut installation, recipient);
    let record = ReferenceRecord::Installed(installation);
    match ports.references.write(&moved, &record, &Expected::Absent).await {
        Ok(_) => {}
        // What Teams reported of the new chat meanwhile holds.
        Err(WriteError::Conflict) => match ports.references.read(&moved).await? {
            Some(stored) if matches!(stored.record, ReferenceRecord::Installed(_)) => {}
            _ => return Ok(()),
        },
        Err(error) => return Err(error),
    }
    if let Some(person) = Person::of_recipient(&key.bot, recipient) {
        let now = ports.clock.wall();
        persons::update(&*ports.objects, &person, |record| {
            if !record.chats.is_empty() {
                record.lost(&key.root);
                record.saw(conversation, now);
            }
        })
        .await?;
    }
    let removed = removed(ports, key);
    ports.references.write(key, &removed, &expected).await.map(drop)
}
