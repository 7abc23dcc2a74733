//! Which target an activity is about: tenant, kind of conversation, root.

use super::Ignored;
use crate::{activity::Activity, identity::Identity, reference};
use notify::{
    ids::ConversationId,
    target::{Scope, TargetKey},
};

/// The target that an activity is about.
pub(super) struct Place {
    pub(super) key: TargetKey,
    pub(super) scope: Scope,
}

impl Place {
    /// A team is kept under its own id, whichever channel the activity names.
    pub(super) fn of(activity: &Activity, me: &Identity) -> Result<Self, Ignored> {
        let data = activity.channel_data();
        let empty = serde_json::Map::new();
        let conversation = activity.conversation().unwrap_or(&empty);
        let scope = reference::scope(conversation, data.team());
        let own = activity
            .conversation_property("id")
            .map(reference::without_thread);
        let root = match scope {
            Scope::Team => data.team().or(own),
            Scope::Personal | Scope::GroupChat => own,
        };
        let root = root.map(ConversationId::from).ok_or(Ignored::NoConversation)?;
        let tenant = reference::tenant(&[activity.conversation_property("tenantId"), data.tenant()], me);
        Ok(Self {
            key: TargetKey {
                bot: me.bot.clone(),
                tenant,
                root,
            },
            scope,
        })
    }
}
