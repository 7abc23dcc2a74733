//! Conversations in the form that the page and the control API show.

use serde::Serialize;

use super::{Place, TeamLife, World};
use crate::ids::PersonKey;

/// One conversation, as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConversationView {
    pub(crate) id: String,
    pub(crate) scope: &'static str,
    pub(crate) title: String,
    pub(crate) subtitle: String,
    pub(crate) tenant_id: String,
    pub(crate) installed: bool,
    pub(crate) blocked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) team_id: Option<String>,
    /// Active, archived or deleted: teams and channels only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) life: Option<TeamLife>,
    pub(crate) members: usize,
    /// Messages of the bot that were accepted.
    pub(crate) accepted: u32,
    /// The actor when the page's buttons are used.
    pub(crate) person: Option<PersonView>,
}

/// A person, as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PersonView {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) aad_object_id: String,
}

impl World {
    pub(crate) fn view(&self, place: Place) -> ConversationView {
        let tenant = &self.tenants[self.tenant_of(place) as usize];
        let person = self.default_person(place).map(|key| {
            let person = self.person(key);
            PersonView {
                name: person.name(),
                id: person.id,
                aad_object_id: person.aad_object_id,
            }
        });
        let mut view = ConversationView {
            id: self.conversation_id(place),
            scope: scope(place),
            title: String::new(),
            subtitle: String::new(),
            tenant_id: tenant.id.clone(),
            installed: self.is_installed(place),
            blocked: self.is_blocked(place),
            team_id: None,
            life: None,
            members: 1,
            accepted: self.tally(place).accepted,
            person,
        };
        match place {
            Place::Personal(key) => {
                view.title = self.person(key).name();
                view.subtitle = "Personal chat".to_owned();
            }
            Place::Group(at) => {
                let group = &self.groups[at as usize];
                view.title.clone_from(&group.name);
                view.members = group.roster.len();
                view.subtitle = format!("Group chat · {} people", view.members);
            }
            Place::Channel(at) => {
                let channel = &self.channels[at as usize];
                let team = &self.teams[channel.team as usize];
                view.title = channel.name.clone().unwrap_or_else(|| "General".to_owned());
                view.subtitle = format!("Channel · {}", team.name);
                view.members = team.roster.len();
                view.team_id = Some(self.team_id(channel.team).to_owned());
                view.life = Some(if channel.deleted {
                    TeamLife::Deleted
                } else {
                    team.life
                });
            }
        }
        if self.tenants.len() > 1 {
            view.subtitle = format!("{} · {}", view.subtitle, tenant.name);
        }
        view
    }

    /// Conversations in the page's order: personal chats, group chats, channels; tenant by tenant.
    /// Personal chats are those that have the bot or ever had it.
    pub(crate) fn shown(&self) -> impl Iterator<Item = Place> + '_ {
        self.tenants.iter().enumerate().flat_map(move |(at, tenant)| {
            let tenant_at = at as u32;
            let by_spec = (0..tenant.personal).map(move |number| PersonKey {
                tenant: tenant_at,
                number,
            });
            let first = PersonKey {
                tenant: tenant_at,
                number: tenant.personal,
            };
            let last = PersonKey {
                tenant: tenant_at,
                number: u32::MAX,
            };
            let others = self.personal.range(first..=last).map(|(key, _)| *key);
            let groups = (0..self.groups.len() as u32).map(Place::Group);
            let channels = (0..self.channels.len() as u32).map(Place::Channel);
            by_spec.chain(others).map(Place::Personal).chain(
                groups
                    .chain(channels)
                    .filter(move |place| self.tenant_of(*place) == tenant_at),
            )
        })
    }
}

/// `conversationType` of a place.
pub(crate) fn scope(place: Place) -> &'static str {
    match place {
        Place::Personal(_) => "personal",
        Place::Group(_) => "groupChat",
        Place::Channel(_) => "channel",
    }
}
