//! What an outcome means for the stored reference: blocked is marked, uninstalled and gone leave a tombstone after the
//! run. Always conditional on the version that was planned with, so that a reinstall survives.

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
    target::{Record, Standing, TargetKey, Tombstone},
};
use futures::{FutureExt, StreamExt, TryStreamExt, future::BoxFuture, stream};
use jiff::Timestamp;

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

/// Marks a target whose user blocked the bot, unless the reference changed since it was planned. A failure is logged:
/// the next notification meets the same answer.
pub(crate) async fn mark_blocked(ports: &Ports, settings: &Settings, recipient: &Recipient) {
    let key = key_of(settings, recipient);
    let result = async {
        let Some(stored) = ports.references.read(&key).await? else {
            return Ok(());
        };
        let Record::Installed(mut installation) = stored.record else {
            return Ok(());
        };
        if recipient.version.as_ref() != Some(&stored.version) {
            return Ok(());
        }
        installation.target.standing = Standing::Blocked;
        let record = Record::Installed(installation);
        match ports
            .references
            .write(&key, &record, &Expected::Version(stored.version))
            .await
        {
            Ok(_) | Err(WriteError::Conflict) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    };
    let result: Result<(), StoreError> = result.await;
    if let Err(error) = result {
        tracing::warn!(tenant = %key.tenant, conversation = %key.root, %error, "a blocked target could not be marked");
    }
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
