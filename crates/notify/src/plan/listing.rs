//! Audiences that are listed: everyone, or whole scopes and tenants.

use super::{
    Planner,
    chunk::{self, Chunk, Created, Next, Outline, ROWS},
    named::Names,
};
use crate::{
    ids::TenantId,
    names,
    notification::{Plan, PlannedPart},
    ports::{Continuation, Listed, StoreError},
    recipient::{Presettled, Recipient},
    request::Audience,
    target::Standing,
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
        let prefix = format!("{}audience/", names::part_prefix(id, tenant));
        let entries = chunk::entries(objects, &prefix).await?;
        let Some(last) = entries.last() else {
            return Ok(Progress {
                chunks: 0,
                rows: 0,
                next: None,
            });
        };
        let chunks = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        let outline =
            Outline::of(last).ok_or_else(|| StoreError::Damaged(format!("{} has no outline", last.name)))?;
        let read = chunk::read(objects, id, tenant, chunks - 1).await?;
        Ok(Progress {
            chunks,
            rows: outline.first + outline.rows,
            next: Some(read.next),
        })
    }

    async fn list_tenant(&self, tenant: &TenantId, audience: &Audience) -> Result<Progress, StoreError> {
        'resume: loop {
            let mut progress = self.progress(tenant).await?;
            let mut from: Option<Continuation> = match &progress.next {
                None => None,
                Some(Next::Listing(from)) => Some(from.clone()),
                Some(Next::ListingEnd | Next::NamesEnd) => return Ok(progress),
            };
            let selection = self.selection(tenant);
            let mut rows: Vec<Recipient> = Vec::new();
            loop {
                let page = self.ports.references.list(&selection, from.as_ref()).await?;
                let wanted = page.targets.iter().filter(|listed| narrows(audience, listed));
                let found: Vec<&Listed> = wanted.collect();
                if !rows.is_empty() && rows.len() + found.len() > ROWS {
                    let next = from.clone().map_or(Next::ListingEnd, Next::Listing);
                    match self.write_chunk(tenant, &mut progress, &mut rows, next).await? {
                        Created::Ours if self.is_cancelled().await? => return Ok(progress),
                        Created::Ours => {}
                        // Another planner is here: what it wrote holds, and so does where it went on.
                        Created::AlreadyThere => continue 'resume,
                    }
                }
                for listed in found {
                    let n = progress.rows + u32::try_from(rows.len()).unwrap_or(u32::MAX);
                    rows.push(recipient(listed, n));
                }
                from = page.next;
                if from.is_none() {
                    break;
                }
            }
            if !rows.is_empty() {
                let written = self
                    .write_chunk(tenant, &mut progress, &mut rows, Next::ListingEnd)
                    .await?;
                if written == Created::AlreadyThere {
                    continue 'resume;
                }
            }
            return Ok(progress);
        }
    }

    /// Writes the next chunk of a tenant and takes its rows.
    pub(super) async fn write_chunk(
        &self,
        tenant: &TenantId,
        progress: &mut Progress,
        rows: &mut Vec<Recipient>,
        next: Next,
    ) -> Result<Created, StoreError> {
        let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let chunk = Chunk {
            first: progress.rows,
            rows: std::mem::take(rows),
            next,
        };
        let created = chunk::create(
            &*self.ports.objects,
            &self.notification.id,
            tenant,
            progress.chunks,
            &chunk,
        )
        .await?;
        progress.chunks += 1;
        progress.rows += count;
        Ok(created)
    }

    async fn add_unknown(&self, home: &TenantId, audience: &Audience) -> Result<Progress, StoreError> {
        loop {
            let mut progress = self.progress(home).await?;
            if matches!(progress.next, Some(Next::NamesEnd)) {
                return Ok(progress);
            }
            let mut names = Names::of(audience);
            let tenants = self.tenants(&Audience::default()).await?;
            self.resolve(&mut names, &tenants).await?;
            let mut rows: Vec<Recipient> = names.unknown(home, progress.rows);
            if rows.is_empty() {
                return Ok(progress);
            }
            if self
                .write_chunk(home, &mut progress, &mut rows, Next::NamesEnd)
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
pub(super) fn recipient(listed: &Listed, n: u32) -> Recipient {
    let target = &listed.target;
    let conversation = target.conversation().clone();
    Recipient {
        n,
        tenant: target.key.tenant.clone(),
        root: (conversation != target.key.root).then(|| target.key.root.clone()),
        conversation,
        service_url: target.service_url.clone(),
        scope: target.scope,
        user: target.user.clone(),
        entra: target.entra.clone(),
        team: target.team.clone(),
        name: target.name.clone(),
        locale: target.locale.clone(),
        version: Some(listed.version.clone()),
        activity: None,
        settled: match target.standing {
            Standing::Active => None,
            Standing::Blocked => Some(Presettled::KnownBlocked),
            Standing::Suspended => Some(Presettled::Suspended),
            Standing::OptedOut => Some(Presettled::OptedOut),
        },
    }
}
