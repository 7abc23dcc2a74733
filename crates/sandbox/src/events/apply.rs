//! Applies an event to the world, shows it, and creates the activities for the bot.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use super::{EventContext, EventError, EventReport, Mention, TeamsEvent};
use crate::clock::millis;
use crate::connector::ConnectorState;
use crate::ids::PersonKey;
use crate::world::{Author, Entry, EntryState, MemberLookup, Place, ResolvedConversation, TeamLife, Tone};

/// An event that was applied.
#[derive(Debug)]
pub(crate) struct AppliedEvent {
    pub(crate) place: Place,
    /// Activities to post, in order.
    pub(crate) activities: Vec<Value>,
    /// The report before anything is posted.
    pub(crate) report: EventReport,
}

impl ConnectorState {
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

    /// Applies an event to a conversation; `person` is the actor, or the default person.
    pub(crate) fn raise(
        &mut self,
        now: Duration,
        service_url: &str,
        conversation: &str,
        person: Option<&str>,
        teams_event: &TeamsEvent,
    ) -> Result<AppliedEvent, EventError> {
        let ResolvedConversation { place, thread, .. } = self.world.locate(conversation)?;
        let actor = self.world.person(self.actor(place, person)?);
        let actor_name = actor.name();
        let service_url = self.address_of(now, place, service_url);
        let form = self.activity_form(now, place, teams_event);
        let mut context = EventContext::new(&self.world, place, actor, now, &service_url);
        if let Some(id) = &form.chat_id {
            context.conversation_id.clone_from(id);
        }
        let mut report = EventReport::default();
        let mut activities = match teams_event {
            TeamsEvent::Install => {
                self.world.set_installed(place, true);
                self.switches.installed(&self.world, now, place);
                self.notice(now, place, Tone::Info, &format!("{actor_name} installed the bot"));
                context.installation("add")
            }
            TeamsEvent::Uninstall => {
                self.world.set_installed(place, false);
                self.notice(now, place, Tone::Info, &format!("{actor_name} removed the bot"));
                context.installation("remove")
            }
            TeamsEvent::Upgrade => context.installation("add-upgrade"),
            TeamsEvent::RemoveUpgrade => {
                self.world.set_installed(place, false);
                self.notice(now, place, Tone::Info, "A new version of the app dropped the bot");
                context.installation("remove-upgrade")
            }
            TeamsEvent::Block | TeamsEvent::Unblock => {
                let blocks = *teams_event == TeamsEvent::Block;
                if self.world.set_blocked(place, blocks) {
                    let verb = if blocks { "blocked" } else { "unblocked" };
                    self.notice(now, place, Tone::Info, &format!("{actor_name} {verb} the bot"));
                }
                report.note = Some("Teams sends the bot no event for this".to_owned());
                Vec::new()
            }
            TeamsEvent::DisableTenant | TeamsEvent::EnableTenant => {
                let tenant = self.world.tenant_of(place);
                self.world.tenants[tenant as usize].disabled = *teams_event == TeamsEvent::DisableTenant;
                report.note = Some("Teams sends the bot no event for this".to_owned());
                Vec::new()
            }
            TeamsEvent::DisableApp => {
                self.world.disallow(place);
                report.note = Some("Teams sends the bot no event for this".to_owned());
                Vec::new()
            }
            TeamsEvent::EnableApp => {
                self.world.allow(place);
                report.note = Some("Teams sends the bot no event for this".to_owned());
                Vec::new()
            }
            TeamsEvent::MemberAdded { member } => {
                self.member_change(place, &mut context, member, Change::Added)?
            }
            TeamsEvent::MemberRemoved { member } => {
                self.member_change(place, &mut context, member, Change::Removed)?
            }
            TeamsEvent::Message {
                text,
                mention,
                thread: root,
            } => {
                let root = root.clone().or(thread.map(|root| root.to_string()));
                self.message(place, &mut context, text, *mention, root, &mut report)?
            }
            TeamsEvent::MessageEdited { message_id, text } => {
                self.message_change(place, &mut context, message_id, Some(text))?
            }
            TeamsEvent::MessageDeleted { message_id } => {
                self.message_change(place, &mut context, message_id, None)?
            }
            TeamsEvent::ReactionAdded { message_id, reaction } => {
                let root = self.root_of(place, message_id)?;
                vec![context.reaction("reactionsAdded", message_id, &root, reaction)]
            }
            TeamsEvent::ReactionRemoved { message_id, reaction } => {
                let root = self.root_of(place, message_id)?;
                vec![context.reaction("reactionsRemoved", message_id, &root, reaction)]
            }
            TeamsEvent::Submit { message_id, data } => {
                let root = self.root_of(place, message_id)?;
                let id = self.world.next_id(place, context.now).to_string();
                vec![context.submit(&id, message_id, &root, data)]
            }
            TeamsEvent::Execute { message_id, action } => {
                let root = self.root_of(place, message_id)?;
                vec![context.execute(message_id, &root, action)]
            }
            other => self.team_change(now, place, &mut context, other, &mut report)?,
        };
        activities.iter_mut().for_each(|activity| form.mark(activity));
        self.changed(place);
        let receives = is_sent_without_installation(teams_event) || self.world.is_installed(place);
        if !receives && !activities.is_empty() {
            report.note = Some("The bot is not installed here and receives no events".to_owned());
        }
        Ok(AppliedEvent {
            place,
            activities: if receives { activities } else { Vec::new() },
            report,
        })
    }

    fn member_change(
        &mut self,
        place: Place,
        context: &mut EventContext,
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
        self.notice(
            context.now,
            place,
            Tone::Info,
            &format!("{} {verb}", person.name()),
        );
        let account = serde_json::json!([{ "id": person.id, "aadObjectId": person.aad_object_id }]);
        Ok(vec![context.members(adding, &account)])
    }

    fn message(
        &mut self,
        place: Place,
        context: &mut EventContext,
        text: &str,
        mention: Mention,
        root: Option<String>,
        report: &mut EventReport,
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
        let id = self.world.next_id(place, context.now).to_string();
        let author = Author::Person {
            id: context.person.id.clone(),
            name: context.person.name(),
        };
        let activity = context.message(&id, in_thread.as_deref().unwrap_or(&id), text, mention);
        let entry = Entry {
            id: id.clone(),
            at: millis(context.now),
            author,
            thread: in_thread,
            state: EntryState::Sent,
            activity: Bytes::from(activity.to_string()),
        };
        self.show(place, entry);
        report.message_id = Some(id);
        if !personal && mention == Mention::Without {
            let why = "Without a mention Teams does not send the message to the bot";
            self.notice(context.now, place, Tone::Info, why);
            report.note = Some(why.to_owned());
            return Ok(Vec::new());
        }
        Ok(vec![activity])
    }

    fn message_change(
        &mut self,
        place: Place,
        context: &mut EventContext,
        id: &str,
        text: Option<&String>,
    ) -> Result<Vec<Value>, EventError> {
        let root = self.root_of(place, id)?;
        let (kind, event, state) = match text {
            Some(_) => ("messageUpdate", "editMessage", EntryState::Edited),
            None => ("messageDelete", "softDeleteMessage", EntryState::Deleted),
        };
        let activity = context.message_change(kind, event, id, &root, text.map(String::as_str));
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
            None if self.world.knows_message(place, id) == crate::world::MessageLookup::Present => {
                Ok(id.to_owned())
            }
            None => Err(EventError::Message(id.to_owned())),
        }
    }

    fn team_change(
        &mut self,
        now: Duration,
        place: Place,
        context: &mut EventContext,
        teams_event: &TeamsEvent,
        report: &mut EventReport,
    ) -> Result<Vec<Value>, EventError> {
        let event = event_type(teams_event);
        let Place::Channel(at) = place else {
            return Err(EventError::NotAChannel(event));
        };
        let team = self.world.channels[at as usize].team as usize;
        let life = match teams_event {
            TeamsEvent::ChannelCreated { name } => {
                let created = self.world.add_channel(team as u32, name);
                report.conversation_id = Some(self.world.conversation_id(created));
                *context = EventContext::new(
                    &self.world,
                    created,
                    context.person.clone(),
                    now,
                    &context.service_url,
                );
                self.changed(created);
                return Ok(vec![context.channel_event(event)]);
            }
            TeamsEvent::ChannelRenamed { .. } | TeamsEvent::ChannelDeleted | TeamsEvent::ChannelRestored => {
                let channel = &mut self.world.channels[at as usize];
                if channel.name.is_none() {
                    return Err(EventError::General);
                }
                match teams_event {
                    TeamsEvent::ChannelRenamed { name } => channel.name = Some(name.clone()),
                    other => channel.deleted = *other == TeamsEvent::ChannelDeleted,
                }
                *context = EventContext::new(
                    &self.world,
                    place,
                    context.person.clone(),
                    now,
                    &context.service_url,
                );
                return Ok(vec![context.channel_event(event)]);
            }
            TeamsEvent::TeamRenamed { name } => {
                self.world.teams[team].name.clone_from(name);
                *context = EventContext::new(
                    &self.world,
                    place,
                    context.person.clone(),
                    now,
                    &context.service_url,
                );
                return Ok(vec![context.team_event(event)]);
            }
            TeamsEvent::TeamDeleted | TeamsEvent::TeamHardDeleted => TeamLife::Deleted,
            TeamsEvent::TeamArchived => TeamLife::Archived,
            _ => TeamLife::Active,
        };
        self.world.teams[team].life = life;
        self.notice(
            now,
            place,
            Tone::Info,
            &format!("The team is {}", life_name(life)),
        );
        Ok(vec![context.team_event(event)])
    }
}

/// Added or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Added,
    Removed,
}

fn life_name(life: TeamLife) -> &'static str {
    match life {
        TeamLife::Active => "active again",
        TeamLife::Archived => "archived",
        TeamLife::Deleted => "deleted",
    }
}

/// Events about the bot itself, which are sent also when it is not installed (any more).
fn is_sent_without_installation(teams_event: &TeamsEvent) -> bool {
    matches!(
        teams_event,
        TeamsEvent::Install | TeamsEvent::Uninstall | TeamsEvent::RemoveUpgrade
    )
}

/// `channelData.eventType` of team and channel events.
fn event_type(teams_event: &TeamsEvent) -> &'static str {
    match teams_event {
        TeamsEvent::ChannelCreated { .. } => "channelCreated",
        TeamsEvent::ChannelRenamed { .. } => "channelRenamed",
        TeamsEvent::ChannelDeleted => "channelDeleted",
        TeamsEvent::ChannelRestored => "channelRestored",
        TeamsEvent::TeamRenamed { .. } => "teamRenamed",
        TeamsEvent::TeamDeleted => "teamDeleted",
        TeamsEvent::TeamHardDeleted => "teamHardDeleted",
        TeamsEvent::TeamRestored => "teamRestored",
        TeamsEvent::TeamArchived => "teamArchived",
        _ => "teamUnarchived",
    }
}
