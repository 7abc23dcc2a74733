//! Audiences of child notifications (edit and recall): the parent's recipients with what became of them.

use super::{
    Planner,
    chunk::{self, Created, Next},
};
use crate::{
    ids::{NotificationId, TenantId},
    ledger::{Replay, RowState},
    names,
    notification::Plan,
    outcome::Outcome,
    ports::{Continuation, Read, ReadIf, StoreError},
    recipient::{Presettled, Recipient},
    stored,
};

impl Planner<'_> {
    /// Plans the recipients of the parent that have, or may have, a message.
    pub(super) async fn of_parent(&self, parent: &NotificationId) -> Result<Plan, StoreError> {
        let (parent, _) = stored::load(&*self.ports.objects, parent)
            .await
            .map_err(super::as_store_error)?;
        let mut plan = Plan::default();
        for part in parent.plan.iter().flat_map(|plan| &plan.parts) {
            let mut progress = self.progress(&part.tenant).await?;
            // The parent's next chunk to look at travels in the place of the listing's continuation.
            let mut number = match &progress.next {
                None => 0,
                Some(Next::Listing(Continuation(next))) => next.parse().unwrap_or(0),
                Some(Next::ListingEnd | Next::NamesEnd) => part.chunks,
            };
            while number < part.chunks {
                let mut rows = self
                    .rows_of(&parent.id, &part.tenant, number, progress.rows)
                    .await?;
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
                if self
                    .write_chunk(&part.tenant, &mut progress, &mut rows, next)
                    .await?
                    == Created::AlreadyThere
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
        Ok(plan)
    }

    async fn rows_of(
        &self,
        parent: &NotificationId,
        tenant: &TenantId,
        number: u32,
        first: u32,
    ) -> Result<Vec<Recipient>, StoreError> {
        let objects = &*self.ports.objects;
        let chunk = chunk::read(objects, parent, tenant, number).await?;
        let ledger = match objects
            .read(&names::ledger(parent, tenant, number), ReadIf::Any)
            .await?
        {
            Read::Found(object) => object.body,
            Read::Missing | Read::Unchanged => bytes::Bytes::new(),
        };
        let replay = Replay::read(&ledger, chunk.first, chunk.rows.len())?;
        let mut rows = Vec::new();
        for (mut row, log) in chunk.rows.into_iter().zip(replay.rows) {
            let (activity, conversation) = match log.state {
                RowState::Settled(settled) if settled.activity.is_some() => {
                    (settled.activity, settled.conversation)
                }
                RowState::Settled(settled)
                    if matches!(settled.outcome, Outcome::Delivered | Outcome::Uncertain) =>
                {
                    (None, settled.conversation)
                }
                _ => continue,
            };
            row.n = first + u32::try_from(rows.len()).unwrap_or(u32::MAX);
            row.settled = activity.is_none().then_some(Presettled::NoActivityId);
            row.activity = activity;
            if let Some(conversation) = conversation {
                row.root = row.root.or(Some(row.conversation));
                row.conversation = conversation;
            }
            rows.push(row);
        }
        Ok(rows)
    }
}
