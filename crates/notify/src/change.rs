//! How an event in Teams changes what is known of a target. The newest event wins; on a tie, the removal.

mod channel;

use crate::{
    ids::ConversationId,
    ports::{Expected, ReferenceStore, StoreError, WriteError},
    target::{ChannelState, DeliveryStatus, Installation, ReferenceRecord, TargetKey, Tombstone},
};
use jiff::Timestamp;

/// Something that Teams reported about a target.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Which target.
    pub key: TargetKey,
    /// The activity's own timestamp (our clock where it has none).
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
}

/// The kinds of change. `Debug` prints no names.
#[derive(Clone, PartialEq)]
pub enum Event {
    /// Installed or restored: the record is replaced and active; what the event doesn't name is kept.
    Installed(Box<Installation>),
    /// A message or an upgrade showed that the bot is there: added when unknown; otherwise address, locale and user are
    /// refreshed and a block is cleared.
    Seen(Box<Installation>),
    /// The same, reported of a team under an id that may be that of its picked channel.
    SeenInChannel(Box<Installation>),
    /// Uninstalled, or the team is deleted.
    Removed,
    /// The team was archived.
    Archived,
    /// The team was unarchived.
    Unarchived,
    /// The team has another name.
    Renamed(String),
    /// A channel was deleted; matters if it is the preferred one.
    ChannelDeleted(ConversationId),
    /// A channel was restored, or the bot was added to it.
    ChannelRestored(ConversationId),
    /// The bot was removed from a channel, and stays in the team.
    ChannelLeft(ConversationId),
    /// Somebody asked for no more notifications here.
    OptedOut,
    /// And for them again.
    OptedIn,
}

impl std::fmt::Debug for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Installed(installation) => f.debug_tuple("Installed").field(installation).finish(),
            Self::Seen(installation) => f.debug_tuple("Seen").field(installation).finish(),
            Self::SeenInChannel(installation) => f.debug_tuple("SeenInChannel").field(installation).finish(),
            Self::Removed => f.write_str("Removed"),
            Self::Archived => f.write_str("Archived"),
            Self::Unarchived => f.write_str("Unarchived"),
            Self::Renamed(name) => write!(f, "Renamed({} bytes)", name.len()),
            Self::ChannelDeleted(channel) => f.debug_tuple("ChannelDeleted").field(channel).finish(),
            Self::ChannelRestored(channel) => f.debug_tuple("ChannelRestored").field(channel).finish(),
            Self::ChannelLeft(channel) => f.debug_tuple("ChannelLeft").field(channel).finish(),
            Self::OptedOut => f.write_str("OptedOut"),
            Self::OptedIn => f.write_str("OptedIn"),
        }
    }
}

/// What recording a change did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// There was no installation; now there is.
    Added,
    /// The record was written.
    Stored,
    /// Nothing to do: older than what is known, or it changes nothing.
    Unchanged,
}

/// Attempts at a contended record before giving up; each lost one means that another writer made progress.
const ATTEMPTS: u32 = 50;

/// Records a change, conditionally on what was read, again when another writer was quicker.
///
/// # Errors
/// When the store fails or the record stays contended; the caller must then not acknowledge the event.
pub async fn record(
    store: &dyn ReferenceStore,
    change: &Change,
    now: Timestamp,
) -> Result<Effect, StoreError> {
    let of_team = channel::under_its_team(store, change).await?;
    let change = of_team.as_ref().unwrap_or(change);
    for _ in 0..ATTEMPTS {
        let known = store.read(&change.key).await?;
        let (record, expected) = match &known {
            Some(stored) => (Some(&stored.record), Expected::Version(stored.version.clone())),
            None => (None, Expected::Absent),
        };
        let Some(next) = decide(record, change, now) else {
            return Ok(Effect::Unchanged);
        };
        match store.write(&change.key, &next, &expected).await {
            Ok(_) => {
                let was_there = matches!(record, Some(ReferenceRecord::Installed(_)));
                let is_there = matches!(next, ReferenceRecord::Installed(_));
                return Ok(match (was_there, is_there) {
                    (false, true) => Effect::Added,
                    _ => Effect::Stored,
                });
            }
            Err(WriteError::Conflict) => {}
            Err(WriteError::Store(error)) => return Err(error),
        }
    }
    Err(StoreError::unavailable("the record stayed contended"))
}

/// The record after a change; `None` when it stays as it is.
pub fn decide(known: Option<&ReferenceRecord>, change: &Change, now: Timestamp) -> Option<ReferenceRecord> {
    let older = |at: Timestamp| change.at < at;
    match (&change.event, known) {
        (Event::Removed, None) => Some(tombstone(change, now)),
        (Event::Removed, Some(ReferenceRecord::Installed(old))) if !older(old.target.event_at) => {
            Some(tombstone(change, now))
        }
        (Event::Removed, Some(ReferenceRecord::Removed(old))) if change.at > old.event_at => {
            Some(tombstone(change, now))
        }
        (Event::Installed(new), None) => Some(ReferenceRecord::Installed(new.clone())),
        (Event::Installed(new), Some(ReferenceRecord::Removed(old))) if change.at > old.event_at => {
            Some(ReferenceRecord::Installed(new.clone()))
        }
        (Event::Installed(new), Some(ReferenceRecord::Installed(old))) if !older(old.target.event_at) => {
            changed(old, reinstalled(old, new))
        }
        (Event::Seen(new) | Event::SeenInChannel(new), None) => Some(ReferenceRecord::Installed(new.clone())),
        (Event::Seen(new) | Event::SeenInChannel(new), Some(ReferenceRecord::Removed(old)))
            if change.at > old.event_at =>
        {
            Some(ReferenceRecord::Installed(new.clone()))
        }
        (Event::Seen(new) | Event::SeenInChannel(new), Some(ReferenceRecord::Installed(old)))
            if !older(old.target.event_at) =>
        {
            changed(old, refreshed(old, new))
        }
        (event, Some(ReferenceRecord::Installed(old))) if !older(old.target.event_at) => {
            adjusted(old, event, change.at).and_then(|next| changed(old, next))
        }
        _ => None,
    }
}

fn tombstone(change: &Change, now: Timestamp) -> ReferenceRecord {
    ReferenceRecord::Removed(Tombstone {
        key: change.key.clone(),
        event_at: change.at,
        recorded_at: now,
    })
}

fn changed(old: &Installation, next: Installation) -> Option<ReferenceRecord> {
    (next != *old).then(|| ReferenceRecord::Installed(Box::new(next)))
}

/// An install brings two activities in any order, and an upgrade carries next to nothing: the one that carries less must
/// not erase what the other reported.
fn reinstalled(old: &Installation, new: &Installation) -> Installation {
    let mut next = new.clone();
    let target = &mut next.target;
    if target.preferred_channel.is_none() {
        target.preferred_channel.clone_from(&old.target.preferred_channel);
        target.preferred_channel_state = old.target.preferred_channel_state;
        target.preferred_channel_kind = old.target.preferred_channel_kind;
        target.preferred_channel_absent_at = old.target.preferred_channel_absent_at;
    }
    if target.preferred_channel == old.target.preferred_channel {
        target.preferred_channel_kind = target
            .preferred_channel_kind
            .or(old.target.preferred_channel_kind);
    }
    target.user = target.user.take().or_else(|| old.target.user.clone());
    target.locale = target.locale.take().or_else(|| old.target.locale.clone());
    target.time_zone = target.time_zone.take().or_else(|| old.target.time_zone.clone());
    target.name = target.name.take().or_else(|| old.target.name.clone());
    target.entra = target.entra.take().or_else(|| old.target.entra.clone());
    if old.target.delivery_status == DeliveryStatus::OptedOut {
        target.delivery_status = DeliveryStatus::OptedOut;
    }
    next.reference.fill_gaps_from(&old.reference);
    next
}

/// A message proves that the bot is there and unblocked, and carries the newest address.
fn refreshed(old: &Installation, new: &Installation) -> Installation {
    // So does an install: `new` has no doubt.
    let mut next = reinstalled(old, new);
    next.target.preferred_channel_state = old.target.preferred_channel_state;
    next.target.preferred_channel_absent_at = old.target.preferred_channel_absent_at;
    if old.target.delivery_status != DeliveryStatus::Blocked {
        next.target.delivery_status = old.target.delivery_status;
    }
    next
}

fn adjusted(old: &Installation, event: &Event, at: Timestamp) -> Option<Installation> {
    let mut next = old.clone();
    let target = &mut next.target;
    // Teams speaks of the place: it is there.
    target.doubt = None;
    match event {
        Event::Archived if target.delivery_status == DeliveryStatus::Active => {
            target.delivery_status = DeliveryStatus::Suspended
        }
        Event::Unarchived if target.delivery_status == DeliveryStatus::Suspended => {
            target.delivery_status = DeliveryStatus::Active
        }
        Event::OptedOut if target.delivery_status != DeliveryStatus::OptedOut => {
            target.delivery_status = DeliveryStatus::OptedOut
        }
        Event::OptedIn if target.delivery_status == DeliveryStatus::OptedOut => {
            target.delivery_status = DeliveryStatus::Active
        }
        Event::Renamed(name) => {
            target.name = Some(name.clone());
            next.reference.rename(name);
        }
        Event::ChannelDeleted(channel) if target.preferred_channel.as_ref() == Some(channel) => {
            target.preferred_channel_state = ChannelState::Deleted;
        }
        Event::ChannelRestored(channel) if target.preferred_channel.as_ref() == Some(channel) => {
            target.preferred_channel_state = ChannelState::Present;
            target.preferred_channel_absent_at = None;
        }
        Event::ChannelLeft(channel) if target.preferred_channel.as_ref() == Some(channel) => {
            target.preferred_channel_absent_at = Some(at);
        }
        _ => return None,
    }
    next.target.event_at = at;
    Some(next)
}

#[cfg(test)]
mod tests;
