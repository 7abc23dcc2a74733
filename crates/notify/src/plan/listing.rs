//! Audiences that are listed: everyone, or whole scopes and tenants.

use super::{
    Planner,
    chunks::{ChunkBuilder, Progress, Start},
    named::NamedTargets,
};
use crate::{
    ids::TenantId,
    lane::Lane,
    notification::{Plan, PlannedPart},
    ports::{Created, StoreError},
    request::Audience,
    store::audience::{self, ChunkExtent, Draft, Next},
    store::keys,
};

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
        let lane = Lane::Connector(tenant.clone());
        let prefix = format!("{}audience/", keys::part_prefix(id, &lane));
        let entries = audience::entries(objects, &prefix).await?;
        let Some(last) = entries.last() else {
            return Ok(Progress::default());
        };
        let chunks = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        let extent = ChunkExtent::of(last)
            .ok_or_else(|| StoreError::Damaged(format!("{} has no extent", last.name)))?;
        let read = audience::read(objects, id, &lane, chunks - 1).await?;
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
            let Start::At(from) = progress.start() else {
                return Ok(progress);
            };
            let mut people = self.people(tenant, audience, progress.chunks).await?;
            let mut page = self.ports.references.list(&selection, from.as_ref()).await?;
            let mut chunks = ChunkBuilder::after(progress.rows, from, audience, self.ports.clock.wall());
            loop {
                if page.next.is_none() {
                    let left = self.people_left(tenant, &mut people, &page).await?;
                    page.targets.extend(left);
                }
                let full = chunks.take(page, &mut people)?;
                self.learn(&mut people).await?;
                // The next page comes while the chunk before it is written; each is held once.
                let ahead = async {
                    match chunks.from() {
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
                    Some(next) => page = next,
                    None => break,
                }
            }
            if let Some((last, next)) = chunks.last()
                && self.write_chunk(tenant, &mut progress, last, next).await? == Created::AlreadyThere
            {
                continue 'resume;
            }
            self.note_second_chats(tenant, people).await?;
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
            &Lane::Connector(tenant.clone()),
            progress.chunks,
            draft,
            &next,
        )
        .await?;
        progress.advance(end);
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
