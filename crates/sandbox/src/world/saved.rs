//! Saves the world's changes to a file, so that they survive a restart. Messages are not saved.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{PersonalState, Place, Roster, TeamLife, World};
use crate::ids::PersonKey;

const VERSION: u32 = 1;

/// Why a state file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum SavedWorldError {
    /// It could not be read or written.
    #[error("state file: {0}")]
    Io(#[from] io::Error),
    /// It is not a state file.
    #[error("state file is damaged: {0}")]
    Damaged(#[from] serde_json::Error),
    /// It comes from another version of the sandbox.
    #[error("state file has version {0}, this sandbox reads version {VERSION}: move it away to start fresh")]
    Version(u32),
}

/// Read first, as another version may have another structure.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    version: u32,
    bot: String,
    personal: Vec<SavedPersonal>,
    groups: Vec<SavedGroup>,
    teams: Vec<SavedTeam>,
    disabled_tenants: Vec<String>,
    /// Conversations where a policy forbids the app.
    #[serde(default)]
    disallowed: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct SavedPersonal {
    tenant: String,
    number: u32,
    #[serde(flatten)]
    state: PersonalState,
}

#[derive(Serialize, Deserialize)]
struct SavedGroup {
    id: String,
    installed: bool,
    blocked: bool,
    roster: Roster,
}

#[derive(Serialize, Deserialize)]
struct SavedTeam {
    id: String,
    name: String,
    installed: bool,
    selected: usize,
    life: TeamLife,
    roster: Roster,
    channels: Vec<SavedChannel>,
}

#[derive(Serialize, Deserialize)]
struct SavedChannel {
    id: String,
    name: Option<String>,
    deleted: bool,
    blocked: bool,
}

impl World {
    /// The changes as JSON, to be written by [`write_state`].
    pub(crate) fn state_json(&self) -> Result<Vec<u8>, SavedWorldError> {
        let personal = self.personal.iter().map(|(key, state)| SavedPersonal {
            tenant: self.tenants[key.tenant as usize].id.clone(),
            number: key.number,
            state: *state,
        });
        let groups = self.groups.iter().map(|group| SavedGroup {
            id: group.id.clone(),
            installed: group.installed,
            blocked: group.blocked,
            roster: group.roster.clone(),
        });
        let teams = self.teams.iter().enumerate().map(|(at, team)| SavedTeam {
            id: self.team_id(at as u32).to_owned(),
            name: team.name.clone(),
            installed: team.installed,
            selected: team
                .channels
                .iter()
                .position(|channel| *channel == team.selected)
                .unwrap_or(0),
            life: team.life,
            roster: team.roster.clone(),
            channels: team.channels.iter().map(|at| self.saved_channel(*at)).collect(),
        });
        let saved = Saved {
            version: VERSION,
            bot: self.bot_app_id.clone(),
            personal: personal.collect(),
            groups: groups.collect(),
            teams: teams.collect(),
            disabled_tenants: self
                .tenants
                .iter()
                .filter(|t| t.disabled)
                .map(|t| t.id.clone())
                .collect(),
            disallowed: self
                .disallowed
                .iter()
                .map(|place| self.conversation_id(*place))
                .collect(),
        };
        Ok(serde_json::to_vec_pretty(&saved)?)
    }

    fn saved_channel(&self, at: u32) -> SavedChannel {
        let channel = &self.channels[at as usize];
        SavedChannel {
            id: channel.id.clone(),
            name: channel.name.clone(),
            deleted: channel.deleted,
            blocked: channel.blocked,
        }
    }

    /// Applies a state file, if there is one. Items that do not exist in this world are skipped; a file of
    /// another bot is ignored, because its ids are not valid here.
    pub(crate) fn restore(&mut self, path: &Path) -> Result<(), SavedWorldError> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let Versioned { version } = serde_json::from_slice(&bytes)?;
        if version != VERSION {
            return Err(SavedWorldError::Version(version));
        }
        let saved: Saved = serde_json::from_slice(&bytes)?;
        if saved.bot.eq_ignore_ascii_case(&self.bot_app_id) {
            self.apply(saved);
        }
        Ok(())
    }

    fn apply(&mut self, saved: Saved) {
        for tenant in &mut self.tenants {
            tenant.disabled = saved.disabled_tenants.contains(&tenant.id);
        }
        let disallowed = saved.disallowed.iter().filter_map(|id| self.locate(id).ok());
        self.disallowed = disallowed.map(|located| located.place).collect();
        for person in saved.personal {
            if let Some(tenant) = self.tenant_by_id(&person.tenant) {
                self.personal.insert(
                    PersonKey {
                        tenant,
                        number: person.number,
                    },
                    person.state,
                );
            }
        }
        for group in saved.groups {
            if let Some(Place::Group(at)) = self.threads.get(&group.id) {
                let here = &mut self.groups[*at as usize];
                (here.installed, here.blocked, here.roster) = (group.installed, group.blocked, group.roster);
            }
        }
        for team in saved.teams {
            if let Some(at) = self.team_by_id(&team.id) {
                self.apply_team(at, team);
            }
        }
    }

    fn apply_team(&mut self, at: u32, saved: SavedTeam) {
        for channel in saved.channels {
            let place = match self.threads.get(&channel.id) {
                Some(place) => *place,
                None => {
                    let place = Place::Channel(self.channels.len() as u32);
                    self.threads.insert(channel.id.clone(), place);
                    self.teams[at as usize].channels.push(self.channels.len() as u32);
                    self.channels.push(super::Channel {
                        id: channel.id,
                        name: None,
                        team: at,
                        deleted: false,
                        blocked: false,
                        tally: super::Tally::default(),
                    });
                    place
                }
            };
            if let Place::Channel(position) = place {
                let here = &mut self.channels[position as usize];
                (here.name, here.deleted, here.blocked) = (channel.name, channel.deleted, channel.blocked);
            }
        }
        let team = &mut self.teams[at as usize];
        team.name = saved.name;
        team.installed = saved.installed;
        team.life = saved.life;
        team.roster = saved.roster;
        team.selected = team
            .channels
            .get(saved.selected)
            .copied()
            .unwrap_or(team.channels[0]);
    }
}

/// Writes a state file atomically.
pub(crate) fn write_state(path: &Path, json: &[u8]) -> Result<(), SavedWorldError> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    write_new(Path::new(&partial), json)?;
    std::fs::rename(&partial, path)?;
    Ok(())
}

/// Writes a file that only its owner may read, whatever the umask. Replaces a file that an aborted write left behind.
fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    io::Write::write_all(&mut file, content)
}

/// Renames a damaged state file and returns its new path.
pub(crate) fn keep_aside(path: &Path) -> io::Result<std::path::PathBuf> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(".damaged");
    std::fs::rename(path, &aside)?;
    Ok(aside.into())
}
