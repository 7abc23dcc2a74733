//! The installation record that an install or a message produces.

use super::{Ignored, place::Place};
use crate::{
    activity::{Account, Activity},
    identity::Identity,
};
use jiff::Timestamp;
use notify::{
    ids::ConversationId,
    reference::{ConversationReference, Unusable},
    target::{ChannelKind, Installation, Scope, Target},
};

pub(super) fn installation(
    activity: &Activity,
    place: &Place,
    me: &Identity,
    at: Timestamp,
) -> Result<Installation, Ignored> {
    let mut reference = ConversationReference::of_activity(activity.raw());
    reference.set_person(person(activity, place.scope, me).map(|person| person.raw()));
    let data = activity.channel_data();
    reference.stand_for(&place.key, place.scope, data.team_name());
    let target = reference.target(me.bot.clone(), &activity.origin(me))?;
    // A selected channel is named for personal chats and groups too; only in a team is it another conversation.
    let preferred = data
        .selected_channel()
        .map(|channel| ConversationId::from(channel).root())
        .filter(|channel| place.scope == Scope::Team && *channel != place.key.root);
    let kind = data.selected_channel_kind().and_then(channel_kind);
    let target = Target {
        preferred_channel_kind: kind.filter(|_| preferred.is_some()),
        preferred_channel: preferred,
        locale: activity.locale().map(str::to_owned),
        time_zone: activity.time_zone().map(str::to_owned),
        event_at: at,
        ..target
    };
    Ok(Installation { target, reference })
}

/// Teams varies the case of such words.
fn channel_kind(named: &str) -> Option<ChannelKind> {
    match named.to_ascii_lowercase().as_str() {
        "standard" => Some(ChannelKind::Standard),
        "private" => Some(ChannelKind::Private),
        "shared" => Some(ChannelKind::Shared),
        _ => None,
    }
}

impl From<Unusable> for Ignored {
    fn from(unusable: Unusable) -> Self {
        match unusable {
            Unusable::NoServiceUrl => Self::NoServiceUrl,
            _ => Self::NoConversation,
        }
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
