//! Audiences that name people, conversations and teams. Memory is bounded by the names.

use super::{
    Planner,
    channels::Channels,
    chunks::{Progress, chunk_of},
    rows::{Naming, admitted, narrows},
};
use crate::{
    ids::{ConversationId, ServiceUrl, TenantId},
    lane::Lane,
    notification::Plan,
    person::{PersonHash, PersonKey},
    persons::{ChatStatus, hashes_of, hashes_of_row},
    ports::{Created, Listed, StoreError},
    recipient::{BlockMark, Certainty, Fallback, PreResolved, Recipient},
    request::Audience,
    store::audience::{self, Draft, Next},
    target::Scope,
};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap, HashSet};

/// What a request named, and what was found of it.
pub(super) struct NamedTargets {
    /// As they were written, and whether someone knows them.
    users: HashMap<PersonKey, NamedTarget>,
    conversations: HashMap<ConversationId, NamedTarget>,
    teams: HashMap<ConversationId, NamedTarget>,
    /// By conversation, so that nobody is named twice.
    found: BTreeMap<ConversationId, Found>,
}

/// An installation that a name means.
struct Found {
    listed: Listed,
    status: ChatStatus,
    chat: Chat,
    by: By,
}

/// What decides between chats of one person: how it was named, whether it is the one that is written to, and when
/// something happened there last. The greatest wins.
type Rank = (By, Chat, Timestamp);

/// Which of a person's chats it is. The greater comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Chat {
    /// They have another, which is written to.
    Another,
    /// The one that is written to, as far as is known.
    WrittenTo,
}

/// What it was named by. The greater comes first where a person is named in several ways.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum By {
    Person,
    Place,
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
    pub(super) fn offer(&mut self, listed: &Listed, (status, chat): (ChatStatus, Chat)) {
        if status == ChatStatus::Removed {
            return;
        }
        let target = &listed.target;
        let mut by_person = false;
        for key in target.person_keys() {
            by_person |= hit(self.users.get_mut(&key));
        }
        let by_root = hit(self.conversations.get_mut(&target.key.root));
        let by_channel = hit(self.conversations.get_mut(target.conversation()));
        let is_team = target.scope == Scope::Team;
        let by_team = is_team && hit(self.teams.get_mut(&target.key.root));
        let by = match by_channel || by_team || (by_root && !is_team) {
            true => Some(By::Place),
            false => by_person.then_some(By::Person),
        };
        let mut find = |listed: Listed, by| {
            let conversation = listed.target.conversation().clone();
            let found = Found {
                listed,
                status,
                chat,
                by,
            };
            self.found.insert(conversation, found);
        };
        if let Some(by) = by {
            find(listed.clone(), by);
        }
        // A team's root is its General channel: whoever names that means it, whichever channel was picked.
        if by_root && is_team {
            let mut general = listed.clone();
            general.target.preferred_channel = None;
            find(general, By::Place);
        }
    }

    /// What was found and the audience lets in, one chat a person and tenant: the one that was named, else the one that is
    /// written to, else the newest. Whoever opted out in one of them did so in all.
    fn one_a_person(&mut self, audience: &Audience) -> Vec<Found> {
        let all = std::mem::take(&mut self.found).into_values();
        let mut found: Vec<Found> = all.filter(|found| narrows(audience, &found.listed)).collect();
        // Of two chats one may know only one id of their person, and another both.
        let personal = |found: &&Found| found.listed.target.scope == Scope::Personal;
        let mut same: HashMap<PersonHash, PersonHash> = HashMap::new();
        let mut opted_out: HashSet<(TenantId, PersonHash)> = HashSet::new();
        for found in found.iter().filter(personal) {
            let hashes: Vec<PersonHash> = hashes_of(&found.listed.target).collect();
            if let [one, other] = hashes[..] {
                same.insert(one, other);
            }
        }
        let rank = |found: &Found| (found.by, found.chat, found.listed.target.event_at);
        let person = |found: &Found| {
            let hash = hashes_of(&found.listed.target).last()?;
            let tenant = found.listed.target.key.tenant.clone();
            Some((tenant, *same.get(&hash).unwrap_or(&hash)))
        };
        let mut best: HashMap<(TenantId, PersonHash), (usize, Rank)> = HashMap::new();
        for (index, found) in found.iter().enumerate().filter(|(_, found)| personal(found)) {
            let Some(person) = person(found) else {
                continue;
            };
            if found.status == ChatStatus::OptedOut {
                opted_out.insert(person.clone());
            }
            let (known, known_rank) = best.entry(person).or_insert((index, rank(found)));
            if rank(found) > *known_rank {
                (*known, *known_rank) = (index, rank(found));
            }
        }
        let kept: HashSet<usize> = best.into_values().map(|(index, _)| index).collect();
        for found in found.iter_mut().filter(|found| personal(&&**found)) {
            if person(found).is_some_and(|person| opted_out.contains(&person)) {
                found.status = ChatStatus::OptedOut;
            }
        }
        let mut index = 0;
        found.retain(|found| {
            let stays = found.listed.target.scope != Scope::Personal || kept.contains(&index);
            index += 1;
            stays
        });
        found
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
        block: BlockMark::None,
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
    for found in names.one_a_person(audience) {
        let tenant = found.listed.target.key.tenant.clone();
        let Some(row) = admitted(found.listed, found.status, Naming::Named) else {
            continue;
        };
        let rows = parts.entry(tenant).or_default();
        let n = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        rows.push(channels.row(row, n));
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
        let mut left = rows.to_vec();
        while !matches!(progress.next, Some(Next::NamesEnd)) {
            let (chunk, then) = chunk_of(&left);
            let written = chunk.len();
            let draft = Draft::of(progress.rows, chunk)?;
            let created = self
                .write_chunk(tenant, &mut progress, draft, then.clone())
                .await?;
            progress.next = Some(then);
            match created {
                Created::Ours => drop(left.drain(..written)),
                Created::AlreadyThere => {
                    progress = self.progress(tenant).await?;
                    left = self.not_in_chunks(tenant, &progress, rows).await?;
                }
            }
        }
        Ok(progress)
    }

    /// The rows that no chunk has, numbered after those of the chunks: an earlier planner may have found other chats of the
    /// same people.
    async fn not_in_chunks(
        &self,
        tenant: &TenantId,
        progress: &Progress,
        rows: &[Recipient],
    ) -> Result<Vec<Recipient>, StoreError> {
        let lane = Lane::Connector(tenant.clone());
        let mut people: HashSet<PersonHash> = HashSet::new();
        let mut places: HashSet<ConversationId> = HashSet::new();
        for number in 0..progress.chunks {
            let id = &self.notification.id;
            let chunk = audience::read(&*self.ports.objects, id, &lane, number).await?;
            for row in chunk.rows {
                if row.scope == Scope::Personal {
                    people.extend(hashes_of_row(&row));
                }
                places.insert(row.conversation);
            }
        }
        let is_left = |row: &&Recipient| {
            let mut hashes = hashes_of_row(row).filter(|_| row.scope == Scope::Personal);
            let is_planned = places.contains(&row.conversation) || hashes.any(|hash| people.contains(&hash));
            !is_planned
        };
        let left = rows.iter().filter(is_left).cloned();
        let numbered = (progress.rows..).zip(left);
        Ok(numbered.map(|(n, row)| Recipient { n, ..row }).collect())
    }
}

#[cfg(test)]
mod tests;
