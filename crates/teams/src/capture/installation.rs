//! The installation record that an install or a message produces.

use super::{Ignored, place::Place};
use crate::{
    activity::{Account, Activity},
    identity::Identity,
    reference,
};
use jiff::Timestamp;
use notify::{
    ids::{ConversationId, EntraId, ServiceUrl, TeamId, UserId},
    target::{ChannelState, Installation, Scope, Standing, Target},
};
use serde_json::{Map, Value};

pub(super) fn installation(
    activity: &Activity,
    place: &Place,
    me: &Identity,
    at: Timestamp,
) -> Result<Installation, Ignored> {
    let data = activity.channel_data();
    let person = person(activity, place.scope, me);
    let root = &place.key.root;
    let entra = person.and_then(|person| person.entra()).or_else(|| {
        (place.scope == Scope::Personal)
            .then(|| activity.conversation_property("aadObjectId"))
            .flatten()
    });
    // A selected channel is also sent for personal and group chats; only in a team is it another conversation.
    let preferred = data
        .selected_channel()
        .map(reference::without_thread)
        .filter(|channel| place.scope == Scope::Team && *channel != root.as_str());
    let target = Target {
        key: place.key.clone(),
        scope: place.scope,
        service_url: activity
            .service_url()
            .map(ServiceUrl::from)
            .ok_or(Ignored::NoServiceUrl)?,
        user: person.and_then(|person| person.id()).map(UserId::from),
        entra: entra.map(EntraId::from),
        name: name(activity, place.scope, person).map(str::to_owned),
        team: (place.scope == Scope::Team).then(|| TeamId::from(root.as_str())),
        preferred_channel: preferred.map(ConversationId::from),
        preferred_channel_state: ChannelState::Present,
        locale: activity.locale().map(str::to_owned),
        time_zone: activity.time_zone().map(str::to_owned),
        standing: Standing::Active,
        event_at: at,
    };
    let reference = rooted(activity, place, person);
    Ok(Installation { target, reference })
}

/// Display name of the person, group chat or team, where the activity has it.
fn name<'a>(activity: &'a Activity, scope: Scope, person: Option<Account<'a>>) -> Option<&'a str> {
    match scope {
        Scope::Personal => person.and_then(|person| person.name()),
        Scope::GroupChat => activity.conversation_property("name"),
        Scope::Team => activity
            .channel_data()
            .team_name()
            .or_else(|| activity.conversation_property("name")),
    }
}

/// The person who acted. Some updates come from the bot itself; then, in a personal chat, the other member.
fn person<'a>(activity: &'a Activity, scope: Scope, me: &Identity) -> Option<Account<'a>> {
    let recipient = activity.recipient().and_then(|recipient| recipient.id());
    let human = |account: &Account<'_>| account.id().is_some_and(|id| !me.is_me(id, recipient));
    let other = || {
        activity
            .members_added()
            .find(human)
            .filter(|_| scope == Scope::Personal)
    };
    activity.from().filter(human).or_else(other)
}

/// The reference with the target's own conversation: no thread, and for a team the team itself.
fn rooted(activity: &Activity, place: &Place, person: Option<Account<'_>>) -> Map<String, Value> {
    let mut reference = reference::of(activity);
    match person {
        Some(person) => reference.insert("user".to_owned(), Value::Object(person.raw().clone())),
        None => reference.remove("user"),
    };
    let entry = reference
        .entry("conversation")
        .or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(conversation) = entry {
        let moved = conversation.get("id").and_then(Value::as_str) != Some(place.key.root.as_str());
        conversation.insert("id".to_owned(), place.key.root.as_str().into());
        if place.scope == Scope::Team {
            match activity.channel_data().team_name() {
                Some(name) => conversation.insert("name".to_owned(), name.into()),
                // The name was the channel's.
                None if moved => conversation.remove("name"),
                None => None,
            };
        }
        if place.key.has_tenant() && !conversation.contains_key("tenantId") {
            conversation.insert("tenantId".to_owned(), place.key.tenant.as_str().into());
        }
    }
    reference
}
