//! Chats of Copilot are answered, and never become targets.

use super::LocalBot;
use crate::support::{
    activities::{BOT, TEAM, group, personal, user},
    wait,
};
use serde_json::{Value, json};

/// Marks an activity as Copilot's, as one was reported: product context and product information.
fn in_copilot(mut activity: Value) -> Value {
    activity["channelData"]["productContext"] = "COPILOT".into();
    let entities = activity["entities"].as_array().cloned().unwrap_or_default();
    let info = json!({ "id": "COPILOT", "type": "ProductInfo" });
    activity["entities"] = entities.into_iter().chain([info]).collect();
    activity
}

/// The sub-channel that the Agents SDK knows.
fn in_sub_channel(mut activity: Value) -> Value {
    activity["channelId"] = "msteams:COPILOT".into();
    activity
}

#[tokio::test]
async fn a_copilot_chat_is_answered_and_gets_no_notification() {
    for mark in [in_copilot, in_sub_channel] {
        let bot = LocalBot::with_people(1, &[]).await;
        let teams = &bot.teams;
        let mut group_message = teams.group_message(5, "help", 3);
        group_message["entities"] = json!([{ "type": "mention", "text": "<at>Notifier</at>", "mentioned": { "id": format!("28:{BOT}") } }]);
        for activity in [
            teams.personal_install(2, 0),
            teams.personal_members(2, "membersAdded", 1),
            teams.personal_update(2, "upgrade", 2),
            teams.personal_message(2, "help", 3),
            group_message,
            teams.team_update("add", TEAM, 4),
        ] {
            bot.acknowledges(&mark(activity)).await;
        }
        bot.knows(&[personal(1)]);
        // Both commands are answered where they were typed.
        wait::until("two answers", async || {
            (bot.connector.reached().len() == 2).then_some(())
        })
        .await;
        assert_eq!(bot.connector.reached(), [group(5), personal(2)]);
        let mut pressed = teams.personal_message(2, "", 5);
        pressed["type"] = "invoke".into();
        pressed["name"] = "adaptiveCard/action".into();
        pressed["value"] = json!({ "action": { "type": "Action.Execute", "verb": "acknowledge", "data": {} }, "trigger": "manual" });
        bot.acknowledges(&mark(pressed)).await;
        bot.knows(&[personal(1)]);

        let status = bot.handler.sends(&json!({ "text": "hello" })).await;
        assert_eq!(status["total"], 1, "{status}");
    }
}

/// The same conversation may be a chat of Copilot's and one with the bot: what is stored stays as it was.
#[tokio::test]
async fn an_installation_that_is_stored_is_left_as_it_is_and_can_be_removed() {
    let bot = LocalBot::start().await;
    bot.acknowledges(&bot.teams.personal_install(1, 0)).await;
    let before = crate::support::references::stored(&bot.handler.room);
    let mut elsewhere = bot.teams.personal_message(1, "hello", 10);
    elsewhere["locale"] = "de-AT".into();
    elsewhere["from"]["id"] = user(9).into();
    bot.acknowledges(&in_copilot(elsewhere)).await;
    bot.acknowledges(&in_copilot(bot.teams.personal_update(1, "upgrade", 11)))
        .await;
    assert_eq!(crate::support::references::stored(&bot.handler.room), before);
    bot.acknowledges(&in_copilot(bot.teams.personal_update(1, "remove", 12)))
        .await;
    bot.knows(&[]);
}
