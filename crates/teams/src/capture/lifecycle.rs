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
        // The bot may leave one channel and stay in the team.
        Some("channelmemberadded") if is_named(activity, me, activity.members_added()) => {
            Event::ChannelRestored(channel()?)
        }
        Some("channelmemberremoved") if is_named(activity, me, activity.members_removed()) => {
            Event::ChannelLeft(channel()?)
        }
        None | Some("teammemberadded" | "teammemberremoved") => return members(activity, me),
        // Among these, other members of a single private or shared channel.
        Some(_) => return Err(Ignored::EventType),
    };
    Ok(Reported::Other(event))
}

fn members(activity: &Activity, me: &Identity) -> Result<Reported, Ignored> {
    if is_named(activity, me, activity.members_removed()) {
        Ok(Reported::Other(Event::Removed))
    } else if is_named(activity, me, activity.members_added()) {
        Ok(Reported::Installed)
    } else {
        Err(Ignored::OtherMembers)
    }
}

/// Whether the bot is one of these.
fn is_named<'a>(activity: &Activity, me: &Identity, mut members: impl Iterator<Item = Account<'a>>) -> bool {
    let recipient = activity.recipient().and_then(|recipient| recipient.id());
    members.any(|member| member.id().is_some_and(|id| me.is_me(id, recipient)))
}
