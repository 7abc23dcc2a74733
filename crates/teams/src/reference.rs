//! Conversation references in the ecosystem's own shape (botbuilder, TeamsFx): made from an activity, read back from
//! a store of other software. Members that we don't know are kept.

use crate::{
    activity::{Activity, text},
    identity::{Identity, bare},
};
use jiff::Timestamp;
use notify::{
    ids::{BotId, ConversationId, EntraId, ServiceUrl, TeamId, TenantId, UserId},
    target::{ChannelState, Installation, Scope, Standing, Target, TargetKey},
};
use serde_json::{Map, Value};

#[cfg(test)]
mod tests;

/// What a stored reference lacks so that nothing can be sent with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReferenceError {
    /// `conversation.id` is missing.
    #[error("/conversation/id: a reference needs the conversation's id")]
    NoConversation,
    /// `serviceUrl` is missing.
    #[error("/serviceUrl: a reference needs the connector's address")]
    NoServiceUrl,
}

/// The reference of an activity, field by field as botbuilder derives it.
pub fn of(activity: &Activity) -> Map<String, Value> {
    let mut reference = Map::new();
    let members = [
        ("id", "activityId"),
        ("from", "user"),
        ("recipient", "bot"),
        ("conversation", "conversation"),
        ("channelId", "channelId"),
        ("locale", "locale"),
        ("serviceUrl", "serviceUrl"),
    ];
    for (source, member) in members {
        if let Some(value) = activity.raw().get(source).filter(|value| !value.is_null()) {
            reference.insert(member.to_owned(), value.clone());
        }
    }
    reference
}

/// Renames members that other writers spell differently: `agent` (Agents SDK, TeamsFx 4) and `ActivityId`.
pub fn normalise(reference: &mut Map<String, Value>) {
    for (alias, member) in [("agent", "bot"), ("ActivityId", "activityId")] {
        if let Some(value) = reference.remove(alias) {
            reference.entry(member).or_insert(value);
        }
    }
}

/// Key of a reference in TeamsFx's store: `_{tenant}_{conversation}`; missing parts are the word `undefined` there.
pub fn teamsfx_key(reference: &Map<String, Value>) -> String {
    let conversation = reference.get("conversation").and_then(Value::as_object);
    let part = |member| {
        conversation
            .and_then(|raw| text(raw, member))
            .unwrap_or("undefined")
    };
    format!("_{}_{}", part("tenantId"), part("id"))
}

/// The installation behind a reference that other software stored.
///
/// A reference of another bot keeps that bot's id in its key, so that it is never sent to.
///
/// # Errors
/// When the conversation or the service URL is missing.
pub fn installation(
    mut reference: Map<String, Value>,
    me: &Identity,
    at: Timestamp,
) -> Result<Installation, ReferenceError> {
    normalise(&mut reference);
    let object = |member: &str| reference.get(member).and_then(Value::as_object);
    let conversation = object("conversation").ok_or(ReferenceError::NoConversation)?;
    let id = text(conversation, "id").ok_or(ReferenceError::NoConversation)?;
    let service_url = text(&reference, "serviceUrl").ok_or(ReferenceError::NoServiceUrl)?;
    let scope = scope(conversation, None);
    let root = ConversationId::from(without_thread(id));
    let user = object("user");
    let entra = user.and_then(|user| text(user, "aadObjectId"));
    let bot = match object("bot").and_then(|bot| text(bot, "id")) {
        Some(id) if !me.is_local() => BotId::new(bare(id).to_ascii_lowercase()),
        _ => me.bot.clone(),
    };
    let target = Target {
        key: TargetKey {
            bot,
            tenant: tenant(&[text(conversation, "tenantId")], me),
            root: root.clone(),
        },
        scope,
        service_url: ServiceUrl::from(service_url),
        user: user.and_then(|user| text(user, "id")).map(UserId::from),
        entra: entra.map(EntraId::from),
        name: match scope {
            Scope::Personal => user.and_then(|user| text(user, "name")),
            Scope::GroupChat | Scope::Team => text(conversation, "name"),
        }
        .map(str::to_owned),
        team: (scope == Scope::Team).then(|| TeamId::from(root.as_str())),
        preferred_channel: None,
        preferred_channel_state: ChannelState::Present,
        locale: text(&reference, "locale").map(str::to_owned),
        time_zone: None,
        standing: Standing::Active,
        event_at: at,
    };
    Ok(Installation { target, reference })
}

/// A conversation id without the thread that a message was in.
pub fn without_thread(conversation: &str) -> &str {
    conversation.split(";messageid=").next().unwrap_or(conversation)
}

/// The conversation id of a thread in a channel; another thread's id is replaced.
pub fn thread(channel: &ConversationId, message: &str) -> ConversationId {
    ConversationId::from(format!(
        "{};messageid={message}",
        without_thread(channel.as_str())
    ))
}

/// Which kind of conversation: its type, else the team, else the form of its id.
pub(crate) fn scope(conversation: &Map<String, Value>, team: Option<&str>) -> Scope {
    let id = text(conversation, "id").unwrap_or_default();
    let is_group = conversation.get("isGroup").and_then(Value::as_bool);
    let kind = text(conversation, "conversationType").map(str::to_ascii_lowercase);
    match kind.as_deref() {
        Some("personal") => Scope::Personal,
        Some("groupchat") => Scope::GroupChat,
        Some("channel") => Scope::Team,
        _ if team.is_some() || id.contains("@thread.tacv2") || id.contains("@thread.skype") => Scope::Team,
        _ if id.contains("@thread.v2") || is_group == Some(true) => Scope::GroupChat,
        _ => Scope::Personal,
    }
}

/// The first tenant that is told, else the bot's home, else unknown. Lower-case, so that keys agree.
pub(crate) fn tenant(told: &[Option<&str>], me: &Identity) -> TenantId {
    let told = told.iter().flatten().next();
    match (told, &me.home_tenant) {
        (Some(told), _) => TenantId::from(told.to_ascii_lowercase()),
        (None, Some(home)) => TenantId::from(home.as_str().to_ascii_lowercase()),
        (None, None) => TenantId::from(TargetKey::UNKNOWN_TENANT),
    }
}
