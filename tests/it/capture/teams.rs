//! The traps of teams: the selected channel, upgrades, the pair of activities, archives and renames.

use super::LocalBot;
use crate::support::{
    activities::{CHANNEL, TEAM, bot_member, group, personal},
    notification::count,
};
use serde_json::json;

#[tokio::test]
async fn a_team_installed_with_a_channel_is_one_target_and_its_removal_carries_the_team_s_id() {
    let bot = LocalBot::start().await;
    // Both activities of one install: the channel's id in one, the team's in the other.
    bot.acknowledges(&bot.teams.team_update("add", CHANNEL, 0)).await;
    bot.acknowledges(&bot.teams.team_members("membersAdded", &bot_member(), 1))
        .await;
    bot.knows(&[TEAM.to_owned()]);
    // Somebody mentions the bot in General: the same target.
    bot.acknowledges(&bot.teams.channel_message(TEAM, "hello", 2))
        .await;
    bot.knows(&[TEAM.to_owned()]);

    let status = bot
        .handler
        .sends(&json!({ "text": "hello", "audience": { "teams": [TEAM] } }))
        .await;
    assert_eq!(
        (status["total"].as_u64(), count(&status, "delivered")),
        (Some(1), 1),
        "{status}"
    );
    assert_eq!(
        bot.connector.reached(),
        [CHANNEL],
        "the channel that was picked gets it"
    );

    bot.acknowledges(&bot.teams.team_update("remove", TEAM, 10)).await;
    bot.knows(&[]);
}

#[tokio::test]
async fn the_two_activities_of_an_install_come_in_any_order() {
    let bot = LocalBot::start().await;
    bot.acknowledges(&bot.teams.team_members("membersAdded", &bot_member(), 1))
        .await;
    bot.acknowledges(&bot.teams.team_update("add", CHANNEL, 0)).await;
    bot.knows(&[TEAM.to_owned()]);
    bot.acknowledges(&bot.teams.personal_members(1, "membersAdded", 1))
        .await;
    bot.acknowledges(&bot.teams.personal_install(1, 0)).await;
    bot.knows(&[TEAM.to_owned(), personal(1)]);
}

#[tokio::test]
async fn an_upgrade_keeps_or_drops_the_bot() {
    let bot = LocalBot::start().await;
    bot.acknowledges(&bot.teams.personal_install(1, 0)).await;
    bot.acknowledges(&bot.teams.personal_update(1, "add-upgrade", 10))
        .await;
    bot.acknowledges(&bot.teams.personal_update(2, "Add-Upgrade", 10))
        .await;
    bot.knows(&[personal(1), personal(2)]);
    bot.acknowledges(&bot.teams.personal_update(2, "remove-upgrade", 20))
        .await;
    bot.knows(&[personal(1)]);
    bot.acknowledges(&bot.teams.personal_update(1, "something-new", 30))
        .await;
    bot.knows(&[personal(1)]);
}

/// As it was reported: nothing but conversation, person and bot.
fn bare(mut upgrade: serde_json::Value) -> serde_json::Value {
    upgrade.as_object_mut().unwrap().remove("channelData");
    upgrade
}

#[tokio::test]
async fn an_upgrade_without_channel_data_is_an_install() {
    let bot = LocalBot::start().await;
    bot.acknowledges(&bare(bot.teams.personal_update(1, "upgrade", 0)))
        .await;
    bot.acknowledges(&bare(bot.teams.personal_update(2, "UPGRADE", 0)))
        .await;
    bot.acknowledges(&bare(bot.teams.group_update(1, "upgrade", 0)))
        .await;
    bot.acknowledges(&bare(bot.teams.team_update("upgrade", TEAM, 0)))
        .await;
    let known = [personal(1), personal(2), group(1), TEAM.to_owned()];
    bot.knows(&known);
    bot.handler.sends(&json!({ "text": "hello" })).await;
    let mut known = known.to_vec();
    known.sort();
    assert_eq!(bot.connector.reached(), known);
    // An older upgrade undoes no removal.
    bot.acknowledges(&bot.teams.personal_update(2, "remove", 20))
        .await;
    bot.acknowledges(&bare(bot.teams.personal_update(2, "upgrade", 10)))
        .await;
    bot.knows(&[personal(1), group(1), TEAM.to_owned()]);
}

#[tokio::test]
async fn an_upgrade_of_a_team_keeps_what_was_known_of_it() {
    // The upgrade may name the team, or the channel that was picked: there is one team all the same.
    for named in [TEAM, CHANNEL] {
        let bot = LocalBot::start().await;
        bot.acknowledges(&bot.teams.team_update("add", CHANNEL, 0)).await;
        bot.acknowledges(&bare(bot.teams.team_update("upgrade", named, 10)))
            .await;
        bot.knows(&[TEAM.to_owned()]);
        let stored = crate::support::references::stored(&bot.handler.room);
        let reference = stored.values().next().unwrap();
        assert_eq!(reference["conversation"]["name"], "Ops", "{reference}");
        let named_by_id = json!({ "text": "hello", "audience": { "teams": [TEAM] } });
        let status = bot.handler.sends(&named_by_id).await;
        assert_eq!(count(&status, "delivered"), 1, "{status}");
        assert_eq!(bot.connector.reached(), [CHANNEL], "{named}");
        bot.acknowledges(&bot.teams.team_update("remove", TEAM, 20)).await;
        bot.knows(&[]);
    }
}

#[tokio::test]
async fn an_archived_team_gets_nothing_until_it_is_unarchived() {
    let bot = LocalBot::start().await;
    bot.acknowledges(&bot.teams.team_update("add", TEAM, 0)).await;
    bot.acknowledges(&bot.teams.personal_install(1, 0)).await;
    bot.acknowledges(&bot.teams.team_event("teamArchived", 10)).await;
    bot.handler.sends(&json!({ "text": "first" })).await;
    assert_eq!(bot.connector.reached(), [personal(1)]);
    bot.acknowledges(&bot.teams.team_event("teamUnarchived", 20))
        .await;
    bot.handler.sends(&json!({ "text": "second" })).await;
    assert_eq!(
        bot.connector.reached().len(),
        3,
        "the person twice and the team once"
    );
}

#[tokio::test]
async fn a_deleted_channel_falls_back_to_general() {
    let bot = LocalBot::start().await;
    bot.acknowledges(&bot.teams.team_update("add", CHANNEL, 0)).await;
    let mut deleted = bot.teams.team_event("channelDeleted", 10);
    deleted["channelData"]["channel"] = json!({ "id": CHANNEL, "name": "Alerts" });
    bot.acknowledges(&deleted).await;
    bot.handler.sends(&json!({ "text": "first" })).await;
    assert_eq!(bot.connector.reached(), [TEAM]);
    let mut restored = bot.teams.team_event("channelRestored", 20);
    restored["channelData"]["channel"] = json!({ "id": CHANNEL, "name": "Alerts" });
    bot.acknowledges(&restored).await;
    bot.handler.sends(&json!({ "text": "second" })).await;
    assert_eq!(bot.connector.reached(), [CHANNEL, TEAM]);
}

#[tokio::test]
async fn renames_and_new_channels_leave_the_target_alone() {
    let bot = LocalBot::start().await;
    bot.acknowledges(&bot.teams.team_update("add", TEAM, 0)).await;
    for (second, event) in [
        (10, "teamRenamed"),
        (11, "channelCreated"),
        (12, "channelRenamed"),
        (13, "teamMadeOfCheese"),
    ] {
        let mut activity = bot.teams.team_event(event, second);
        activity["channelData"]["channel"] = json!({ "id": CHANNEL, "name": "Alerts" });
        bot.acknowledges(&activity).await;
    }
    bot.knows(&[TEAM.to_owned()]);
}
