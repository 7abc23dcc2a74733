//! Lets an event happen in the world, shows it, and gives the activities that the bot is to hear.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use super::{EventError, Happening, Mention, Report, Scene};
use crate::clock::millis;
use crate::connector::State;
use crate::ids::PersonKey;
use crate::world::{Author, Entry, EntryState, Located, MemberLookup, Place, TeamLife, Tone};

/// An event that has happened.
#[derive(Debug)]
pub(crate) struct Applied {
    pub(crate) place: Place,
    /// To be posted, in order.
    pub(crate) activities: Vec<Value>,
    /// What is known before anything is posted.
    pub(crate) report: Report,
}

impl State {
    pub(crate) fn person_of(&self, id: &str) -> Result<PersonKey, EventError> {
        match self.world.find_person(id) {
            MemberLookup::Found(key) => Ok(key),
            MemberLookup::Undecryptable | MemberLookup::NotFound => Err(EventError::Person(id.to_owned())),
        }
    }

    fn actor(&self, place: Place, person: Option<&str>) -> Result<PersonKey, EventError> {
        let Some(id) = person else {
            return self.world.default_person(place).ok_or(EventError::NotAMember);
        };
        let key = self.person_of(id)?;
        if self.world.has_member(place, key) {
            Ok(key)
        } else {
            Err(EventError::NotAMember)
        }
    }

    /// Lets `happening` happen in a conversation; `person` does it, or the one who does by default.
    pub(crate) fn happen(
        &mut self,
        now: Duration,
        service_url: &str,
        conversation: &str,
        person: Option<&str>,
        happening: &Happening,
    ) -> Result<Applied, EventError> {
        let Located { place, thread } = self.world.locate(conversation)?;
        let actor = self.world.person(self.actor(place, person)?);
        let actor_name = actor.name();
        let mut scene = Scene::set(&self.world, place, actor, now, service_url);
        let mut report = Report::default();
        let activities = match happening {
            Happening::Install => {
                self.world.set_installed(place, true);
                self.notice(now, place, Tone::Info, &format!("{actor_name} installed the bot"));
                scene.installation("add")
            }
            Happening::Uninstall => {
                self.world.set_installed(place, false);
                self.notice(now, place, Tone::Info, &format!("{actor_name} removed the bot"));
                scene.installation("remove")
            }
            Happening::Upgrade => scene.installation("add-upgrade"),
            Happening::RemoveUpgrade => {
                self.world.set_installed(place, false);
                self.notice(now, place, Tone::Info, "A new version of the app dropped the bot");
                scene.installation("remove-upgrade")
            }
            Happening::Block | Happening::Unblock => {
                let blocks = *happening == Happening::Block;
                if self.world.set_blocked(place, blocks) {
                    let verb = if blocks { "blocked" } else { "unblocked" };
                    self.notice(now, place, Tone::Info, &format!("{actor_name} {verb} the bot"));
                }
                report.note = Some("Teams tells the bot nothing about this".to_owned());
                Vec::new()
            }
            Happening::DisableTenant | Happening::EnableTenant => {
                let tenant = self.world.tenant_of(place);
                self.world.tenants[tenant as usize].disabled = *happening == Happening::DisableTenant;
                report.note = Some("Teams tells the bot nothing about this".to_owned());
                Vec::new()
            }
            Happening::DisableApp => {
                self.world.disallow(place);
                report.note = Some("Teams tells the bot nothing about this".to_owned());
                Vec::new()
            }
            Happening::EnableApp => {
                self.world.allow(place);
                report.note = Some("Teams tells the bot nothing about this".to_owned());
                Vec::new()
            }
            Happening::MemberAdded { member } => {
                self.member_change(place, &mut scene, member, Change::Added)?
            }
            Happening::MemberRemoved { member } => {
                self.member_change(place, &mut scene, member, Change::Removed)?
            }
            Happening::Message {
                text,
                mention,
                thread: root,
            } => {
                let root = root.clone().or(thread.map(|root| root.to_string()));
                self.message(place, &mut scene, text, *mention, root, &mut report)?
            }
            Happening::MessageEdited { message_id, text } => {
                self.message_change(place, &mut scene, message_id, Some(text))?
            }
            Happening::MessageDeleted { message_id } => {
                self.message_change(place, &mut scene, message_id, None)?
            }
            Happening::ReactionAdded { message_id, reaction } => {
                let root = self.root_of(place, message_id)?;
                vec![scene.reaction("reactionsAdded", message_id, &root, reaction)]
            }
            Happening::ReactionRemoved { message_id, reaction } => {
                let root = self.root_of(place, message_id)?;
                vec![scene.reaction("reactionsRemoved", message_id, &root, reaction)]
            }
            Happening::Submit { message_id, data } => {
                let root = self.root_of(place, message_id)?;
                let id = self.world.next_id(place, scene.now).to_string();
                vec![scene.submit(&id, message_id, &root, data)]
            }
            Happening::Execute { message_id, action } => {
                let root = self.root_of(place, message_id)?;
                vec![scene.execute(message_id, &root, action)]
            }
            other => self.team_change(now, place, &mut scene, other, &mut report)?,
        };
        self.changed(place);
        let hears = hears_even_when_absent(happening) || self.world.is_installed(place);
        if !hears && !activities.is_empty() {
            report.note = Some("The bot is not installed here and hears nothing".to_owned());
        }
        Ok(Applied {
            place,
            activities: if hears { activities } else { Vec::new() },
            report,
        })
    }

    fn member_change(
        &mut self,
        place: Place,
        scene: &mut Scene,
        member: &str,
        change: Change,
    ) -> Result<Vec<Value>, EventError> {
        if matches!(place, Place::Personal(_)) {
            return Err(EventError::NotAGroup);
        }
        let key = self.person_of(member)?;
        if key.tenant != self.world.tenant_of(place) {
            return Err(EventError::Person(member.to_owned()));
        }
        let adding = change == Change::Added;
        self.world.set_member(place, key.number, adding);
        let person = self.world.person(key);
        let verb = if adding { "joined" } else { "left" };
        self.notice(scene.now, place, Tone::Info, &format!("{} {verb}", person.name()));
        let account = serde_json::json!([{ "id": person.id, "aadObjectId": person.aad_object_id }]);
        Ok(vec![scene.members(adding, &account)])
    }

    fn message(
        &mut self,
        place: Place,
        scene: &mut Scene,
        text: &str,
        mention: Mention,
        root: Option<String>,
        report: &mut Report,
    ) -> Result<Vec<Value>, EventError> {
        let personal = matches!(place, Place::Personal(_));
        if !self.world.is_installed(place) {
            return Err(EventError::NotInstalled);
        }
        if personal && self.world.is_blocked(place) {
            return Err(EventError::Blocked);
        }
        let mention = match mention {
            Mention::Auto if personal => Mention::Without,
            Mention::Auto => Mention::With,
            given => given,
        };
        let in_thread = root.filter(|_| matches!(place, Place::Channel(_)));
        let id = self.world.next_id(place, scene.now).to_string();
        let author = Author::Person {
            id: scene.person.id.clone(),
            name: scene.person.name(),
        };
        let activity = scene.message(&id, in_thread.as_deref().unwrap_or(&id), text, mention);
        let entry = Entry {
            id: id.clone(),
            at: millis(scene.now),
            author,
            thread: in_thread,
            state: EntryState::Sent,
            activity: Bytes::from(activity.to_string()),
        };
        self.show(place, entry);
        report.message_id = Some(id);
        if !personal && mention == Mention::Without {
            let why = "Without a mention Teams does not tell the bot";
            self.notice(scene.now, place, Tone::Info, why);
            report.note = Some(why.to_owned());
            return Ok(Vec::new());
        }
        Ok(vec![activity])
    }

    fn message_change(
        &mut self,
        place: Place,
        scene: &mut Scene,
        id: &str,
        text: Option<&String>,
    ) -> Result<Vec<Value>, EventError> {
        let root = self.root_of(place, id)?;
        let (kind, event, state) = match text {
            Some(_) => ("messageUpdate", "editMessage", EntryState::Edited),
            None => ("messageDelete", "softDeleteMessage", EntryState::Deleted),
        };
        let activity = scene.message_change(kind, event, id, &root, text.map(String::as_str));
        let shown = if state == EntryState::Deleted {
            "{}".to_owned()
        } else {
            activity.to_string()
        };
        self.rewrite(place, id, Bytes::from(shown), state);
        Ok(vec![activity])
    }

    /// Root message of the reply chain that a message is in: itself, if it started one.
    fn root_of(&self, place: Place, id: &str) -> Result<String, EventError> {
        let entry = self.world.timeline(place).and_then(|timeline| timeline.find(id));
        match entry {
            Some(entry) => Ok(entry.thread.clone().unwrap_or_else(|| entry.id.clone())),
            None if self.world.knows_message(place, id) == crate::world::Known::Present => Ok(id.to_owned()),
            None => Err(EventError::Message(id.to_owned())),
        }
    }

    fn team_change(
        &mut self,
        now: Duration,
        place: Place,
        scene: &mut Scene,
        happening: &Happening,
        report: &mut Report,
    ) -> Result<Vec<Value>, EventError> {
        let event = event_type(happening);
        let Place::Channel(at) = place else {
            return Err(EventError::NotAChannel(event));
        };
        let team = self.world.channels[at as usize].team as usize;
        let life = match happening {
            Happening::ChannelCreated { name } => {
                let created = self.world.add_channel(team as u32, name);
                report.conversation_id = Some(self.world.conversation_id(created));
                *scene = Scene::set(
                    &self.world,
                    created,
                    scene.person.clone(),
                    now,
                    &scene.service_url,
                );
                self.changed(created);
                return Ok(vec![scene.channel_event(event)]);
            }
            Happening::ChannelRenamed { .. } | Happening::ChannelDeleted | Happening::ChannelRestored => {
                let channel = &mut self.world.channels[at as usize];
                if channel.name.is_none() {
                    return Err(EventError::General);
                }
                match happening {
                    Happening::ChannelRenamed { name } => channel.name = Some(name.clone()),
                    other => channel.deleted = *other == Happening::ChannelDeleted,
                }
                *scene = Scene::set(&self.world, place, scene.person.clone(), now, &scene.service_url);
                return Ok(vec![scene.channel_event(event)]);
            }
            Happening::TeamRenamed { name } => {
                self.world.teams[team].name.clone_from(name);
                *scene = Scene::set(&self.world, place, scene.person.clone(), now, &scene.service_url);
                return Ok(vec![scene.team_event(event)]);
            }
            Happening::TeamDeleted | Happening::TeamHardDeleted => TeamLife::Deleted,
            Happening::TeamArchived => TeamLife::Archived,
            _ => TeamLife::Active,
        };
        self.world.teams[team].life = life;
        self.notice(
            now,
            place,
            Tone::Info,
            &format!("The team is {}", life_word(life)),
        );
        Ok(vec![scene.team_event(event)])
    }
}

/// Added or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Added,
    Removed,
}

fn life_word(life: TeamLife) -> &'static str {
    match life {
        TeamLife::Active => "active again",
        TeamLife::Archived => "archived",
        TeamLife::Deleted => "deleted",
    }
}

/// The events that say that the bot itself is going.
fn hears_even_when_absent(happening: &Happening) -> bool {
    matches!(
        happening,
        Happening::Install | Happening::Uninstall | Happening::RemoveUpgrade
    )
}

/// `channelData.eventType` of team and channel events.
fn event_type(happening: &Happening) -> &'static str {
    match happening {
        Happening::ChannelCreated { .. } => "channelCreated",
        Happening::ChannelRenamed { .. } => "channelRenamed",
        Happening::ChannelDeleted => "channelDeleted",
        Happening::ChannelRestored => "channelRestored",
        Happening::TeamRenamed { .. } => "teamRenamed",
        Happening::TeamDeleted => "teamDeleted",
        Happening::TeamHardDeleted => "teamHardDeleted",
        Happening::TeamRestored => "teamRestored",
        Happening::TeamArchived => "teamArchived",
        _ => "teamUnarchived",
    }
}
