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
pub(crate) struct Subject {
    key: TargetKey,
    scope: Scope,
    at: Timestamp,
}

/// Whether notifications are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    None,
    Again,
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

    pub(crate) fn scope(&self) -> Scope {
        self.scope
    }

    /// Records what is wanted; later notifications keep to it.
    ///
    /// # Errors
    /// When the store fails; nothing changed then.
    pub(crate) async fn wish(&self, bot: &NotificationBot, wish: Wish) -> Result<(), StoreError> {
        let event = match wish {
            Wish::None => Event::OptedOut,
            Wish::Again => Event::OptedIn,
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
