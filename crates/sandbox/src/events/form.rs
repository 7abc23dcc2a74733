//! What switches change in activities: the address that they carry, the chat's id, and that people write from Copilot.

use std::time::Duration;

use serde_json::{Value, json};

use super::TeamsEvent;
use super::context::overlay;
use crate::connector::ConnectorState;
use crate::switches::Plays;
use crate::world::Place;

/// The form of the activities of an event.
#[derive(Debug, Default)]
pub(crate) struct ActivityForm {
    /// The chat's id, if it is not the usual one.
    pub(crate) chat_id: Option<String>,
    /// What Copilot's activities have as `channelId`.
    copilot: Option<&'static str>,
}

impl ConnectorState {
    /// The form of a person's activities. Installs and uninstalls always have the usual one.
    pub(crate) fn activity_form(
        &self,
        now: Duration,
        place: Place,
        teams_event: &TeamsEvent,
    ) -> ActivityForm {
        let Place::Personal(key) = place else {
            return ActivityForm::default();
        };
        if self.switches.are_off() || is_about_the_app(teams_event) {
            return ActivityForm::default();
        }
        let copilot = self.switches.playing(&self.world, now, place, |plays| {
            matches!(plays, Plays::CopilotChat(_))
        });
        let second = self.switches.playing(&self.world, now, place, |plays| {
            matches!(plays, Plays::SecondChatId)
        });
        ActivityForm {
            chat_id: copilot.or(second).map(|_| self.world.pair_id(key)),
            copilot: copilot.map(|on| on.choice("channelId")),
        }
    }

    /// `serviceUrl` of activities: `usual`, unless the conversation has moved.
    pub(crate) fn address_of(&self, now: Duration, place: Place, usual: &str) -> String {
        let moved = self
            .switches
            .playing(&self.world, now, place, |plays| matches!(plays, Plays::Moved(_)));
        moved.map_or(usual, |on| on.new_address()).to_owned()
    }

    /// True while activities about a conversation don't reach the bot.
    pub(crate) fn is_bot_away(&self, now: Duration, place: Place) -> bool {
        let away = self
            .switches
            .playing(&self.world, now, place, |plays| matches!(plays, Plays::BotAway));
        away.is_some()
    }
}

impl ActivityForm {
    /// Marks what comes from Copilot, as in the example of teams.py PR 180.
    pub(crate) fn mark(&self, activity: &mut Value) {
        let Some(channel_id) = self.copilot else { return };
        let fields = json!({ "channelId": channel_id, "channelData": { "productContext": "COPILOT" } });
        overlay(activity, fields);
        let product = json!({ "type": "ProductInfo", "id": "COPILOT" });
        match &mut activity["entities"] {
            Value::Array(entities) => entities.push(product),
            entities => *entities = json!([product]),
        }
    }
}

fn is_about_the_app(teams_event: &TeamsEvent) -> bool {
    matches!(
        teams_event,
        TeamsEvent::Install | TeamsEvent::Uninstall | TeamsEvent::Upgrade | TeamsEvent::RemoveUpgrade
    )
}
