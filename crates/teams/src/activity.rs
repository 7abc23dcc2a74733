//! A parsed inbound activity: the JSON as received, with typed accessors for what the bot needs. No decisions here.
//!
//! Shapes: Bot Framework activity schema as Teams uses it. A field of the wrong type is an error that names the
//! field, because acting on half an activity would lose an installation silently.

mod account;
mod channel_data;
mod error;
mod lenient;
#[cfg(test)]
mod tests;

pub use account::Account;
pub use channel_data::ChannelData;
pub use error::ActivityError;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Properties that must be strings where they are present.
const STRING_PROPERTIES: [&str; 12] = [
    "id",
    "timestamp",
    "serviceUrl",
    "channelId",
    "text",
    "textFormat",
    "locale",
    "localTimezone",
    "action",
    "name",
    "replyToId",
    "type",
];
/// Properties that must be objects where they are present.
const OBJECT_PROPERTIES: [&str; 4] = ["from", "recipient", "conversation", "channelData"];
/// Properties that must be arrays of objects where they are present.
const ARRAY_PROPERTIES: [&str; 3] = ["membersAdded", "membersRemoved", "entities"];

/// Properties that a reply to the activity needs.
const REPLY_PROPERTIES: [&str; 8] = [
    "type",
    "id",
    "timestamp",
    "channelId",
    "serviceUrl",
    "from",
    "recipient",
    "conversation",
];

/// Types of the Bot Framework activity schema.
const TYPES: [&str; 20] = [
    "message",
    "conversationUpdate",
    "installationUpdate",
    "invoke",
    "messageReaction",
    "messageUpdate",
    "messageDelete",
    "typing",
    "event",
    "endOfConversation",
    "trace",
    "handoff",
    "contactRelationUpdate",
    "deleteUserData",
    "suggestion",
    "command",
    "commandResult",
    "delay",
    "invokeResponse",
    "session",
];

/// The kinds of activity that this bot treats differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ActivityKind {
    /// A person wrote something, or pressed a card's `Action.Submit`.
    Message,
    /// Members, team or channels changed.
    ConversationUpdate,
    /// The app was installed, upgraded or removed.
    InstallationUpdate,
    /// Expects its answer in the HTTP response.
    Invoke,
    /// Anything else: acknowledged and otherwise ignored.
    Other,
}

/// A parsed activity; unknown properties are kept. `Debug` prints no text.
#[derive(Clone, PartialEq)]
pub struct Activity {
    raw: Map<String, Value>,
    at: Option<Timestamp>,
}

impl std::fmt::Debug for Activity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Activity({}, {} properties)",
            self.known_type(),
            self.raw.len()
        )
    }
}

impl Activity {
    /// Parses a request body.
    ///
    /// # Errors
    /// What is wrong and where; the response is 400.
    pub fn parse(body: &[u8]) -> Result<Self, ActivityError> {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let value = serde_json::from_slice(body).or_else(|error| {
            let torn = || ActivityError::NotJson(error.to_string());
            let mended = lenient::sanitized(body).ok_or_else(torn)?;
            let value = serde_json::from_slice(&mended).map_err(|_| torn())?;
            tracing::debug!(
                "parts of an activity are too deep, too large or no characters; they are left out"
            );
            Ok(value)
        })?;
        Self::from_value(value)
    }

    /// Reads an activity from parsed JSON.
    ///
    /// # Errors
    /// What is wrong and where.
    pub fn from_value(value: Value) -> Result<Self, ActivityError> {
        let Value::Object(raw) = value else {
            return Err(ActivityError::NotAnObject);
        };
        match raw.get("type") {
            Some(Value::String(kind)) if !kind.trim().is_empty() => {}
            _ => return Err(ActivityError::NoType),
        }
        check(&raw)?;
        let at = match raw.get("timestamp").and_then(Value::as_str) {
            None | Some("") => None,
            Some(text) => Some(timestamp(text).ok_or(ActivityError::BadTimestamp)?),
        };
        Ok(Self { raw, at })
    }

    /// Keeps only what a reply needs: for replies that are sent after the request has ended.
    #[must_use]
    pub fn into_address(mut self) -> Self {
        let locale = self.locale().map(str::to_owned);
        let tenant = self.channel_data().tenant().map(str::to_owned);
        self.raw
            .retain(|property, _| REPLY_PROPERTIES.contains(&property.as_str()));
        self.raw
            .extend(locale.map(|locale| ("locale".to_owned(), locale.into())));
        self.raw
            .extend(tenant.map(|tenant| ("channelData".to_owned(), json!({ "tenant": { "id": tenant } }))));
        self
    }

    /// The whole activity as received.
    pub fn raw(&self) -> &Map<String, Value> {
        &self.raw
    }

    /// The kind, by `type`; case-insensitive.
    pub fn kind(&self) -> ActivityKind {
        let kind = self.type_name();
        let is = |name: &str| kind.eq_ignore_ascii_case(name);
        match () {
            () if is("message") => ActivityKind::Message,
            () if is("conversationUpdate") => ActivityKind::ConversationUpdate,
            () if is("installationUpdate") => ActivityKind::InstallationUpdate,
            () if is("invoke") => ActivityKind::Invoke,
            () => ActivityKind::Other,
        }
    }

    /// The type as the Bot Framework schema writes it; `other` if it has no such type. Safe to log,
    /// unlike the type as received.
    pub fn known_type(&self) -> &'static str {
        let kind = self.type_name();
        let known = TYPES.iter().find(|known| kind.eq_ignore_ascii_case(known));
        known.copied().unwrap_or("other")
    }

    /// `type` as received.
    pub fn type_name(&self) -> &str {
        self.string_property("type").unwrap_or_default()
    }

    /// `timestamp`: when the event happened, by Teams' clock.
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.at
    }

    /// Message id, or `f:…` for updates.
    pub fn id(&self) -> Option<&str> {
        self.string_property("id")
    }

    /// Service URL to send replies to.
    pub fn service_url(&self) -> Option<&str> {
        self.string_property("serviceUrl")
    }

    /// `msteams`, possibly with a sub-channel (`msteams:COPILOT`).
    pub fn channel(&self) -> Option<&str> {
        self.string_property("channelId")
    }

    /// The channel without its sub-channel.
    pub fn base_channel(&self) -> Option<&str> {
        self.channel().and_then(|channel| channel.split(':').next())
    }

    /// What the person wrote, mentions included.
    pub fn text(&self) -> Option<&str> {
        self.string_property("text")
    }

    /// `add`, `remove`, … of an installation update.
    pub fn action(&self) -> Option<&str> {
        self.string_property("action")
    }

    /// Name of an invoke.
    pub fn name(&self) -> Option<&str> {
        self.string_property("name")
    }

    /// Payload of an invoke or of `Action.Submit`.
    pub fn value(&self) -> Option<&Value> {
        self.raw.get("value").filter(|value| !value.is_null())
    }

    /// Id of the message that this one replies to; for card actions, of the card's message.
    pub fn reply_to(&self) -> Option<&str> {
        self.string_property("replyToId")
    }

    /// The account that sent the activity.
    pub fn from(&self) -> Option<Account<'_>> {
        self.object("from").map(Account::new)
    }

    /// The bot, as Teams names it here.
    pub fn recipient(&self) -> Option<Account<'_>> {
        self.object("recipient").map(Account::new)
    }

    /// The `conversation` object as received.
    pub fn conversation(&self) -> Option<&Map<String, Value>> {
        self.object("conversation")
    }

    /// A string property of the conversation.
    pub fn conversation_property(&self, property: &str) -> Option<&str> {
        self.conversation()
            .and_then(|conversation| text(conversation, property))
    }

    /// The Teams-specific `channelData`.
    pub fn channel_data(&self) -> ChannelData<'_> {
        ChannelData::new(self.object("channelData"))
    }

    /// Accounts that were added to the conversation.
    pub fn members_added(&self) -> impl Iterator<Item = Account<'_>> {
        self.objects("membersAdded").map(Account::new)
    }

    /// Accounts that were removed from the conversation.
    pub fn members_removed(&self) -> impl Iterator<Item = Account<'_>> {
        self.objects("membersRemoved").map(Account::new)
    }

    /// Entities: mentions, client information and the like.
    pub fn entities(&self) -> impl Iterator<Item = &Map<String, Value>> {
        self.objects("entities")
    }

    /// Language of the person's client: the activity's own, else the client information's.
    pub fn locale(&self) -> Option<&str> {
        self.string_property("locale")
            .or_else(|| self.client_info("locale"))
    }

    /// The person's IANA time zone, where Teams sends it.
    pub fn time_zone(&self) -> Option<&str> {
        self.string_property("localTimezone")
            .or_else(|| self.client_info("timezone"))
    }

    fn client_info(&self, property: &str) -> Option<&str> {
        self.entities()
            .filter(|entity| text(entity, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("clientInfo")))
            .find_map(|entity| text(entity, property))
    }

    fn string_property(&self, property: &str) -> Option<&str> {
        text(&self.raw, property)
    }

    fn object(&self, property: &str) -> Option<&Map<String, Value>> {
        self.raw.get(property).and_then(Value::as_object)
    }

    fn objects(&self, property: &str) -> impl Iterator<Item = &Map<String, Value>> {
        let list = self.raw.get(property).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_object)
    }
}

/// A string property that is not blank: absent, null and blank are all `None`.
pub(crate) fn text<'a>(object: &'a Map<String, Value>, property: &str) -> Option<&'a str> {
    object
        .get(property)
        .and_then(Value::as_str)
        .filter(|text| !text.trim().is_empty())
}

fn check(raw: &Map<String, Value>) -> Result<(), ActivityError> {
    let wrong = |property: &str, expected| {
        Err(ActivityError::WrongShape {
            pointer: format!("/{property}"),
            expected,
        })
    };
    let present = |property: &&str| raw.get(*property).is_some_and(|value| !value.is_null());
    for property in STRING_PROPERTIES.iter().filter(|property| present(property)) {
        if !raw[*property].is_string() {
            return wrong(property, "a string");
        }
    }
    for property in OBJECT_PROPERTIES.iter().filter(|property| present(property)) {
        let Some(object) = raw[*property].as_object() else {
            return wrong(property, "an object");
        };
        if object
            .get("id")
            .is_some_and(|id| !id.is_null() && !id.is_string())
        {
            return wrong(&format!("{property}/id"), "a string");
        }
    }
    for property in ARRAY_PROPERTIES.iter().filter(|property| present(property)) {
        let Some(list) = raw[*property].as_array() else {
            return wrong(property, "an array");
        };
        if let Some(n) = list.iter().position(|item| !item.is_object() && !item.is_null()) {
            return wrong(&format!("{property}/{n}"), "an object");
        }
    }
    Ok(())
}

/// RFC 3339; a time without an offset is UTC, as .NET services sometimes write it.
fn timestamp(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    text.parse().ok().or_else(|| {
        let local: jiff::civil::DateTime = text.parse().ok()?;
        Some(local.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    })
}
