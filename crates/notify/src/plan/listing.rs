//! Audiences that are listed: everyone, or whole scopes and tenants.

use super::{Planner, named::NamedTargets};
use crate::{
    ids::TenantId,
    notification::{Plan, PlannedPart},
    ports::{Continuation, Created, Listed, StoreError},
    recipient::{PreResolved, Recipient},
    request::Audience,
    store::audience::{self, ChunkExtent, Draft, Next, ROWS},
    store::keys,
    target::DeliveryStatus,
};

/// How far a tenant's chunks go.
pub(super) struct Progress {
    pub(super) chunks: u32,
    pub(super) rows: u32,
    pub(super) next: Option<Next>,
}

impl Planner<'_> {
    /// Plans by listing; named targets are in anyway, those that nobody knows are added at the end.
    pub(super) async fn listed(&self, audience: &Audience) -> Result<Plan, StoreError> {
        let mut plan = Plan::default();
        for tenant in self.tenants(audience).await? {
            let progress = self.list_tenant(&tenant, audience).await?;
            plan.add(&tenant, &progress);
        }
        if audience.named() > 0 {
            let home = self.settings.home_tenant();
            let progress = self.add_unknown(&home, audience).await?;
            plan.parts.retain(|part| part.tenant != home);
            plan.add(&home, &progress);
        }
        Ok(plan)
    }

    /// What earlier planners wrote for a tenant.
    pub(super) async fn progress(&self, tenant: &TenantId) -> Result<Progress, StoreError> {
        let objects = &*self.ports.objects;
        let id = &self.notification.id;
        let prefix = format!("{}audience/", keys::part_prefix(id, tenant));
        let entries = audience::entries(objects, &prefix).await?;
        let Some(last) = entries.last() else {
            return Ok(Progress {
                chunks: 0,
                rows: 0,
                next: None,
            });
        };
        let chunks = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        let extent = ChunkExtent::of(last)
            .ok_or_else(|| StoreError::Damaged(format!("{} has no extent", last.name)))?;
        let read = audience::read(objects, id, tenant, chunks - 1).await?;
        Ok(Progress {
            chunks,
            rows: extent.first + extent.rows,
            next: Some(read.next),
        })
    }

    async fn list_tenant(&self, tenant: &TenantId, audience: &Audience) -> Result<Progress, StoreError> {
        let selection = self.selection(tenant);
        'resume: loop {
            let mut progress = self.progress(tenant).await?;
            let mut from: Option<Continuation> = match &progress.next {
                None => None,
                Some(Next::Listing(from)) => Some(from.clone()),
                Some(Next::ListingEnd | Next::NamesEnd) => return Ok(progress),
            };
            let mut draft = Draft::begin(progress.rows);
            let mut listed = self.ports.references.list(&selection, from.as_ref()).await?;
            loop {
                let rows = listed.targets.iter().filter(|found| narrows(audience, found));
                let full = if draft.rows() > 0 && draft.rows() as usize + rows.count() > ROWS {
                    let next = from.take().map_or(Next::ListingEnd, Next::Listing);
                    let begun = Draft::begin(draft.end());
                    Some((std::mem::replace(&mut draft, begun), next))
                } else {
                    None
                };
                let found = listed.targets.into_iter();
                for found in found.filter(|found| narrows(audience, found)) {
                    draft.push(&recipient(found, draft.end()))?;
                }
                from = listed.next;
                // The next page comes while the chunk before it is written; each is held once.
                let ahead = async {
                    match &from {
                        Some(from) => self.ports.references.list(&selection, Some(from)).await.map(Some),
                        None => Ok(None),
                    }
                };
                let ahead = match full {
                    None => ahead.await?,
                    Some((full, next)) => {
                        let written = self.write_chunk(tenant, &mut progress, full, next);
                        match futures::try_join!(written, ahead)? {
                            // Another planner is here: what it wrote holds, and so does where it went on.
                            (Created::AlreadyThere, _) => continue 'resume,
                            (Created::Ours, _) if self.is_cancelled().await? => return Ok(progress),
                            (Created::Ours, ahead) => ahead,
                        }
                    }
                };
                match ahead {
                    Some(page) => listed = page,
                    None => break,
                }
            }
            if draft.rows() > 0 {
                let written = self
                    .write_chunk(tenant, &mut progress, draft, Next::ListingEnd)
                    .await?;
                if written == Created::AlreadyThere {
                    continue 'resume;
                }
            }
            return Ok(progress);
        }
    }

    /// Writes the next chunk of a tenant.
    pub(super) async fn write_chunk(
        &self,
        tenant: &TenantId,
        progress: &mut Progress,
        draft: Draft,
        next: Next,
    ) -> Result<Created, StoreError> {
        let end = draft.end();
        let created = audience::create(
            &*self.ports.objects,
            &self.notification.id,
            tenant,
            progress.chunks,
            draft,
            &next,
        )
        .await?;
        progress.chunks += 1;
        progress.rows = end;
        Ok(created)
    }

    async fn add_unknown(&self, home: &TenantId, audience: &Audience) -> Result<Progress, StoreError> {
        loop {
            let mut progress = self.progress(home).await?;
            if matches!(progress.next, Some(Next::NamesEnd)) {
                return Ok(progress);
            }
            let mut names = NamedTargets::of(audience);
            let tenants = self.tenants(&Audience::default()).await?;
            self.resolve(&mut names, &tenants).await?;
            let rows = names.unknown(home, progress.rows);
            if rows.is_empty() {
                return Ok(progress);
            }
            let draft = Draft::of(progress.rows, &rows)?;
            if self
                .write_chunk(home, &mut progress, draft, Next::NamesEnd)
                .await?
                == Created::Ours
            {
                return Ok(progress);
            }
        }
    }
}

impl Plan {
    pub(super) fn add(&mut self, tenant: &TenantId, progress: &Progress) {
        if progress.rows > 0 {
            self.parts.push(PlannedPart {
                tenant: tenant.clone(),
                chunks: progress.chunks,
                rows: progress.rows,
            });
        }
    }
}

/// Whether `scopes` and `tenants` let an installation in.
pub(super) fn narrows(audience: &Audience, listed: &Listed) -> bool {
    let target = &listed.target;
    target.key.has_tenant()
        && (audience.scopes.is_empty() || audience.scopes.contains(&target.scope))
        && (audience.tenants.is_empty() || audience.tenants.contains(&target.key.tenant))
}

/// The row of an installation.
pub(super) fn recipient(listed: Listed, n: u32) -> Recipient {
    let Listed { target, version } = listed;
    let conversation = target.conversation().clone();
    Recipient {
        n,
        root: (conversation != target.key.root).then_some(target.key.root),
        conversation,
        tenant: target.key.tenant,
        service_url: target.service_url,
        scope: target.scope,
        user: target.user,
        entra: target.entra,
        team: target.team,
        name: target.name,
        locale: target.locale,
        version: Some(version),
        activity: None,
        settled: match target.delivery_status {
            DeliveryStatus::Active => None,
            DeliveryStatus::Blocked => Some(PreResolved::KnownBlocked),
            DeliveryStatus::Suspended => Some(PreResolved::Suspended),
            DeliveryStatus::OptedOut => Some(PreResolved::OptedOut),
        },
    }
}
