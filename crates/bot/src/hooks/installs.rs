//! Which event is an installation: the one by which the bot came to be where it wasn't. Usually that is what storing it
//! shows. Where it isn't, the last minutes are remembered: a message may arrive before the event of the installation that
//! it follows, and an event that could not be stored in time comes again when it has been stored after all.

use super::recent::Recent;
use notify::{
    change::{Change, Effect, Event},
    ports::Moment,
    target::TargetKey,
};
use std::hash::{BuildHasher, RandomState};

/// What storing an activity showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recorded {
    /// The bot was installed where it wasn't before.
    Installed,
    /// Anything else.
    Other,
}

/// Installations of the last minutes whose event is still to come.
#[derive(Default)]
pub(crate) struct Installs {
    hasher: RandomState,
    awaited: Recent<u64>,
}

impl Installs {
    /// A change was recorded.
    pub(crate) fn recorded(&self, change: &Change, effect: Effect, now: Moment) -> Recorded {
        let key = self.key(&change.key);
        match (&change.event, effect) {
            (Event::Installed(_), effect) => {
                let was_awaited = self.awaited.take(&key, now);
                if was_awaited || effect == Effect::Added {
                    return Recorded::Installed;
                }
            }
            (Event::Seen(_) | Event::SeenInChannel(_), Effect::Added) => {
                self.awaited.add(key, now);
            }
            (Event::Removed, _) => {
                self.awaited.take(&key, now);
            }
            _ => {}
        }
        Recorded::Other
    }

    /// A change may have been recorded, and nobody knows; Teams sends it again.
    pub(crate) fn failed(&self, change: &Change, now: Moment) {
        if matches!(change.event, Event::Installed(_)) {
            self.awaited.add(self.key(&change.key), now);
        }
    }

    fn key(&self, target: &TargetKey) -> u64 {
        self.hasher.hash_one(target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::{
        reference::ConversationReference,
        target::{ChannelState, DeliveryStatus, Installation, Scope, Target},
    };
    use std::time::Duration;

    fn installation() -> Box<Installation> {
        let key = TargetKey {
            bot: "b".into(),
            tenant: "t".into(),
            root: "a:1".into(),
        };
        Box::new(Installation {
            target: Target {
                key,
                scope: Scope::Personal,
                service_url: "https://smba.example/".into(),
                user: None,
                entra: None,
                name: None,
                team: None,
                preferred_channel: None,
                preferred_channel_state: ChannelState::Present,
                preferred_channel_kind: None,
                preferred_channel_absent_at: None,
                locale: None,
                time_zone: None,
                delivery_status: DeliveryStatus::Active,
                doubt: None,
                event_at: jiff::Timestamp::UNIX_EPOCH,
            },
            reference: ConversationReference::default(),
        })
    }

    fn change(event: Event) -> Change {
        Change {
            key: installation().target.key,
            at: jiff::Timestamp::UNIX_EPOCH,
            event,
        }
    }

    fn at(seconds: u64) -> Moment {
        Moment::at(Duration::from_secs(seconds))
    }

    #[test]
    fn the_event_that_follows_its_first_message_is_the_installation() {
        let installs = Installs::default();
        let (seen, installed) = (
            change(Event::Seen(installation())),
            change(Event::Installed(installation())),
        );
        assert_eq!(installs.recorded(&seen, Effect::Added, at(0)), Recorded::Other);
        assert_eq!(
            installs.recorded(&installed, Effect::Unchanged, at(1)),
            Recorded::Installed
        );
        assert_eq!(
            installs.recorded(&installed, Effect::Stored, at(2)),
            Recorded::Other
        );
        // Ten minutes later it is another story.
        assert_eq!(installs.recorded(&seen, Effect::Added, at(10)), Recorded::Other);
        assert_eq!(
            installs.recorded(&installed, Effect::Stored, at(611)),
            Recorded::Other
        );
    }

    #[test]
    fn an_event_that_was_stored_without_an_answer_counts_when_it_comes_again() {
        let installs = Installs::default();
        let installed = change(Event::Installed(installation()));
        installs.failed(&installed, at(0));
        assert_eq!(
            installs.recorded(&installed, Effect::Unchanged, at(15)),
            Recorded::Installed
        );
        assert_eq!(
            installs.recorded(&installed, Effect::Unchanged, at(16)),
            Recorded::Other
        );
        installs.failed(&installed, at(20));
        assert_eq!(
            installs.recorded(&change(Event::Removed), Effect::Stored, at(21)),
            Recorded::Other
        );
        assert_eq!(
            installs.recorded(&installed, Effect::Unchanged, at(22)),
            Recorded::Other
        );
    }
}
