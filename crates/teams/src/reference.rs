//! Conversation references in the ecosystem's own shape (botbuilder, TeamsFx), made from an activity. Unknown
//! properties are kept. Reading references of other software is the storage crate's job.

use crate::{
    activity::{Activity, text},
    identity::Identity,
};
use notify::{
    ids::{ConversationId, TenantId},
    target::{Scope, TargetKey},
};
use serde_json::{Map, Value};

#[cfg(test)]
mod tests;

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

/// The first tenant that is given, else the bot's home tenant, else unknown. Lower-case, so that keys agree.
pub(crate) fn tenant(told: &[Option<&str>], me: &Identity) -> TenantId {
    let told = told.iter().flatten().next();
    match (told, &me.home_tenant) {
        (Some(told), _) => TenantId::from(told.to_ascii_lowercase()),
        (None, Some(home)) => TenantId::from(home.as_str().to_ascii_lowercase()),
        (None, None) => TenantId::from(TargetKey::UNKNOWN_TENANT),
    }
}
