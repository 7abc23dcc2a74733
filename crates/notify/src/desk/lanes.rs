//! What is known of lanes without holding them.

use super::Desk;
use crate::{
    ids::TenantId,
    names,
    ports::{Read, ReadIf, StoreError},
};

impl Desk {
    /// Whether a tenant's lane was ever used or has work: a hint may name any tenant, and following it would make the
    /// lane.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn has_lane(&self, tenant: &TenantId) -> Result<bool, StoreError> {
        let (objects, bot) = (&*self.env.ports.objects, &self.env.settings.bot);
        if let Read::Found(_) = objects.read(&names::lease(bot, tenant), ReadIf::Any).await? {
            return Ok(true);
        }
        let work = objects.list(&names::work(bot, tenant), None, 1).await?;
        Ok(!work.entries.is_empty())
    }
}
