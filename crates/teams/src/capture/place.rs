//! Which target an activity is about, and what kind of conversation that is.

use super::Ignored;
use crate::{activity::Activity, identity::Identity};
use notify::target::{Scope, TargetKey};

/// The target that an activity is about.
pub(super) struct Place {
    pub(super) key: TargetKey,
    pub(super) scope: Scope,
}

impl Place {
    /// A team is kept under its own id, whichever channel the activity names.
    pub(super) fn of(activity: &Activity, me: &Identity) -> Result<Self, Ignored> {
        let (conversation, origin) = (activity.place(), activity.origin(me));
        Ok(Self {
            key: conversation
                .key(me.bot.clone(), &origin)
                .ok_or(Ignored::NoConversation)?,
            scope: conversation.scope(&origin),
        })
    }
}
