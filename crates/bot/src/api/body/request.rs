//! The bodies of requests. These types are what is read and what the API's description is made from; their doc comments
//! are its texts.

use super::values::{AtLeastOne, Card, CardData, Instant, NonBlank, NotYet};
use notify::{
    request::{OnUncertain, Priority},
    target::Scope,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// A notification. All properties are optional: `{}` and an empty body send the default card to every installation.
/// `null` counts as not given, except in `audience`.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("not" = { "anyOf": [
    {
        "required": ["card", "text"],
        "properties": { "card": { "type": ["string", "object"] }, "text": { "type": "string" } },
    },
    {
        "required": ["data", "text"],
        "properties": { "data": { "type": ["object", "array"] }, "text": { "type": "string" } },
    },
] }))]
pub(crate) struct NotificationRequest {
    /// The name of a template in the bot's `cards/`, or a template as an object (Adaptive Card Templating). Without
    /// `card` and `text` it is the template `default`.
    pub(super) card: Option<Card>,
    /// A text message (Markdown) in place of a card.
    pub(super) text: Option<NonBlank>,
    /// What fills the card's template.
    pub(super) data: Option<CardData>,
    /// What the notification banner and the chat list show.
    pub(super) summary: Option<String>,
    /// Whether Teams shows a banner also to those who have switched banners of this app off.
    pub(super) alert: Option<bool>,
    /// Whom it is for. Without it: every installation, up to `NOTIFICATION_UNNAMED_LIMIT` of them.
    // `null` is refused ahead of this: it is not taken for everybody.
    #[serde(default)]
    #[schemars(with = "AudienceRequest")]
    pub(super) audience: Option<AudienceRequest>,
    /// What is sent first when notifications wait for each other. Default `normal`.
    pub(super) priority: Option<PriorityName>,
    /// What becomes of a message that may or may not have arrived: posted again, or left and reported as `uncertain`.
    /// Default `resend`.
    pub(super) on_uncertain: Option<OnUncertainName>,
    /// When what is left is no longer sent; 72 hours after acceptance by default.
    pub(super) expires_at: Option<Instant>,
}

/// What replaces the messages of a notification: a card or a text.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("anyOf" = [
    { "required": ["card"], "properties": { "card": { "type": ["string", "object"] } } },
    { "required": ["text"], "properties": { "text": { "type": "string" } } },
]))]
#[schemars(extend("not" = { "anyOf": [
    {
        "required": ["card", "text"],
        "properties": { "card": { "type": ["string", "object"] }, "text": { "type": "string" } },
    },
    {
        "required": ["data", "text"],
        "properties": { "data": { "type": ["object", "array"] }, "text": { "type": "string" } },
    },
] }))]
pub(crate) struct ReplacementRequest {
    /// The name of a template in the bot's `cards/`, or a template as an object.
    pub(super) card: Option<Card>,
    /// A text message (Markdown) in place of a card.
    pub(super) text: Option<NonBlank>,
    /// What fills the card's template.
    pub(super) data: Option<CardData>,
    /// What the chat list shows.
    pub(super) summary: Option<String>,
    /// As for a new notification. Teams makes no sound for an edit.
    pub(super) alert: Option<bool>,
}

/// Whom a notification is for: somebody must be meant. Named targets are united; `scopes` and `tenants` narrow, and alone
/// they select all installations of them.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(extend("anyOf" = [
    { "required": ["all"], "properties": { "all": { "const": true } } },
    { "required": ["users"] },
    { "required": ["conversations"] },
    { "required": ["teams"] },
    { "required": ["scopes"] },
    { "required": ["tenants"] },
]))]
pub(crate) struct AudienceRequest {
    /// Every installation.
    pub(super) all: bool,
    /// People, by Entra object id or by the bot's `29:…` id.
    pub(super) users: AtLeastOne<NonBlank>,
    /// Conversations, by id.
    pub(super) conversations: AtLeastOne<NonBlank>,
    /// Teams, by id.
    pub(super) teams: AtLeastOne<NonBlank>,
    /// Only these kinds of conversation.
    pub(super) scopes: AtLeastOne<ScopeName>,
    /// Only these tenants.
    pub(super) tenants: AtLeastOne<NonBlank>,
    #[schemars(skip)]
    channels: NotYet,
    #[schemars(skip)]
    members_of: NotYet,
}

/// What is sent first.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(super) enum PriorityName {
    Urgent,
    Normal,
    Low,
}

impl From<PriorityName> for Priority {
    fn from(name: PriorityName) -> Self {
        match name {
            PriorityName::Urgent => Self::Urgent,
            PriorityName::Normal => Self::Normal,
            PriorityName::Low => Self::Low,
        }
    }
}

/// What becomes of the ambiguous.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(super) enum OnUncertainName {
    Resend,
    Report,
}

impl From<OnUncertainName> for OnUncertain {
    fn from(name: OnUncertainName) -> Self {
        match name {
            OnUncertainName::Resend => Self::Resend,
            OnUncertainName::Report => Self::Report,
        }
    }
}

/// A kind of conversation.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(super) enum ScopeName {
    Personal,
    GroupChat,
    Team,
}

impl From<ScopeName> for Scope {
    fn from(name: ScopeName) -> Self {
        match name {
            ScopeName::Personal => Self::Personal,
            ScopeName::GroupChat => Self::GroupChat,
            ScopeName::Team => Self::Team,
        }
    }
}
