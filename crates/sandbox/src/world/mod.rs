//! The simulated Teams: tenants, people, chats, teams, and installations of the bot.
//!
//! People are numbers; everything about them is computed (`person`, `ids`), so a tenant of 300,000 costs
//! 16 bytes per person after the first message to them. No HTTP and no clock in here: times are arguments.

mod changes;
mod lookup;
mod messages;
mod person;
mod roster;
mod saved;
mod spec;
mod timeline;
mod view;

use std::collections::{BTreeMap, BTreeSet, HashMap};

pub(crate) use changes::AccessDenial;
pub(crate) use lookup::{ChatAlias, MemberLookup, ResolvedConversation};
pub use lookup::{Place, UnknownConversation};
pub(crate) use messages::MessageLookup;
pub use person::Person;
pub(crate) use roster::Roster;
pub use saved::SavedWorldError;
pub(crate) use saved::{keep_aside, write_state};
pub use spec::{DEFAULT_BOT_APP_ID, GroupSpec, Presence, TeamSpec, TenantSpec, WorldSpec};
pub(crate) use timeline::Timeline;
pub use timeline::{Author, Entry, EntryState, History, Tone};
pub(crate) use view::ConversationView;
pub(crate) use view::scope;

use crate::ids::{self, PersonKey};

/// An organisation.
#[derive(Debug)]
pub(crate) struct Tenant {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) domain: String,
    pub(crate) key: u64,
    pub(crate) people: u32,
    pub(crate) personal: u32,
    /// A tenant administrator has blocked the app.
    pub(crate) disabled: bool,
    tallies: Vec<Tally>,
}

/// Counters of a conversation, kept also without a history.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    /// Newest assigned message id.
    pub(crate) last_id: u64,
    /// Messages of the bot that were accepted.
    pub(crate) accepted: u32,
}

#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) tenant: u32,
    pub(crate) roster: Roster,
    pub(crate) installed: bool,
    pub(crate) blocked: bool,
    tally: Tally,
}

#[derive(Debug)]
pub(crate) struct Team {
    pub(crate) name: String,
    pub(crate) aad_group_id: String,
    pub(crate) tenant: u32,
    pub(crate) roster: Roster,
    pub(crate) installed: bool,
    /// Positions in [`World::channels`]; the first is General, whose id is the team's.
    pub(crate) channels: Vec<u32>,
    /// The channel that was picked when the bot was installed.
    pub(crate) selected: u32,
    pub(crate) life: TeamLife,
}

/// Whether a team can be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TeamLife {
    /// As usual.
    Active,
    /// Read-only.
    Archived,
    /// Deleted, can be restored.
    Deleted,
}

#[derive(Debug)]
pub(crate) struct Channel {
    pub(crate) id: String,
    /// `None` for General, as Teams has it.
    pub(crate) name: Option<String>,
    pub(crate) team: u32,
    pub(crate) deleted: bool,
    pub(crate) blocked: bool,
    tally: Tally,
}

/// Deviations of a personal chat from the spec.
#[derive(Debug, Clone, Copy, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct PersonalState {
    /// `None`: as the spec says.
    pub(crate) installed: Option<bool>,
    pub(crate) blocked: bool,
    /// The bot opened the chat itself (create conversation by a shared team), without an install.
    pub(crate) opened: bool,
}

/// The whole world.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) bot_app_id: String,
    pub(crate) bot_id: String,
    pub(crate) bot_name: String,
    bot_key: u64,
    pub(crate) tenants: Vec<Tenant>,
    pub(crate) groups: Vec<Group>,
    pub(crate) teams: Vec<Team>,
    pub(crate) channels: Vec<Channel>,
    threads: HashMap<String, Place>,
    personal: BTreeMap<PersonKey, PersonalState>,
    /// Where a policy forbids the app.
    disallowed: BTreeSet<Place>,
    timelines: HashMap<Place, Timeline>,
    history: History,
    notices: u64,
    accepted: u64,
}

impl World {
    pub(crate) fn build(spec: &WorldSpec, history: History) -> Self {
        let mut world = Self {
            bot_app_id: spec.bot_app_id.clone(),
            bot_id: format!("28:{}", spec.bot_app_id),
            bot_name: spec.bot_name.clone(),
            bot_key: ids::key_of(&spec.bot_app_id),
            tenants: Vec::new(),
            groups: Vec::new(),
            teams: Vec::new(),
            channels: Vec::new(),
            threads: HashMap::new(),
            personal: BTreeMap::new(),
            disallowed: BTreeSet::new(),
            timelines: HashMap::new(),
            history,
            notices: 0,
            accepted: 0,
        };
        for tenant in &spec.tenants {
            world.add_tenant(tenant);
        }
        world
    }

    fn add_tenant(&mut self, spec: &TenantSpec) {
        let id = spec
            .id
            .clone()
            .unwrap_or_else(|| ids::guid_of(&format!("tenant {}", spec.name)));
        let position = self.tenants.len() as u32;
        for (number, group) in spec.groups.iter().enumerate() {
            let place = Place::Group(self.groups.len() as u32);
            let thread = ids::thread_id(&format!("{id} group {number} {}", group.name), "thread.v2");
            self.threads.insert(thread.clone(), place);
            self.groups.push(Group {
                id: thread,
                name: group.name.clone(),
                tenant: position,
                roster: Roster::of(group.members.start..group.members.end.min(spec.people)),
                installed: group.presence == Presence::Installed,
                blocked: false,
                tally: Tally::default(),
            });
        }
        for (number, team) in spec.teams.iter().enumerate() {
            self.add_team(&id, position, number, team, spec.people);
        }
        self.tenants.push(Tenant {
            key: ids::key_of(&id),
            id,
            name: spec.name.clone(),
            domain: spec.domain.clone(),
            people: spec.people,
            personal: spec.personal.min(spec.people),
            disabled: false,
            tallies: Vec::new(),
        });
    }

    fn add_team(&mut self, tenant_id: &str, tenant: u32, number: usize, spec: &TeamSpec, people: u32) {
        let seed = format!("{tenant_id} team {number} {}", spec.name);
        let team = self.teams.len() as u32;
        let names = std::iter::once(None).chain(spec.channels.iter().cloned().map(Some));
        let mut channels = Vec::new();
        for (at, name) in names.enumerate() {
            let position = self.channels.len() as u32;
            let id = ids::thread_id(&format!("{seed} channel {at}"), "thread.tacv2");
            self.threads.insert(id.clone(), Place::Channel(position));
            self.channels.push(Channel {
                id,
                name,
                team,
                deleted: false,
                blocked: false,
                tally: Tally::default(),
            });
            channels.push(position);
        }
        self.teams.push(Team {
            name: spec.name.clone(),
            aad_group_id: ids::guid_of(&seed),
            tenant,
            roster: Roster::of(spec.members.start..spec.members.end.min(people)),
            installed: spec.presence == Presence::Installed,
            selected: channels[0],
            channels,
            life: TeamLife::Active,
        });
    }

    /// Everything about a person, computed.
    pub(crate) fn person(&self, key: PersonKey) -> Person {
        Person::new(self.bot_key, &self.tenants[key.tenant as usize], key)
    }

    /// Id of the team that a channel belongs to: the id of its General channel.
    pub(crate) fn team_id(&self, team: u32) -> &str {
        &self.channels[self.teams[team as usize].channels[0] as usize].id
    }
}
