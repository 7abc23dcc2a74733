//! What an outcome means for the stored reference: blocked is marked, a chat that was opened again is stored with its
//! new id, uninstalled and gone leave a tombstone after the run. Always conditional on the version that was planned
//! with, so that a reinstall survives.

use crate::{
    ids::{ConversationId, TenantId},
    ledger::{Replay, RowState, Settled},
    names,
    notification::Notification,
    outcome::Outcome,
    plan::chunk,
    ports::{Expected, Ports, Read, ReadIf, StoreError, WriteError},
    recipient::Recipient,
    settings::Settings,
    target::{Installation, Record, Standing, TargetKey, Tombstone},
};
use futures::{FutureExt, StreamExt, TryStreamExt, future::BoxFuture, stream};
use jiff::Timestamp;
use serde_json::Value;

/// Writes at a time.
const AT_ONCE: usize = 8;

fn key_of(settings: &Settings, recipient: &Recipient) -> TargetKey {
    let root: &ConversationId = recipient.root.as_ref().unwrap_or(&recipient.conversation);
    TargetKey {
        bot: settings.bot.clone(),
        tenant: recipient.tenant.clone(),
        root: root.clone(),
    }
}

/// What an answer of Teams says of a stored reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// The user blocked the bot.
    Blocked,
    /// The chat was gone, was opened again under this id, and took the message.
    Moved(ConversationId),
}

/// Keeps a finding with the reference, unless that changed since it was planned. A failure is logged: the next
/// notification meets the same answer.
pub(crate) async fn keep_finding(
    ports: &Ports,
    settings: &Settings,
    recipient: &Recipient,
    finding: &Finding,
) {
    let key = key_of(settings, recipient);
    let kept = match finding {
        Finding::Blocked => mark_blocked(ports, &key, recipient).await,
        Finding::Moved(conversation) => move_to(ports, &key, recipient, conversation).await,
    };
    match kept {
        Ok(()) | Err(WriteError::Conflict) => {}
        Err(WriteError::Store(error)) => {
            tracing::warn!(tenant = %key.tenant, conversation = %key.root, ?finding, %error, "a reference could not be changed");
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
        Record::Installed(installation) if recipient.version.as_ref() == Some(&stored.version) => {
            Some((installation, Expected::Version(stored.version)))
        }
        _ => None,
    })
}

async fn mark_blocked(ports: &Ports, key: &TargetKey, recipient: &Recipient) -> Result<(), WriteError> {
    if let Some((mut installation, expected)) = planned(ports, key, recipient).await? {
        installation.target.standing = Standing::Blocked;
        let record = Record::Installed(installation);
        ports.references.write(key, &record, &expected).await?;
    }
    Ok(())
}

/// The new reference first: a crash in between leaves both, and the old one is found to be gone again.
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
    if let Some(Value::Object(described)) = installation.reference.get_mut("conversation") {
        described.insert("id".to_owned(), conversation.as_str().into());
    }
    let record = Record::Installed(installation);
    match ports.references.write(&moved, &record, &Expected::Absent).await {
        Ok(_) => {}
        // What Teams told of the new chat meanwhile holds.
        Err(WriteError::Conflict) => match ports.references.read(&moved).await? {
            Some(stored) if matches!(stored.record, Record::Installed(_)) => {}
            _ => return Ok(()),
        },
        Err(error) => return Err(error),
    }
    let now = ports.clock.wall();
    let removed = Record::Removed(Tombstone {
        key: key.clone(),
        event_at: now,
        recorded_at: now,
    });
    ports.references.write(key, &removed, &expected).await.map(drop)
}

/// Leaves tombstones for a part's targets that are no longer there.
///
/// # Errors
/// When a store fails; done again it does no harm.
pub(crate) async fn bury(
    ports: &Ports,
    settings: &Settings,
    notification: &Notification,
    tenant: &TenantId,
) -> Result<(), StoreError> {
    let planned = notification.plan.as_ref().and_then(|plan| plan.part(tenant));
    for number in 0..planned.map_or(0, |part| part.chunks) {
        let dead = dead_rows(ports, notification, tenant, number).await?;
        // Boxed, so that the compiler can see that the whole is `Send`.
        let burials: Vec<BoxFuture<'_, Result<(), StoreError>>> = dead
            .into_iter()
            .map(|(recipient, settled)| bury_one(ports, settings, recipient, settled).boxed())
            .collect();
        stream::iter(burials)
            .buffer_unordered(AT_ONCE)
            .try_collect::<()>()
            .await?;
    }
    Ok(())
}

async fn dead_rows(
    ports: &Ports,
    notification: &Notification,
    tenant: &TenantId,
    number: u32,
) -> Result<Vec<(Recipient, Settled)>, StoreError> {
    let name = names::ledger(&notification.id, tenant, number);
    let Read::Found(ledger) = ports.objects.read(&name, ReadIf::Any).await? else {
        return Ok(Vec::new());
    };
    let audience = chunk::read(&*ports.objects, &notification.id, tenant, number).await?;
    let replay = Replay::read(&ledger.body, audience.first, audience.rows.len())?;
    let rows = audience.rows.into_iter().zip(replay.rows);
    Ok(rows
        .filter_map(|(recipient, log)| match log.state {
            RowState::Settled(settled) if matches!(settled.outcome, Outcome::Uninstalled | Outcome::Gone) => {
                Some((recipient, *settled))
            }
            _ => None,
        })
        .collect())
}

async fn bury_one(
    ports: &Ports,
    settings: &Settings,
    recipient: Recipient,
    settled: Settled,
) -> Result<(), StoreError> {
    let key = key_of(settings, &recipient);
    let Some(version) = recipient.version else {
        return Ok(());
    };
    let at = Timestamp::from_millisecond(settled.at).unwrap_or_else(|_| ports.clock.wall());
    let record = Record::Removed(Tombstone {
        key: key.clone(),
        event_at: at,
        recorded_at: ports.clock.wall(),
    });
    match ports
        .references
        .write(&key, &record, &Expected::Version(version))
        .await
    {
        Ok(_) | Err(WriteError::Conflict) => Ok(()),
        Err(WriteError::Store(error)) => Err(error),
    }
}
