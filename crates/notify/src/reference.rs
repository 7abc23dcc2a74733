//! Conversation references in the ecosystem's own shape (botbuilder, TeamsFx), and the only place that reads or edits
//! one: which scope, thread, root, tenant, bot and person it names. Properties that we don't know are kept.
//!
//! Versions 2 and 3 of TeamsFx say `bot`, version 4 says `agent`; both are read, and each stays as it was written.

pub mod account;
mod conversation;
mod describe;
pub mod id_shape;
pub mod teamsfx;

pub use conversation::{Conversation, Origin};
pub use describe::Unusable;

use crate::{
    ids::{BotId, ConversationId, ServiceUrl, TenantId},
    target::{Scope, TargetKey},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::ops::Index;

/// A conversation reference: a JSON object, stored exactly as it is. `Debug` prints the conversation's id only.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConversationReference(Map<String, Value>);

impl std::fmt::Debug for ConversationReference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let conversation = self.conversation().id().unwrap_or_default();
        write!(f, "ConversationReference({conversation})")
    }
}

/// How activities are named in a reference; the second is how some generated types write it.
const ACTIVITY: [&str; 2] = ["activityId", "ActivityId"];

impl ConversationReference {
    /// The properties that only a reference has, by which one is distinguished from an object of several.
    pub const PROPERTIES: [&str; 10] = [
        "activityId",
        "ActivityId",
        "user",
        "bot",
        "agent",
        "conversation",
        "channelId",
        "locale",
        "serviceUrl",
        "requestId",
    ];

    /// The reference with these properties.
    pub fn new(properties: Map<String, Value>) -> Self {
        Self(properties)
    }

    /// The reference of an activity, property by property as botbuilder derives it (`getConversationReference`).
    pub fn of_activity(activity: &Map<String, Value>) -> Self {
        let properties = [
            ("id", ACTIVITY[0]),
            ("from", "user"),
            ("recipient", "bot"),
            ("conversation", "conversation"),
            ("channelId", "channelId"),
            ("locale", "locale"),
            ("serviceUrl", "serviceUrl"),
        ];
        let named = properties.into_iter().filter_map(|(source, property)| {
            let value = activity.get(source).filter(|value| !value.is_null())?;
            Some((property.to_owned(), value.clone()))
        });
        Self(named.collect())
    }

    /// All properties, to be written or shown.
    pub fn properties(&self) -> &Map<String, Value> {
        &self.0
    }

    /// All properties, as a store's text is made of them.
    pub fn into_properties(self) -> Map<String, Value> {
        self.0
    }

    /// The conversation.
    pub fn conversation(&self) -> Conversation<'_> {
        Conversation::new(self.0.get("conversation").and_then(Value::as_object))
    }

    /// The bot that the reference names.
    pub fn bot(&self) -> Option<BotId> {
        let account = self.at(&["bot", "id"]).or_else(|| self.at(&["agent", "id"]))?;
        Some(BotId::of_account(account))
    }

    /// The bot that the reference belongs to: the one it names, else `own`. Without a registration (`own` is empty, in
    /// local development) every reference is the bot's own.
    pub fn bot_or(&self, own: &BotId) -> BotId {
        let named = self.bot().filter(|_| !own.as_str().is_empty());
        named.unwrap_or_else(|| own.clone())
    }

    /// The person (`29:…`) who acted; in a personal chat the one whom messages reach.
    pub fn user(&self) -> Option<&str> {
        self.at(&["user", "id"])
    }

    /// The same person's Entra object id; older payloads call it `objectId`, and a personal chat may name it itself.
    pub fn entra(&self, scope: Scope) -> Option<&str> {
        let chat = || self.conversation().entra().filter(|_| scope == Scope::Personal);
        self.at(&["user", "aadObjectId"])
            .or_else(|| self.at(&["user", "objectId"]))
            .or_else(chat)
    }

    /// The name of whom messages reach: the person of a personal chat, else the chat or the team.
    pub fn name(&self, scope: Scope) -> Option<&str> {
        match scope {
            Scope::Personal => self.at(&["user", "name"]),
            Scope::GroupChat | Scope::Team => self.conversation().name(),
        }
    }

    /// BCP-47 language of the person's client.
    pub fn locale(&self) -> Option<&str> {
        text(&self.0, "locale")
    }

    /// Connector address for the conversation.
    pub fn service_url(&self) -> Option<&str> {
        text(&self.0, "serviceUrl")
    }

    /// The conversation has another id now; it is the same conversation.
    pub fn move_to(&mut self, conversation: &ConversationId) {
        self.edit_conversation(|properties| {
            properties.insert("id".to_owned(), conversation.as_str().into());
        });
    }

    /// The conversation is reached at this connector address.
    pub fn readdress(&mut self, service_url: &ServiceUrl) {
        self.0
            .insert("serviceUrl".to_owned(), service_url.as_str().into());
    }

    /// The conversation has another name now.
    pub fn rename(&mut self, name: &str) {
        self.edit_conversation(|properties| {
            properties.insert("name".to_owned(), name.into());
        });
    }

    /// The reference of a target as a whole: without a thread, for a team without the channel that an activity came
    /// from, and with the tenant that was found for it.
    pub fn stand_for(&mut self, key: &TargetKey, scope: Scope, team_name: Option<&str>) {
        let is_other = self.conversation().id() != Some(key.root.as_str());
        self.move_to(&key.root);
        match (scope, team_name) {
            (Scope::Team, Some(name)) => self.rename(name),
            // The name was the channel's.
            (Scope::Team, None) if is_other => self.edit_conversation(|properties| {
                properties.remove("name");
            }),
            _ => {}
        }
        if key.has_tenant() {
            self.fill_tenant(&key.tenant);
        }
    }

    fn fill_tenant(&mut self, tenant: &TenantId) {
        self.edit_conversation(|properties| {
            if text(properties, "tenantId").is_none() {
                properties.insert("tenantId".to_owned(), tenant.as_str().into());
            }
        });
    }

    /// Names the person with all that is known of them; `None` where an activity comes from no person.
    pub fn set_person(&mut self, account: Option<&Map<String, Value>>) {
        match account {
            Some(account) => self.0.insert("user".to_owned(), Value::Object(account.clone())),
            None => self.0.remove("user"),
        };
    }

    /// Removes the person: nothing in the reference identifies them any more.
    pub fn without_person(&mut self) {
        self.0.remove("user");
        if let Some(Value::Object(conversation)) = self.0.get_mut("conversation") {
            conversation.remove("aadObjectId");
        }
    }

    /// Takes from an older reference of the same target what this one lacks: most activities leave the
    /// conversation's name out, and some the person. The activity is not taken: it was another.
    pub fn fill_gaps_from(&mut self, older: &Self) {
        for (property, known) in &older.0 {
            if ACTIVITY.contains(&property.as_str()) {
                continue;
            }
            let own = self.0.entry(property).or_insert(Value::Null);
            match (own, known) {
                (own @ Value::Null, known) => *own = known.clone(),
                (Value::Object(own), Value::Object(known)) if property == "conversation" => {
                    for (property, known) in known {
                        let own = own.entry(property).or_insert(Value::Null);
                        if own.is_null() {
                            *own = known.clone();
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn at(&self, path: &[&str]) -> Option<&str> {
        let (property, parents) = path.split_last()?;
        let mut object = &self.0;
        for parent in parents {
            object = object.get(*parent)?.as_object()?;
        }
        text(object, property)
    }

    /// Edits the conversation's properties; an object takes the place of what is none.
    fn edit_conversation(&mut self, edit: impl FnOnce(&mut Map<String, Value>)) {
        let value = self.0.entry("conversation").or_insert(Value::Null);
        let mut conversation = match value.take() {
            Value::Object(conversation) => conversation,
            _ => Map::new(),
        };
        edit(&mut conversation);
        *value = Value::Object(conversation);
    }
}

impl Index<&str> for ConversationReference {
    type Output = Value;

    /// A property as it is; null where there is none.
    fn index(&self, property: &str) -> &Value {
        self.0.get(property).unwrap_or(&Value::Null)
    }
}

/// A property that says something: absent, null and blank are the same.
fn text<'a>(object: &'a Map<String, Value>, property: &str) -> Option<&'a str> {
    let text = object.get(property)?.as_str()?;
    (!text.trim().is_empty()).then_some(text)
}

#[cfg(test)]
mod tests;
