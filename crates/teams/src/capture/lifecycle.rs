//! Conversation updates: the bot added or removed, and events of teams and channels.

use super::{Ignored, Reported};
use crate::{
    activity::{Account, Activity},
    identity::Identity,
};
use notify::{change::Event, ids::ConversationId};

/// Event types are compared in lower case: Teams' own documents mix `teamRestored` and `teamrestored`.
pub(super) fn read(activity: &Activity, me: &Identity) -> Result<Reported, Ignored> {
    let data = activity.channel_data();
    let channel = || {
        data.channel()
            .map(ConversationId::from)
            .ok_or(Ignored::Incomplete)
    };
    let event = match data.event_type().map(str::to_ascii_lowercase).as_deref() {
        Some("teamdeleted" | "teamharddeleted") => Event::Removed,
        Some("teamrestored") => return Ok(Reported::Installed),
        Some("teamarchived") => Event::Archived,
        Some("teamunarchived") => Event::Unarchived,
        Some("teamrenamed") => Event::Renamed(data.team_name().ok_or(Ignored::Incomplete)?.to_owned()),
        Some("channeldeleted") => Event::ChannelDeleted(channel()?),
        Some("channelrestored") => Event::ChannelRestored(channel()?),
        None | Some("teammemberadded" | "teammemberremoved") => return members(activity, me),
        // Among these, membership of a single shared channel: the bot may leave it and stay in the team.
        Some(_) => return Err(Ignored::EventType),
    };
    Ok(Reported::Other(event))
}

fn members(activity: &Activity, me: &Identity) -> Result<Reported, Ignored> {
    let recipient = activity.recipient().and_then(|recipient| recipient.id());
    let is_me = |member: Account<'_>| member.id().is_some_and(|id| me.is_me(id, recipient));
    if activity.members_removed().any(is_me) {
        Ok(Reported::Other(Event::Removed))
    } else if activity.members_added().any(is_me) {
        Ok(Reported::Installed)
    } else {
        Err(Ignored::OtherMembers)
    }
}
