//! What an inbound activity changes about an installation. Doesn't read or write stores, and sends nothing.
//!
//! Teams has pitfalls here: a team install arrives under the selected channel's id, its removal under the team's; an
//! install brings two activities in any order, and each may be missing; event types vary in case.

mod copilot;
mod installation;
mod lifecycle;
mod place;
#[cfg(test)]
mod tests;

use crate::{
    activity::{Activity, ActivityKind},
    identity::Identity,
};
use installation::installation;
use jiff::{SignedDuration, Timestamp};
use notify::{
    change::{Change, Event},
    persons::Person,
    reference::id_shape::{IdKind, IdShape},
    target::{Scope, TargetKey},
};
use place::Place;

/// How far Teams' clock may be ahead of ours.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// Why an activity changes no stored reference. The response is still 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ignored {
    /// Another channel than Teams.
    OtherChannel,
    /// A type that has nothing to do with installations.
    Type,
    /// An installation update with an unknown action.
    Action,
    /// A conversation update about members other than the bot.
    OtherMembers,
    /// A conversation update with an event type that changes nothing.
    EventType,
    /// A message in a channel that isn't General.
    OtherThanGeneral,
    /// No conversation id, so there is no key to store it under.
    NoConversation,
    /// No service URL, so nothing could ever be sent there.
    NoServiceUrl,
    /// A Copilot chat, which accepts replies but no notifications.
    Copilot,
    /// An event that lacks what it is about (a renamed team without its name).
    Incomplete,
}

impl Ignored {
    /// The reason as logged.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OtherChannel => "other-channel",
            Self::Type => "type",
            Self::Action => "action",
            Self::OtherMembers => "other-members",
            Self::EventType => "event-type",
            Self::OtherThanGeneral => "other-than-general",
            Self::NoConversation => "no-conversation",
            Self::NoServiceUrl => "no-service-url",
            Self::Copilot => "copilot",
            Self::Incomplete => "incomplete",
        }
    }
}

/// Which target an activity is about, and what kind of conversation that is.
///
/// # Errors
/// When the activity names no conversation.
pub fn subject(activity: &Activity, me: &Identity) -> Result<(TargetKey, Scope), Ignored> {
    let place = Place::of(activity, me)?;
    Ok((place.key, place.scope))
}

/// The person that an activity is from; `None` where it is from the bot, another bot or a service, or from another channel
/// than Teams.
pub fn sender(activity: &Activity, me: &Identity) -> Option<Person> {
    if !is_from_teams(activity) {
        return None;
    }
    let key = Place::of(activity, me).ok()?.key;
    let from = activity.from()?;
    let id = from.id()?;
    let is_person = matches!(
        IdShape::of(id).kind,
        IdKind::Person | IdKind::EntraPerson | IdKind::OtherPerson | IdKind::Opaque
    );
    if !is_person || me.is_me(id, activity.recipient().and_then(|recipient| recipient.id())) {
        return None;
    }
    let entra = from.entra().map(Into::into);
    Person::by_ids(&key.bot, &key.tenant, Some(&id.into()), entra.as_ref())
}

/// Kind of the conversation that an activity is about, if that can be an installation: a Copilot chat can't.
pub fn scope(activity: &Activity, me: &Identity) -> Option<Scope> {
    let place = Place::of(activity, me).ok()?;
    (!copilot::is_its_chat(activity)).then_some(place.scope)
}

/// When an activity was sent: `now` where it doesn't say so, and never much later.
pub fn sent_at(activity: &Activity, now: Timestamp) -> Timestamp {
    // A clock that runs ahead must not freeze a record until then.
    let latest = now.checked_add(AHEAD).unwrap_or(now);
    activity.timestamp().unwrap_or(now).min(latest)
}

/// The change that an activity makes. `now` is used where the activity has no timestamp.
///
/// # Errors
/// The reason why there is nothing to record; not a failure.
pub fn capture(activity: &Activity, me: &Identity, now: Timestamp) -> Result<Change, Ignored> {
    let reported = match activity.kind() {
        ActivityKind::InstallationUpdate => installation_update(activity)?,
        ActivityKind::ConversationUpdate => lifecycle::read(activity, me)?,
        ActivityKind::Message => message(activity)?,
        _ => return Err(Ignored::Type),
    };
    if !is_from_teams(activity) {
        return Err(Ignored::OtherChannel);
    }
    let removal = matches!(reported, Reported::Other(Event::Removed));
    if copilot::is_its_chat(activity) && !removal {
        return Err(Ignored::Copilot);
    }
    let at = sent_at(activity, now);
    let place = Place::of(activity, me)?;
    let event = match reported {
        Reported::Installed => Event::Installed(Box::new(installation(activity, &place, me, at)?)),
        Reported::Seen => Event::Seen(Box::new(installation(activity, &place, me, at)?)),
        Reported::Upgraded => {
            let installation = Box::new(installation(activity, &place, me, at)?);
            if place.scope == Scope::Team && activity.channel_data().team().is_none() {
                Event::SeenInChannel(installation)
            } else {
                Event::Seen(installation)
            }
        }
        Reported::Other(event) => event,
    };
    Ok(Change {
        key: place.key,
        at,
        event,
    })
}

/// The emulator is a client for development; the token check decides who may use it.
fn is_from_teams(activity: &Activity) -> bool {
    let channel = activity.base_channel();
    channel.is_some_and(|channel| ["msteams", "emulator"].contains(&channel))
}

/// What happened, before the conversation is looked at.
enum Reported {
    Installed,
    Upgraded,
    Seen,
    Other(Event),
}

fn installation_update(activity: &Activity) -> Result<Reported, Ignored> {
    match activity
        .action()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
        .as_str()
    {
        "add" | "add-upgrade" => Ok(Reported::Installed),
        // Another version of the app, which has the bot as before; it comes without channelData.
        "upgrade" => Ok(Reported::Upgraded),
        "remove" | "remove-upgrade" => Ok(Reported::Other(Event::Removed)),
        _ => Err(Ignored::Action),
    }
}

/// Messages make up for missed installs; in a team only those in General, so that a team has one record.
fn message(activity: &Activity) -> Result<Reported, Ignored> {
    activity.conversation().ok_or(Ignored::NoConversation)?;
    let data = activity.channel_data();
    if activity.place().scope(&activity.named_origin()) != Scope::Team {
        return Ok(Reported::Seen);
    }
    match (data.team(), data.channel()) {
        (Some(_), None) => Ok(Reported::Seen),
        (Some(team), Some(channel)) if team == channel => Ok(Reported::Seen),
        _ => Err(Ignored::OtherThanGeneral),
    }
}
