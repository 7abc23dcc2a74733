//! Finding what names mean: by key where the store has an index, by listing otherwise.

use super::{
    Planner,
    named::{Chat, NamedTargets},
};
use crate::{
    ids::{ConversationId, TenantId},
    person::PersonKey,
    persons::{self, ChatStatus, TenantPersons, hashes_of},
    ports::{Continuation, Listed, StoreError, Stored},
    target::{Scope, Target, TargetKey},
};
use futures::{
    StreamExt, TryStreamExt,
    future::{BoxFuture, try_join_all},
    stream,
};

/// Most single look-ups before a listing is cheaper.
const LOOK_UPS: usize = 200;
/// Look-ups under way at a time.
const AT_ONCE: usize = 16;

impl Planner<'_> {
    /// Finds what the names mean. Lists the tenants only for those that no look-up finds.
    pub(super) async fn resolve(
        &self,
        names: &mut NamedTargets,
        tenants: &[TenantId],
    ) -> Result<(), StoreError> {
        self.look_up(names, tenants).await?;
        for tenant in tenants {
            if names.are_all_known() {
                return Ok(());
            }
            let persons = self.persons(tenant).await?;
            let selection = self.selection(tenant);
            let mut from: Option<Continuation> = None;
            loop {
                let page = self.ports.references.list(&selection, from.as_ref()).await?;
                for listed in &page.targets {
                    names.offer(listed, about(&persons, &listed.target));
                }
                from = page.next;
                if from.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Finds what the store knows by key. Lists nothing.
    pub(super) async fn look_up(
        &self,
        names: &mut NamedTargets,
        tenants: &[TenantId],
    ) -> Result<(), StoreError> {
        let found = self.found_by_key(names, tenants).await?;
        for some in found.chunks(AT_ONCE) {
            let statuses = some.iter().map(|found| self.status(&found.target));
            for (found, status) in some.iter().zip(try_join_all(statuses).await?) {
                names.offer(found, status);
            }
        }
        Ok(())
    }

    /// How one chat's person is to be treated. The record under their best id is read, by one request: what was stored under
    /// the other id is joined with it by the next activity that shows both, and a listing obeys both.
    async fn status(&self, target: &Target) -> Result<(ChatStatus, Chat), StoreError> {
        let mut persons = TenantPersons::default();
        let best = hashes_of(target).last();
        if let Some(hash) = best.filter(|_| target.scope == Scope::Personal) {
            let place = (&self.settings.bot, &target.key.tenant);
            match persons::read_by_hash(&*self.ports.objects, place, hash).await {
                Ok(Some(record)) => persons.add(hash, &record, self.ports.clock.wall()),
                Ok(None) => {}
                Err(StoreError::Damaged(error)) => {
                    tracing::warn!(tenant_id = %target.key.tenant, error, "a person's record can't be read: nothing is sent to them");
                    persons.add_unreadable(hash);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(about(&persons, target))
    }

    async fn found_by_key(
        &self,
        names: &NamedTargets,
        tenants: &[TenantId],
    ) -> Result<Vec<Listed>, StoreError> {
        let count = names.people().count() + names.places().count();
        if count * tenants.len() > LOOK_UPS {
            return Ok(Vec::new());
        }
        let mut look_ups: Vec<BoxFuture<'_, Result<Vec<Listed>, StoreError>>> = Vec::new();
        for tenant in tenants {
            for place in names.places() {
                look_ups.push(Box::pin(self.place(tenant, place)));
            }
            for person in names.people() {
                look_ups.push(Box::pin(self.person(tenant, person)));
            }
        }
        let found: Vec<Vec<Listed>> = stream::iter(look_ups)
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn person(&self, tenant: &TenantId, person: &PersonKey) -> Result<Vec<Listed>, StoreError> {
        let bot = &self.settings.bot;
        self.ports.references.find_person(bot, tenant, person).await
    }

    async fn place(&self, tenant: &TenantId, root: &ConversationId) -> Result<Vec<Listed>, StoreError> {
        let key = TargetKey {
            bot: self.settings.bot.clone(),
            tenant: tenant.clone(),
            root: root.clone(),
        };
        let stored = self.ports.references.read(&key).await?;
        Ok(stored.and_then(Stored::listed).into_iter().collect())
    }
}

/// How a chat is to be treated, and which of its person's chats it is.
fn about(persons: &TenantPersons, target: &Target) -> (ChatStatus, Chat) {
    let chat = match persons.is_written_to(target) {
        true => Chat::WrittenTo,
        false => Chat::Another,
    };
    (persons.status(target), chat)
}
