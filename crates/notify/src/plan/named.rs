//! Audiences that name people, conversations and teams. Memory is bounded by the names.

use super::{
    Planner,
    channels::Channels,
    chunks::{Progress, chunk_of},
    rows::narrows,
};
use crate::{
    ids::{ConversationId, ServiceUrl, TenantId},
    notification::Plan,
    person::PersonKey,
    ports::{Created, Listed, StoreError},
    recipient::{Certainty, Fallback, PreResolved, Recipient},
    request::Audience,
    store::audience::{Draft, Next},
    target::Scope,
};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};

/// What a request named, and what was found of it.
pub(super) struct NamedTargets {
    /// As they were written, and whether someone knows them.
    users: HashMap<PersonKey, NamedTarget>,
    conversations: HashMap<ConversationId, NamedTarget>,
    teams: HashMap<ConversationId, NamedTarget>,
    /// By conversation, so that nobody is named twice.
    pub(super) found: BTreeMap<ConversationId, Listed>,
}

struct NamedTarget {
    written: String,
    scope: Scope,
    lookup: Lookup,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Lookup {
    Unresolved,
    Resolved,
}

impl NamedTargets {
    pub(super) fn of(audience: &Audience) -> Self {
        let name = |written: &str, scope| NamedTarget {
            written: written.to_owned(),
            scope,
            lookup: Lookup::Unresolved,
        };
        let users = audience.users.iter();
        let conversations = audience.conversations.iter();
        let teams = audience.teams.iter();
        Self {
            users: users
                .map(|user| (PersonKey::of(user), name(user, Scope::Personal)))
                .collect(),
            conversations: conversations
                .map(|id| (id.root(), name(id.as_str(), id.shape().scope)))
                .collect(),
            teams: teams
                .map(|id| (id.general().root(), name(id.as_str(), Scope::Team)))
                .collect(),
            found: BTreeMap::new(),
        }
    }

    /// Takes an installation if a name means it.
    pub(super) fn offer(&mut self, listed: &Listed) {
        let target = &listed.target;
        let mut by_person = false;
        for key in target.person_keys() {
            by_person |= hit(self.users.get_mut(&key));
        }
        let by_root = hit(self.conversations.get_mut(&target.key.root));
        let by_channel = hit(self.conversations.get_mut(target.conversation()));
        let is_team = target.scope == Scope::Team;
        let by_team = is_team && hit(self.teams.get_mut(&target.key.root));
        if by_person || by_channel || by_team || (by_root && !is_team) {
            self.found.insert(target.conversation().clone(), listed.clone());
        }
        // A team's root is its General channel: whoever names that means it, whichever channel was picked.
        if by_root && is_team {
            let mut general = listed.clone();
            general.target.preferred_channel = None;
            self.found.insert(target.key.root.clone(), general);
        }
    }

    /// The people that were named.
    pub(super) fn people(&self) -> impl Iterator<Item = &PersonKey> {
        self.users.keys()
    }

    /// The roots of the conversations and teams that were named.
    pub(super) fn places(&self) -> impl Iterator<Item = &ConversationId> {
        self.conversations.keys().chain(self.teams.keys())
    }

    fn names(&self) -> impl Iterator<Item = &NamedTarget> {
        let places = self.conversations.values().chain(self.teams.values());
        self.users.values().chain(places)
    }

    pub(super) fn are_all_known(&self) -> bool {
        self.names().all(|name| name.lookup == Lookup::Resolved)
    }

    /// Rows for the names that nobody knows, numbered from `first`.
    pub(super) fn unknown(&self, tenant: &TenantId, first: u32) -> Vec<Recipient> {
        let mut unknown: Vec<&NamedTarget> = self
            .names()
            .filter(|name| name.lookup == Lookup::Unresolved)
            .collect();
        unknown.sort_unstable_by(|one, two| one.written.cmp(&two.written));
        let numbered = (first..).zip(unknown);
        numbered.map(|(n, name)| unknown_row(name, tenant, n)).collect()
    }
}

/// Whether a name is there; it is known then.
fn hit(name: Option<&mut NamedTarget>) -> bool {
    let Some(name) = name else {
        return false;
    };
    name.lookup = Lookup::Resolved;
    true
}

fn unknown_row(name: &NamedTarget, tenant: &TenantId, n: u32) -> Recipient {
    Recipient {
        n,
        tenant: tenant.clone(),
        conversation: ConversationId::from(name.written.as_str()),
        root: None,
        fallback: Fallback::None,
        service_url: ServiceUrl::from(""),
        scope: name.scope,
        user: None,
        entra: None,
        team: None,
        name: None,
        locale: None,
        version: None,
        certainty: Certainty::Known,
        activity: None,
        settled: Some(PreResolved::UnknownTarget),
    }
}

/// The rows of every tenant's part, in the order of tenants and conversations, numbered. Narrowing comes after finding: a
/// person who is there but narrowed away is not unknown.
pub(super) fn parts(
    mut names: NamedTargets,
    audience: &Audience,
    home: &TenantId,
    now: Timestamp,
) -> BTreeMap<TenantId, Vec<Recipient>> {
    let mut parts: BTreeMap<TenantId, Vec<Recipient>> = BTreeMap::new();
    let channels = Channels::of(audience, now);
    let found = std::mem::take(&mut names.found).into_values();
    for listed in found.filter(|listed| narrows(audience, listed)) {
        let rows = parts.entry(listed.target.key.tenant.clone()).or_default();
        let n = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        rows.push(channels.row(listed, n));
    }
    let first = parts.get(home).map_or(0, Vec::len);
    let unknown = names.unknown(home, u32::try_from(first).unwrap_or(u32::MAX));
    if !unknown.is_empty() {
        parts.entry(home.clone()).or_default().extend(unknown);
    }
    parts
}

impl Planner<'_> {
    /// Plans the named targets: all parts at once.
    pub(super) async fn named(&self, audience: &Audience) -> Result<Plan, StoreError> {
        let mut names = NamedTargets::of(audience);
        let tenants = self.tenants(&Audience::default()).await?;
        self.resolve(&mut names, &tenants).await?;
        let mut plan = Plan::default();
        let now = self.ports.clock.wall();
        for (tenant, rows) in parts(names, audience, &self.settings.home_tenant(), now) {
            let progress = self.write_named(&tenant, &rows).await?;
            plan.add(&tenant, &progress);
        }
        Ok(plan)
    }

    async fn write_named(&self, tenant: &TenantId, rows: &[Recipient]) -> Result<Progress, StoreError> {
        // Nothing is asked ahead: chunks are written in order, so the first one says whether an earlier planner was here.
        // What is there already holds.
        let mut progress = Progress::default();
        while !matches!(progress.next, Some(Next::NamesEnd)) {
            let (chunk, then) = chunk_of(rows, progress.rows);
            let draft = Draft::of(progress.rows, chunk)?;
            let created = self
                .write_chunk(tenant, &mut progress, draft, then.clone())
                .await?;
            progress.next = Some(then);
            if created == Created::AlreadyThere {
                progress = self.progress(tenant).await?;
            }
        }
        Ok(progress)
    }
}

#[cfg(test)]
mod tests;
