//! The channel that a team selected when it installed the app: which kind it is, and whether it is there for the bot.

use super::{ChannelState, Scope, Target};
use crate::{
    evidence::{numbers::CHANNEL_ABSENT, since},
    ids::ConversationId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Kind of a channel, as Teams names it (`channelData.channel.type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ChannelKind {
    /// Everybody in the team is in it.
    Standard,
    /// Some people of the team.
    Private,
    /// People of other teams and organisations too.
    Shared,
    /// A kind that this version doesn't know.
    #[serde(other)]
    Other,
}

impl Target {
    /// The channel that messages go to by the team's own choice, where General may take them while it isn't there. General
    /// is read by more people than a private or shared channel: what is meant for those goes there only when the channel is
    /// deleted, as Teams has no other place for the team then.
    pub fn replaceable_channel(&self) -> Option<&ConversationId> {
        let is_for_some = matches!(
            self.preferred_channel_kind,
            Some(ChannelKind::Private | ChannelKind::Shared | ChannelKind::Other)
        );
        let channel = self.preferred_channel.as_ref()?;
        let is_used = self.scope == Scope::Team
            && *channel != self.key.root
            && self.preferred_channel_state == ChannelState::Present;
        (is_used && !is_for_some).then_some(channel)
    }

    /// Whether General takes the messages of the preferred channel at this time, because Teams said lately that the channel
    /// is not there for the bot.
    pub fn is_channel_replaced(&self, now: Timestamp) -> bool {
        self.replaceable_channel().is_some()
            && self
                .preferred_channel_absent_at
                .is_some_and(|at| since(at, now) < CHANNEL_ABSENT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::sample::person;
    use serde_json::{Value, json};

    fn written(target: &Target) -> Value {
        serde_json::to_value(target).unwrap()
    }

    #[test]
    fn earlier_versions_see_nothing_new_until_there_is_something_to_say() {
        let mut target = person(1).target;
        let before = written(&target);
        assert_eq!(serde_json::from_value::<Target>(before.clone()).unwrap(), target);
        target.preferred_channel_kind = Some(ChannelKind::Shared);
        target.preferred_channel_absent_at = Some(Timestamp::UNIX_EPOCH);
        let mut after = written(&target);
        assert_eq!(serde_json::from_value::<Target>(after.clone()).unwrap(), target);
        assert_eq!(
            after.as_object_mut().unwrap().remove("preferredChannelKind"),
            Some(json!("shared"))
        );
        assert_eq!(
            after.as_object_mut().unwrap().remove("preferredChannelAbsentAt"),
            Some(json!("1970-01-01T00:00:00Z"))
        );
        assert_eq!(after, before);
    }

    #[test]
    fn a_kind_of_a_later_version_is_read() {
        let mut target = written(&person(1).target);
        target["preferredChannelKind"] = json!("federated");
        let read: Target = serde_json::from_value(target).unwrap();
        assert_eq!(read.preferred_channel_kind, Some(ChannelKind::Other));
    }
}
