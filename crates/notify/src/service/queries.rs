//! Queries: which lanes there are, what waits for its planner.

use super::NotificationService;
use crate::{
    ids::NotificationId,
    lane::Lane,
    ports::{ReadIf, StoreError},
    store::audience::entries,
    store::keys,
    worker,
};

impl NotificationService {
    /// Whether work is marked in a tenant's lane.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn has_work(&self, lane: &Lane) -> Result<bool, StoreError> {
        worker::has_work(&self.env, lane).await
    }

    /// Whether the store of notifications answers: one read of something that need not be there.
    ///
    /// # Errors
    /// When it doesn't.
    pub async fn answers(&self) -> Result<(), StoreError> {
        let name = keys::planning(&NotificationId::from("health"));
        self.env.ports.objects.read(&name, ReadIf::Any).await.map(|_| ())
    }

    /// Notifications of any bot that wait for their planner, in no order: [`NotificationService::list`] doesn't have them yet.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn waiting(&self) -> Result<Vec<NotificationId>, StoreError> {
        let entries = entries(&*self.env.ports.objects, keys::PLANNING).await?;
        let id = |name: &str| name.strip_prefix(keys::PLANNING).map(NotificationId::from);
        Ok(entries.iter().filter_map(|entry| id(&entry.name)).collect())
    }
}
