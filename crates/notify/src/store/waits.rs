//! What the lanes of a notification wait for, read from the objects of their leases.

use crate::{
    evidence::Waiting,
    ids::{BotId, TenantId},
    lane::Lane,
    ports::{ObjectStore, Read, ReadIf, StoreError},
    store::{keys, lease_note::LeaseNote},
};
use futures::future::try_join_all;

/// Lanes that are looked at for one answer.
pub(crate) const MOST: usize = 20;
/// Read at a time.
const AT_ONCE: usize = 5;

/// A tenant that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantWait {
    /// The tenant.
    pub tenant: TenantId,
    /// What for.
    pub waiting: Waiting,
}

/// Which of these tenants wait; of more than [`MOST`] only the first are looked at.
pub(crate) async fn of(
    objects: &dyn ObjectStore,
    bot: &BotId,
    tenants: impl IntoIterator<Item = TenantId>,
) -> Result<Vec<TenantWait>, StoreError> {
    let tenants: Vec<TenantId> = tenants.into_iter().take(MOST).collect();
    let mut waits = Vec::new();
    for some in tenants.chunks(AT_ONCE) {
        let found = try_join_all(some.iter().map(|tenant| wait_of(objects, bot, tenant))).await?;
        waits.extend(found.into_iter().flatten());
    }
    Ok(waits)
}

async fn wait_of(
    objects: &dyn ObjectStore,
    bot: &BotId,
    tenant: &TenantId,
) -> Result<Option<TenantWait>, StoreError> {
    let name = keys::lease(bot, &Lane::Connector(tenant.clone()));
    let waiting = match objects.read(&name, ReadIf::Any).await? {
        Read::Found(object) => LeaseNote::read(&object.body, &object.metadata).waiting,
        Read::Missing | Read::Unchanged => None,
    };
    Ok(waiting.map(|waiting| TenantWait {
        tenant: tenant.clone(),
        waiting,
    }))
}
