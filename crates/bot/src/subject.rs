//! Whom a chat command or a card action concerns, and what they may change about themselves.

use crate::bot::NotificationBot;
use jiff::Timestamp;
use notify::{
    change::{self, Change, Event},
    ports::StoreError,
    target::{Scope, TargetKey},
};
use teams::{activity::Activity, capture};

/// The conversation that an activity came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    key: TargetKey,
    scope: Scope,
    at: Timestamp,
}

/// Whether a person wants notifications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preference {
    /// No more of them.
    OptedOut,
    /// Yes, as at first.
    OptedIn,
}

impl Subject {
    pub(crate) fn of(bot: &NotificationBot, activity: &Activity) -> Option<Self> {
        let (key, scope) = capture::subject(activity, bot.identity()).ok()?;
        Some(Self {
            key,
            scope,
            at: activity.timestamp().unwrap_or_else(|| bot.clock().wall()),
        })
    }

    /// Kind of conversation.
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// Records a preference; later notifications keep to it.
    ///
    /// # Errors
    /// When the store fails; nothing changed then.
    pub async fn set_preference(
        &self,
        bot: &NotificationBot,
        preference: Preference,
    ) -> Result<(), StoreError> {
        let event = match preference {
            Preference::OptedOut => Event::OptedOut,
            Preference::OptedIn => Event::OptedIn,
        };
        let change = Change {
            key: self.key.clone(),
            at: self.at,
            event,
        };
        change::record(bot.references(), &change, bot.clock().wall())
            .await
            .map(drop)
    }
}
