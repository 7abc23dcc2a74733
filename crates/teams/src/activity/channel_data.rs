//! `channelData`, the Teams-specific part of an activity: tenant, team, channel, event type.

use super::text;
use serde_json::{Map, Value};

/// Borrowed view of `channelData`; empty where the activity has none. `Debug` prints its size only.
#[derive(Clone, Copy)]
pub struct ChannelData<'a>(Option<&'a Map<String, Value>>);

impl std::fmt::Debug for ChannelData<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ChannelData({} properties)", self.0.map_or(0, Map::len))
    }
}

impl<'a> ChannelData<'a> {
    pub(crate) fn new(raw: Option<&'a Map<String, Value>>) -> Self {
        Self(raw)
    }

    /// Tenant of the conversation.
    pub fn tenant(&self) -> Option<&'a str> {
        self.inner(&["tenant", "id"])
    }

    /// The team; falls back to the deprecated `teamsTeamId`.
    pub fn team(&self) -> Option<&'a str> {
        self.inner(&["team", "id"])
            .or_else(|| self.inner(&["teamsTeamId"]))
    }

    /// The team's name.
    pub fn team_name(&self) -> Option<&'a str> {
        self.inner(&["team", "name"])
    }

    /// The channel; falls back to the deprecated `teamsChannelId`.
    pub fn channel(&self) -> Option<&'a str> {
        self.inner(&["channel", "id"])
            .or_else(|| self.inner(&["teamsChannelId"]))
    }

    /// The channel that was picked when the app was installed in a team.
    pub fn selected_channel(&self) -> Option<&'a str> {
        self.inner(&["settings", "selectedChannel", "id"])
    }

    /// Kind of that channel: `standard`, `private` or `shared`. Named where the channel is the activity's own, if at all.
    pub fn selected_channel_kind(&self) -> Option<&'a str> {
        let own = || {
            self.channel()
                .filter(|_| self.channel() == self.selected_channel())
        };
        self.kind_of(&["settings", "selectedChannel"])
            .or_else(|| own().and_then(|_| self.kind_of(&["channel"])))
    }

    /// Graph's name of the property is read too.
    fn kind_of(&self, channel: &[&str]) -> Option<&'a str> {
        let property = |name| self.inner(&[channel, &[name]].concat());
        property("type").or_else(|| property("membershipType"))
    }

    /// `teamRenamed`, `channelDeleted`, …; Teams varies the case.
    pub fn event_type(&self) -> Option<&'a str> {
        self.inner(&["eventType"])
    }

    /// The Microsoft 365 product that the person is in, where it isn't Teams: `COPILOT`.
    pub fn product_context(&self) -> Option<&'a str> {
        self.inner(&["productContext"])
    }

    fn inner(&self, path: &[&str]) -> Option<&'a str> {
        let (last, parents) = path.split_last()?;
        let mut object = self.0?;
        for parent in parents {
            object = object.get(*parent)?.as_object()?;
        }
        text(object, last)
    }
}
