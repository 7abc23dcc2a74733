//! The common parts of activities: bot, tenant, person, conversation, time.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::clock::{millis, rfc3339};
use crate::ids::{self, mix};
use crate::world::{Person, Place, World, scope};

/// Conversation, time and actor of an event.
#[derive(Debug, Clone)]
pub(crate) struct EventContext {
    pub(crate) service_url: String,
    pub(crate) now: Duration,
    pub(crate) bot_id: String,
    pub(crate) bot_name: String,
    pub(crate) tenant_id: String,
    pub(crate) person: Person,
    pub(crate) scope: &'static str,
    pub(crate) conversation_id: String,
    pub(crate) group_name: Option<String>,
    pub(crate) team: Option<EventTeam>,
    serial: u64,
}

/// The team of a channel.
#[derive(Debug, Clone)]
pub(crate) struct EventTeam {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) aad_group_id: String,
    pub(crate) channel_name: Option<String>,
}

impl EventContext {
    pub(crate) fn new(world: &World, place: Place, person: Person, now: Duration, service_url: &str) -> Self {
        let team = match place {
            Place::Channel(at) => {
                let channel = &world.channels[at as usize];
                let team = &world.teams[channel.team as usize];
                Some(EventTeam {
                    id: world.team_id(channel.team).to_owned(),
                    name: team.name.clone(),
                    aad_group_id: team.aad_group_id.clone(),
                    channel_name: channel.name.clone(),
                })
            }
            Place::Personal(_) | Place::Group(_) => None,
        };
        let group_name = match place {
            Place::Group(at) => Some(world.groups[at as usize].name.clone()),
            Place::Personal(_) | Place::Channel(_) => None,
        };
        let conversation_id = world.conversation_id(place);
        let serial = mix(ids::key_of(&conversation_id) ^ millis(now));
        Self {
            service_url: service_url.to_owned(),
            now,
            bot_id: world.bot_id.clone(),
            bot_name: world.bot_name.clone(),
            tenant_id: person.tenant_id.clone(),
            person,
            scope: scope(place),
            conversation_id,
            group_name,
            team,
            serial,
        }
    }

    /// `f:{guid}`, the form of Teams' ids for events that are not messages.
    pub(crate) fn event_id(&mut self) -> String {
        self.serial = mix(self.serial);
        format!("f:{}", ids::guid(self.serial, mix(self.serial ^ 0xF)))
    }

    /// The account of the person without their name, as on installs.
    pub(crate) fn account_without_name(&self) -> Value {
        json!({ "id": self.person.id, "aadObjectId": self.person.aad_object_id })
    }

    /// The account of the person, as on messages.
    pub(crate) fn account(&self) -> Value {
        json!({ "id": self.person.id, "name": self.person.name(), "aadObjectId": self.person.aad_object_id })
    }

    pub(crate) fn conversation(&self, id: &str) -> Value {
        let mut conversation = Map::new();
        if self.scope != "personal" {
            conversation.insert("isGroup".to_owned(), Value::Bool(true));
        }
        conversation.insert("conversationType".to_owned(), self.scope.into());
        conversation.insert("tenantId".to_owned(), self.tenant_id.as_str().into());
        conversation.insert("id".to_owned(), id.into());
        Value::Object(conversation)
    }

    /// The conversation of install and membership events: the team (its General channel), or the chat itself.
    pub(crate) fn root_id(&self) -> String {
        self.team
            .as_ref()
            .map_or_else(|| self.conversation_id.clone(), |team| team.id.clone())
    }

    pub(crate) fn full_team(&self) -> Option<Value> {
        let team = self.team.as_ref()?;
        Some(json!({ "id": team.id, "name": team.name, "aadGroupId": team.aad_group_id }))
    }

    /// An activity in conversation `id`, with `fields` merged into the common parts.
    pub(crate) fn activity(&mut self, kind: &str, id: &str, from: &Value, fields: Value) -> Value {
        let mut activity = json!({
            "type": kind,
            "id": self.event_id(),
            "timestamp": rfc3339(self.now),
            "channelId": "msteams",
            "serviceUrl": self.service_url,
            "from": from,
            "recipient": { "id": self.bot_id, "name": self.bot_name },
            "conversation": self.conversation(id),
            "channelData": { "tenant": { "id": self.tenant_id } },
        });
        overlay(&mut activity, fields);
        // One millisecond between events, so that time stamps are in the order of sending.
        self.now += Duration::from_millis(1);
        activity
    }

    pub(crate) fn client_info(&self) -> Value {
        json!({ "type": "clientInfo", "locale": self.person.locale, "country": self.person.country,
                "platform": "Web", "timezone": "UTC" })
    }

    /// Fields of activities that come from a person's client.
    pub(crate) fn client_fields(&self) -> Value {
        let local = rfc3339(self.now);
        let local = local.trim_end_matches('Z');
        json!({
            "localTimestamp": format!("{local}+00:00"),
            "localTimezone": "UTC",
            "locale": self.person.locale,
            "entities": [self.client_info()],
        })
    }
}

/// Merges objects recursively; other values are replaced.
pub(crate) fn overlay(base: &mut Value, over: Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                overlay(base.entry(key).or_insert(Value::Null), value);
            }
        }
        (base, over) => *base = over,
    }
}
