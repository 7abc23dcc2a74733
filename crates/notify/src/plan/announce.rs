//! Tells the lanes that there is work: markers, bells, hints. Harmless when repeated.

use crate::{
    ids::{NotificationId, TenantId},
    names,
    notification::Notification,
    ports::{Hint, Ports, StoreError, WriteError, WriteIf},
    settings::Settings,
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
    let timeline = keep_in_timeline(ports, notification);
    let parts: &[_] = match (&notification.plan, notification.finished_at) {
        (Some(plan), None) => &plan.parts,
        _ => &[],
    };
    // Boxed, so that the compiler can see that the whole is `Send`.
    let markers: Vec<BoxFuture<'_, Result<(), StoreError>>> = parts
        .iter()
        .map(|part| announce_part(ports, settings, notification, part.tenant.clone()).boxed())
        .collect();
    let markers = stream::iter(markers)
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>();
    futures::try_join!(timeline, markers).map(|_| ())
}

/// Enters a notification in the list by time.
pub(crate) async fn keep_in_timeline(ports: &Ports, notification: &Notification) -> Result<(), StoreError> {
    let name = names::timeline_entry(&notification.bot, notification.created_at, &notification.id);
    put(ports, &name, Bytes::new()).await
}

/// Enters a notification among those that stand still, ahead of stopping it: the reconciler looks after its expiry.
pub(crate) async fn keep_as_stopped(ports: &Ports, id: &NotificationId) -> Result<(), StoreError> {
    put(ports, &names::stopped(id), Bytes::new()).await
}

async fn announce_part(
    ports: &Ports,
    settings: &Settings,
    notification: &Notification,
    tenant: TenantId,
) -> Result<(), StoreError> {
    let marker = names::marker(
        &settings.bot,
        &tenant,
        notification.priority,
        notification.created_at,
        &notification.id,
    );
    put(ports, &marker, Bytes::new()).await?;
    ring(ports, settings, &tenant).await?;
    ports.hints.send(Hint::Lane { tenant }, Duration::ZERO).await;
    Ok(())
}

/// Overwrites a lane's bell, so that its holder looks at its markers.
///
/// # Errors
/// When the store fails.
pub(crate) async fn ring(ports: &Ports, settings: &Settings, tenant: &TenantId) -> Result<(), StoreError> {
    put(ports, &names::bell(&settings.bot, tenant), Bytes::new()).await
}

async fn put(ports: &Ports, name: &str, body: Bytes) -> Result<(), StoreError> {
    let metadata = BTreeMap::from([("at".to_owned(), ports.clock.wall().as_millisecond().to_string())]);
    match ports.objects.write(name, body, &metadata, WriteIf::Any).await {
        Ok(_) | Err(WriteError::Conflict) => Ok(()),
        Err(WriteError::Store(error)) => Err(error),
    }
}
