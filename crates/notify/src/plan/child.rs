//! Audiences of child notifications (edit and recall): the parent's recipients with what became of them.

use super::{
    Planner,
    child_rows::{self, Found, ParentPosts},
    wait::WaitLimit,
};
use crate::{
    ids::{NotificationId, TenantId},
    lane::Lane,
    notification::Plan,
    ports::{Created, Read, ReadIf, StoreError},
    store::audience::{self, Draft},
    store::keys,
    store::ledger::Replay,
    store::notifications::{self, LoadError},
};

impl Planner<'_> {
    /// Plans the recipients of the parent that have, or may have, a message; `None` while some are under way.
    pub(super) async fn of_parent(&self, parent: &NotificationId) -> Result<Option<Plan>, StoreError> {
        let mut plan = Plan::default();
        let parent = match notifications::load(&*self.ports.objects, parent).await {
            Ok((parent, _)) => parent,
            // Outlived meanwhile, with all that is known of its messages.
            Err(LoadError::Missing) => return Ok(Some(plan)),
            Err(error) => return Err(super::as_store_error(error)),
        };
        let wait_limit = self.wait_limit();
        let ends_soon = parent.cancelled_at.is_some() && !parent.is_over();
        if wait_limit == WaitLimit::WithinLimit && (ends_soon || self.follows_another(&parent).await?) {
            return Ok(None);
        }
        for part in parent.plan.iter().flat_map(|plan| &plan.parts) {
            let mut progress = self.progress(&part.tenant).await?;
            let mut number = child_rows::next_chunk(progress.next.as_ref(), part.chunks);
            while number < part.chunks {
                let found = self
                    .rows_of(&parent.id, &part.tenant, number, progress.rows)
                    .await?;
                // A parent that stands still may have posts whose outcome is not written yet.
                if found.posts == ParentPosts::UnderWay
                    && wait_limit == WaitLimit::WithinLimit
                    && !parent.is_over()
                {
                    return Ok(None);
                }
                let rows = found.rows;
                number += 1;
                let ends = number >= part.chunks;
                if rows.is_empty() && !(ends && progress.chunks > 0) {
                    continue;
                }
                let next = child_rows::trailer(number, part.chunks);
                let draft = Draft::of(progress.rows, &rows)?;
                drop(rows);
                if self.write_chunk(&part.tenant, &mut progress, draft, next).await? == Created::AlreadyThere
                {
                    progress = self.progress(&part.tenant).await?;
                    number = child_rows::next_chunk(progress.next.as_ref(), part.chunks);
                }
            }
            plan.add(&part.tenant, &progress);
        }
        Ok(Some(plan))
    }

    async fn rows_of(
        &self,
        parent: &NotificationId,
        tenant: &TenantId,
        number: u32,
        first: u32,
    ) -> Result<Found, StoreError> {
        let objects = &*self.ports.objects;
        let lane = Lane::Connector(tenant.clone());
        let chunk = audience::read(objects, parent, &lane, number).await?;
        let ledger = match objects
            .read(&keys::ledger(parent, &lane, number), ReadIf::Any)
            .await?
        {
            Read::Found(object) => object.body,
            Read::Missing | Read::Unchanged => bytes::Bytes::new(),
        };
        let replay = Replay::read(&ledger, chunk.first, chunk.rows.len())?;
        Ok(child_rows::of(chunk.rows, replay.rows, first))
    }
}
