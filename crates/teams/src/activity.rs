//! An activity as it came in: everything is kept, what the bot needs has typed access. No decisions here.
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

/// Members of an activity that must be text where they are present.
const TEXTS: [&str; 12] = [
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
/// Members that must be objects where they are present.
const OBJECTS: [&str; 4] = ["from", "recipient", "conversation", "channelData"];
/// Members that must be arrays of objects where they are present.
const LISTS: [&str; 3] = ["membersAdded", "membersRemoved", "entities"];

/// Members that say whom and where to answer.
const ADDRESS: [&str; 8] = [
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
pub enum Kind {
    /// A person wrote something, or pressed a card's `Action.Submit`.
    Message,
    /// Members, team or channels changed.
    ConversationUpdate,
    /// The app was installed, upgraded or removed.
    InstallationUpdate,
    /// Wants an answer in the HTTP reply.
    Invoke,
    /// Anything else: acknowledged and left alone.
    Other,
}

/// A parsed activity; unknown members are kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Activity {
    raw: Map<String, Value>,
    at: Option<Timestamp>,
}

impl Activity {
    /// Parses a request body.
    ///
    /// # Errors
    /// What is wrong and where; answered with 400.
    pub fn parse(body: &[u8]) -> Result<Self, ActivityError> {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let value = serde_json::from_slice(body).or_else(|error| {
            let torn = || ActivityError::NotJson(error.to_string());
            let mended = lenient::mended(body).ok_or_else(torn)?;
            let value = serde_json::from_slice(&mended).map_err(|_| torn())?;
            tracing::debug!(
                "parts of an activity are too deep, too large or no characters; they are left out"
            );
            Ok(value)
        })?;
        Self::from_value(value)
    }

    /// Takes an activity that is JSON already.
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

    /// What an answer to it needs, and nothing else: for answers that take longer than the request.
    #[must_use]
    pub fn into_address(mut self) -> Self {
        let locale = self.locale().map(str::to_owned);
        let tenant = self.channel_data().tenant().map(str::to_owned);
        self.raw.retain(|member, _| ADDRESS.contains(&member.as_str()));
        self.raw
            .extend(locale.map(|locale| ("locale".to_owned(), locale.into())));
        self.raw
            .extend(tenant.map(|tenant| ("channelData".to_owned(), json!({ "tenant": { "id": tenant } }))));
        self
    }

    /// All of it, as it came.
    pub fn raw(&self) -> &Map<String, Value> {
        &self.raw
    }

    /// Which kind; compared without case.
    pub fn kind(&self) -> Kind {
        let kind = self.type_name();
        let is = |name: &str| kind.eq_ignore_ascii_case(name);
        match () {
            () if is("message") => Kind::Message,
            () if is("conversationUpdate") => Kind::ConversationUpdate,
            () if is("installationUpdate") => Kind::InstallationUpdate,
            () if is("invoke") => Kind::Invoke,
            () => Kind::Other,
        }
    }

    /// The type as the Bot Framework schema writes it; `other` if it has no such type. Safe to log, as the type as it
    /// came is not.
    pub fn known_type(&self) -> &'static str {
        let kind = self.type_name();
        let known = TYPES.iter().find(|known| kind.eq_ignore_ascii_case(known));
        known.copied().unwrap_or("other")
    }

    /// The type as it was written.
    pub fn type_name(&self) -> &str {
        self.text_of("type").unwrap_or_default()
    }

    /// Teams' own time of the event.
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.at
    }

    /// Message id, or `f:…` for updates.
    pub fn id(&self) -> Option<&str> {
        self.text_of("id")
    }

    /// Address to answer at.
    pub fn service_url(&self) -> Option<&str> {
        self.text_of("serviceUrl")
    }

    /// `msteams`, possibly with a sub-channel (`msteams:COPILOT`).
    pub fn channel(&self) -> Option<&str> {
        self.text_of("channelId")
    }

    /// The channel without its sub-channel.
    pub fn base_channel(&self) -> Option<&str> {
        self.channel().and_then(|channel| channel.split(':').next())
    }

    /// What the person wrote, mentions included.
    pub fn text(&self) -> Option<&str> {
        self.text_of("text")
    }

    /// `add`, `remove`, … of an installation update.
    pub fn action(&self) -> Option<&str> {
        self.text_of("action")
    }

    /// Name of an invoke.
    pub fn name(&self) -> Option<&str> {
        self.text_of("name")
    }

    /// Payload of an invoke or of `Action.Submit`.
    pub fn value(&self) -> Option<&Value> {
        self.raw.get("value").filter(|value| !value.is_null())
    }

    /// Message that this one answers; the card's message for card actions.
    pub fn reply_to(&self) -> Option<&str> {
        self.text_of("replyToId")
    }

    /// Who did it.
    pub fn from(&self) -> Option<Account<'_>> {
        self.object("from").map(Account::new)
    }

    /// The bot, as Teams names it here.
    pub fn recipient(&self) -> Option<Account<'_>> {
        self.object("recipient").map(Account::new)
    }

    /// The conversation's members as they came.
    pub fn conversation(&self) -> Option<&Map<String, Value>> {
        self.object("conversation")
    }

    /// A text member of the conversation.
    pub fn conversation_text(&self, member: &str) -> Option<&str> {
        self.conversation()
            .and_then(|conversation| text(conversation, member))
    }

    /// Teams' own part.
    pub fn channel_data(&self) -> ChannelData<'_> {
        ChannelData::new(self.object("channelData"))
    }

    /// Who came.
    pub fn members_added(&self) -> impl Iterator<Item = Account<'_>> {
        self.objects("membersAdded").map(Account::new)
    }

    /// Who left.
    pub fn members_removed(&self) -> impl Iterator<Item = Account<'_>> {
        self.objects("membersRemoved").map(Account::new)
    }

    /// Mentions, client information and the like.
    pub fn entities(&self) -> impl Iterator<Item = &Map<String, Value>> {
        self.objects("entities")
    }

    /// Language of the person's client: the activity's own, else the client information's.
    pub fn locale(&self) -> Option<&str> {
        self.text_of("locale").or_else(|| self.client_info("locale"))
    }

    /// The person's IANA time zone, where Teams tells it.
    pub fn time_zone(&self) -> Option<&str> {
        self.text_of("localTimezone")
            .or_else(|| self.client_info("timezone"))
    }

    fn client_info(&self, member: &str) -> Option<&str> {
        self.entities()
            .filter(|entity| text(entity, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("clientInfo")))
            .find_map(|entity| text(entity, member))
    }

    fn text_of(&self, member: &str) -> Option<&str> {
        text(&self.raw, member)
    }

    fn object(&self, member: &str) -> Option<&Map<String, Value>> {
        self.raw.get(member).and_then(Value::as_object)
    }

    fn objects(&self, member: &str) -> impl Iterator<Item = &Map<String, Value>> {
        let list = self.raw.get(member).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_object)
    }
}

/// A text member that says something: absent, null and empty are the same.
pub(crate) fn text<'a>(object: &'a Map<String, Value>, member: &str) -> Option<&'a str> {
    object
        .get(member)
        .and_then(Value::as_str)
        .filter(|text| !text.trim().is_empty())
}

fn check(raw: &Map<String, Value>) -> Result<(), ActivityError> {
    let wrong = |member: &str, expected| {
        Err(ActivityError::WrongShape {
            pointer: format!("/{member}"),
            expected,
        })
    };
    let present = |member: &&str| raw.get(*member).is_some_and(|value| !value.is_null());
    for member in TEXTS.iter().filter(|member| present(member)) {
        if !raw[*member].is_string() {
            return wrong(member, "a string");
        }
    }
    for member in OBJECTS.iter().filter(|member| present(member)) {
        let Some(object) = raw[*member].as_object() else {
            return wrong(member, "an object");
        };
        if object
            .get("id")
            .is_some_and(|id| !id.is_null() && !id.is_string())
        {
            return wrong(&format!("{member}/id"), "a string");
        }
    }
    for member in LISTS.iter().filter(|member| present(member)) {
        let Some(list) = raw[*member].as_array() else {
            return wrong(member, "an array");
        };
        if let Some(n) = list.iter().position(|item| !item.is_object() && !item.is_null()) {
            return wrong(&format!("{member}/{n}"), "an object");
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
