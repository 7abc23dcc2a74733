//! Announces work to the lanes: work items, change signal, wake-ups. Harmless when repeated.

use crate::{
    env::Env,
    ids::{BotId, NotificationId},
    lane::Lane,
    notification::Notification,
    ports::{Ports, StoreError, WakeUp, WriteError, WriteIf},
    settings::Settings,
    store::{bot_signal, keys, timeline},
};
use bytes::Bytes;
use futures::{FutureExt, StreamExt, TryStreamExt, future::BoxFuture, stream};
use std::{collections::BTreeMap, time::Duration};

/// Requests at a time.
const AT_ONCE: usize = 16;

/// Announces every unfinished part of a planned notification.
///
/// # Errors
/// When the store fails; what was announced stays announced.
pub(crate) async fn announce(
    ports: &Ports,
    settings: &Settings,
    notification: &Notification,
) -> Result<(), StoreError> {
    let timeline = timeline::enter(ports, notification);
    let parts: &[_] = match (&notification.plan, notification.finished_at) {
        (Some(plan), None) => &plan.parts,
        _ => &[],
    };
    // Boxed, so that the compiler can see that the whole is `Send`.
    let work_items: Vec<BoxFuture<'_, Result<(), StoreError>>> = parts
        .iter()
        .map(|part| announce_part(ports, settings, notification, part.lane()).boxed())
        .collect();
    let work_items = stream::iter(work_items)
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>();
    futures::try_join!(timeline, work_items).map(|_| ())
}

/// Enters a notification among those that stand still, ahead of stopping it: the reconciler ends it when it expires.
pub(crate) async fn keep_as_stopped(env: &Env, id: &NotificationId) -> Result<(), StoreError> {
    put(&env.ports, &keys::stopped(id), Bytes::new()).await?;
    bot_signal::give(&env.ports, &env.settings.bot).await
}

async fn announce_part(
    ports: &Ports,
    settings: &Settings,
    notification: &Notification,
    lane: Lane,
) -> Result<(), StoreError> {
    let work_item = keys::work_item(
        &settings.bot,
        &lane,
        notification.priority,
        notification.created_at,
        &notification.id,
    );
    put(ports, &work_item, Bytes::new()).await?;
    ring(ports, &settings.bot, &lane).await?;
    ports.wake_ups.send(WakeUp::Lane(lane), Duration::ZERO).await;
    Ok(())
}

/// Overwrites the change signals of all lanes of a planned notification, so that their owners read it again.
///
/// # Errors
/// When the store fails; who was told stays told.
pub(crate) async fn ring_all(
    ports: &Ports,
    bot: &BotId,
    notification: &Notification,
) -> Result<(), StoreError> {
    let parts = notification.plan.iter().flat_map(|plan| &plan.parts);
    let signals: Vec<BoxFuture<'_, Result<(), StoreError>>> = parts
        .map(|part| async move { ring(ports, bot, &part.lane()).await }.boxed())
        .collect();
    stream::iter(signals)
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await
}

/// Overwrites a lane's change signal, so that its owner lists its work items.
///
/// # Errors
/// When the store fails.
pub(crate) async fn ring(ports: &Ports, bot: &BotId, lane: &Lane) -> Result<(), StoreError> {
    put(ports, &keys::change_signal(bot, lane), Bytes::new()).await
}

async fn put(ports: &Ports, name: &str, body: Bytes) -> Result<(), StoreError> {
    let metadata = BTreeMap::from([("at".to_owned(), ports.clock.wall().as_millisecond().to_string())]);
    match ports.objects.write(name, body, &metadata, WriteIf::Any).await {
        Ok(_) | Err(WriteError::Conflict) => Ok(()),
        Err(WriteError::Store(error)) => Err(error),
    }
}
