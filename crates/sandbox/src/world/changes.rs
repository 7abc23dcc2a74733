//! Changes of a world: the bot is installed, removed or blocked, teams and channels change.

use super::{PersonalState, Place, TeamLife, World};
use crate::ids::PersonKey;

/// Why the bot may not read or write a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccessDenial {
    /// The tenant's administrator has blocked the app.
    TenantDisabled,
    /// A policy of the tenant forbids the app for this person, chat or channel.
    Disallowed,
    /// Not installed (any more).
    NotInRoster,
    /// The user blocked the bot, or writing is switched off.
    Blocked,
    /// The team is read-only.
    Archived,
    /// The channel or its team is deleted.
    Deleted,
}

impl World {
    pub(crate) fn personal_state(&self, key: PersonKey) -> PersonalState {
        self.personal.get(&key).copied().unwrap_or_default()
    }

    pub(crate) fn is_installed(&self, place: Place) -> bool {
        match place {
            Place::Personal(key) => {
                let by_spec = key.number < self.tenants[key.tenant as usize].personal;
                if self.personal.is_empty() {
                    by_spec
                } else {
                    self.personal_state(key).installed.unwrap_or(by_spec)
                }
            }
            Place::Group(at) => self.groups[at as usize].installed,
            Place::Channel(_) => self.team_of(place).is_some_and(|(_, team)| team.installed),
        }
    }

    pub(crate) fn is_blocked(&self, place: Place) -> bool {
        match place {
            Place::Personal(key) => !self.personal.is_empty() && self.personal_state(key).blocked,
            Place::Group(at) => self.groups[at as usize].blocked,
            Place::Channel(at) => self.channels[at as usize].blocked,
        }
    }

    /// Why the bot may not read the conversation, if it may not.
    pub(crate) fn read_denial(&self, place: Place) -> Option<AccessDenial> {
        if self.tenants[self.tenant_of(place) as usize].disabled {
            return Some(AccessDenial::TenantDisabled);
        }
        if self.is_disallowed(place) {
            return Some(AccessDenial::Disallowed);
        }
        if let Place::Channel(at) = place {
            let channel = &self.channels[at as usize];
            if channel.deleted || self.teams[channel.team as usize].life == TeamLife::Deleted {
                return Some(AccessDenial::Deleted);
            }
        }
        let reachable = self.is_installed(place)
            || matches!(place, Place::Personal(key) if self.personal_state(key).opened && self.shares_with(key));
        (!reachable).then_some(AccessDenial::NotInRoster)
    }

    /// Why the bot may not write to the conversation, if it may not.
    pub(crate) fn write_denial(&self, place: Place) -> Option<AccessDenial> {
        if let Some(denial) = self.read_denial(place) {
            return Some(denial);
        }
        if self.is_blocked(place) {
            return Some(AccessDenial::Blocked);
        }
        self.team_of(place)
            .filter(|(_, team)| team.life == TeamLife::Archived)
            .map(|_| AccessDenial::Archived)
    }

    /// True if the person is in a chat or team that has the bot.
    pub(crate) fn shares_with(&self, key: PersonKey) -> bool {
        let in_group = |tenant, installed, roster: &super::Roster| {
            installed && tenant == key.tenant && roster.contains(key.number)
        };
        self.groups
            .iter()
            .any(|group| in_group(group.tenant, group.installed, &group.roster))
            || self.teams.iter().any(|team| {
                team.life != TeamLife::Deleted && in_group(team.tenant, team.installed, &team.roster)
            })
    }

    /// Installs or removes the bot; for a channel, in its whole team. True if it was a change.
    pub(crate) fn set_installed(&mut self, place: Place, installed: bool) -> bool {
        let before = self.is_installed(place);
        match place {
            Place::Personal(key) => {
                let state = self.personal.entry(key).or_default();
                state.installed = Some(installed);
                state.opened = false;
            }
            Place::Group(at) => self.groups[at as usize].installed = installed,
            Place::Channel(at) => {
                let team = &mut self.teams[self.channels[at as usize].team as usize];
                team.installed = installed;
                if installed {
                    team.selected = at;
                }
            }
        }
        before != installed
    }

    /// Records that the bot opened a personal chat itself.
    pub(crate) fn open_personal(&mut self, key: PersonKey) {
        self.personal.entry(key).or_default().opened = true;
    }

    /// Blocks or unblocks the bot. True if it was a change.
    pub(crate) fn set_blocked(&mut self, place: Place, blocked: bool) -> bool {
        let before = self.is_blocked(place);
        match place {
            Place::Personal(key) => self.personal.entry(key).or_default().blocked = blocked,
            Place::Group(at) => self.groups[at as usize].blocked = blocked,
            Place::Channel(at) => self.channels[at as usize].blocked = blocked,
        }
        before != blocked
    }

    pub(crate) fn is_disallowed(&self, place: Place) -> bool {
        self.disallowed.contains(&place)
    }

    /// A policy forbids the app here.
    pub(crate) fn disallow(&mut self, place: Place) {
        self.disallowed.insert(place);
    }

    /// No policy forbids the app here any more.
    pub(crate) fn allow(&mut self, place: Place) {
        self.disallowed.remove(&place);
    }

    /// Adds or removes a member of a group chat or team. True if it was a change.
    pub(crate) fn set_member(&mut self, place: Place, number: u32, present: bool) -> bool {
        let roster = match place {
            Place::Personal(_) => return false,
            Place::Group(at) => &mut self.groups[at as usize].roster,
            Place::Channel(at) => &mut self.teams[self.channels[at as usize].team as usize].roster,
        };
        if present {
            roster.add(number)
        } else {
            roster.remove(number)
        }
    }

    /// Adds a channel to a team and returns it.
    pub(crate) fn add_channel(&mut self, team: u32, name: &str) -> Place {
        let count = self.teams[team as usize].channels.len();
        let seed = format!("{} channel {count} {name}", self.team_id(team));
        let position = self.channels.len() as u32;
        let id = crate::ids::thread_id(&seed, "thread.tacv2");
        self.threads.insert(id.clone(), Place::Channel(position));
        self.channels.push(super::Channel {
            id,
            name: Some(name.to_owned()),
            team,
            deleted: false,
            blocked: false,
            tally: super::Tally::default(),
        });
        self.teams[team as usize].channels.push(position);
        Place::Channel(position)
    }
}
