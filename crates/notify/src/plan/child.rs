//! Audiences of child notifications (edit and recall): the parent's recipients with what became of them.

use super::{Planner, wait::WaitLimit};
use crate::{
    ids::{NotificationId, TenantId},
    notification::Plan,
    outcome::Outcome,
    ports::{Continuation, Created, Read, ReadIf, StoreError},
    recipient::{PreResolved, Recipient},
    store::audience::{self, Draft, Next},
    store::keys,
    store::ledger::{Replay, RowState},
    store::notifications::{self, LoadError},
};

/// A chunk's recipients that have, or may have, a message.
struct Found {
    rows: Vec<Recipient>,
    posts: ParentPosts,
}

/// Whether the parent's posts all have an outcome.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ParentPosts {
    Settled,
    UnderWay,
}

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
            // The parent's next chunk to look at travels in the place of the listing's continuation.
            let mut number = match &progress.next {
                None => 0,
                Some(Next::Listing(Continuation(next))) => next.parse().unwrap_or(0),
                Some(Next::ListingEnd | Next::NamesEnd) => part.chunks,
            };
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
                let next = if ends {
                    Next::ListingEnd
                } else {
                    Next::Listing(Continuation(number.to_string()))
                };
                let draft = Draft::of(progress.rows, &rows)?;
                drop(rows);
                if self.write_chunk(&part.tenant, &mut progress, draft, next).await? == Created::AlreadyThere
                {
                    progress = self.progress(&part.tenant).await?;
                    number = match &progress.next {
                        Some(Next::Listing(Continuation(next))) => next.parse().unwrap_or(number),
                        _ => part.chunks,
                    };
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
        let chunk = audience::read(objects, parent, tenant, number).await?;
        let ledger = match objects
            .read(&keys::ledger(parent, tenant, number), ReadIf::Any)
            .await?
        {
            Read::Found(object) => object.body,
            Read::Missing | Read::Unchanged => bytes::Bytes::new(),
        };
        let replay = Replay::read(&ledger, chunk.first, chunk.rows.len())?;
        let mut rows = Vec::new();
        let mut posts = ParentPosts::Settled;
        for (mut row, log) in chunk.rows.into_iter().zip(replay.rows) {
            let (activity, conversation) = match log.state {
                RowState::Settled(settled) if settled.activity.is_some() => {
                    (settled.activity, settled.conversation)
                }
                RowState::Settled(settled)
                    if log.ambiguous_attempts > 0
                        || matches!(settled.outcome, Outcome::Delivered | Outcome::Uncertain) =>
                {
                    (None, settled.conversation)
                }
                // No outcome since: the message may have arrived.
                RowState::Intended => {
                    posts = ParentPosts::UnderWay;
                    (None, None)
                }
                RowState::Waiting(_) if log.ambiguous_attempts > 0 => (None, None),
                _ => continue,
            };
            row.n = first + u32::try_from(rows.len()).unwrap_or(u32::MAX);
            row.settled = activity.is_none().then_some(PreResolved::NoActivityId);
            row.activity = activity;
            if let Some(conversation) = conversation {
                row.root = row.root.or(Some(row.conversation));
                row.conversation = conversation;
            }
            rows.push(row);
        }
        Ok(Found { rows, posts })
    }
}
