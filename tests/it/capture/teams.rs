//! The traps of teams: the selected channel, upgrades, the pair of activities, archives and renames.

use super::Told;
use crate::support::{
    activities::{CHANNEL, TEAM, bot_member, group, personal},
    notification::count,
};
use serde_json::json;

#[tokio::test]
async fn a_team_installed_with_a_channel_is_one_target_and_its_removal_carries_the_team_s_id() {
    let told = Told::start().await;
    // Both activities of one install: the channel's id in one, the team's in the other.
    told.tell(&told.teams.team_update("add", CHANNEL, 0)).await;
    told.tell(&told.teams.team_members("membersAdded", &bot_member(), 1))
        .await;
    told.knows(&[TEAM.to_owned()]);
    // Somebody mentions the bot in General: the same target.
    told.tell(&told.teams.channel_message(TEAM, "hello", 2)).await;
    told.knows(&[TEAM.to_owned()]);

    let status = told
        .handler
        .sends(&json!({ "text": "hello", "audience": { "teams": [TEAM] } }))
        .await;
    assert_eq!(
        (status["total"].as_u64(), count(&status, "delivered")),
        (Some(1), 1),
        "{status}"
    );
    assert_eq!(
        told.connector.reached(),
        [CHANNEL],
        "the channel that was picked gets it"
    );

    told.tell(&told.teams.team_update("remove", TEAM, 10)).await;
    told.knows(&[]);
}

#[tokio::test]
async fn the_two_activities_of_an_install_come_in_any_order() {
    let told = Told::start().await;
    told.tell(&told.teams.team_members("membersAdded", &bot_member(), 1))
        .await;
    told.tell(&told.teams.team_update("add", CHANNEL, 0)).await;
    told.knows(&[TEAM.to_owned()]);
    told.tell(&told.teams.personal_members(1, "membersAdded", 1))
        .await;
    told.tell(&told.teams.personal_install(1, 0)).await;
    told.knows(&[TEAM.to_owned(), personal(1)]);
}

#[tokio::test]
async fn an_upgrade_keeps_or_drops_the_bot() {
    let told = Told::start().await;
    told.tell(&told.teams.personal_install(1, 0)).await;
    told.tell(&told.teams.personal_update(1, "add-upgrade", 10)).await;
    told.tell(&told.teams.personal_update(2, "Add-Upgrade", 10)).await;
    told.knows(&[personal(1), personal(2)]);
    told.tell(&told.teams.personal_update(2, "remove-upgrade", 20))
        .await;
    told.knows(&[personal(1)]);
    told.tell(&told.teams.personal_update(1, "something-new", 30))
        .await;
    told.knows(&[personal(1)]);
}

/// As it was reported: nothing but conversation, person and bot.
fn bare(mut upgrade: serde_json::Value) -> serde_json::Value {
    upgrade.as_object_mut().unwrap().remove("channelData");
    upgrade
}

#[tokio::test]
async fn an_upgrade_without_channel_data_is_an_install() {
    let told = Told::start().await;
    told.tell(&bare(told.teams.personal_update(1, "upgrade", 0)))
        .await;
    told.tell(&bare(told.teams.personal_update(2, "UPGRADE", 0)))
        .await;
    told.tell(&bare(told.teams.group_update(1, "upgrade", 0))).await;
    told.tell(&bare(told.teams.team_update("upgrade", TEAM, 0))).await;
    let known = [personal(1), personal(2), group(1), TEAM.to_owned()];
    told.knows(&known);
    told.handler.sends(&json!({ "text": "hello" })).await;
    let mut known = known.to_vec();
    known.sort();
    assert_eq!(told.connector.reached(), known);
    // An older upgrade undoes no removal.
    told.tell(&told.teams.personal_update(2, "remove", 20)).await;
    told.tell(&bare(told.teams.personal_update(2, "upgrade", 10)))
        .await;
    told.knows(&[personal(1), group(1), TEAM.to_owned()]);
}

#[tokio::test]
async fn an_upgrade_of_a_team_keeps_what_was_known_of_it() {
    // The upgrade may name the team, or the channel that was picked: there is one team all the same.
    for named in [TEAM, CHANNEL] {
        let told = Told::start().await;
        told.tell(&told.teams.team_update("add", CHANNEL, 0)).await;
        told.tell(&bare(told.teams.team_update("upgrade", named, 10)))
            .await;
        told.knows(&[TEAM.to_owned()]);
        let stored = crate::support::references::stored(&told.handler.room);
        let reference = stored.values().next().unwrap();
        assert_eq!(reference["conversation"]["name"], "Ops", "{reference}");
        let named_by_id = json!({ "text": "hello", "audience": { "teams": [TEAM] } });
        let status = told.handler.sends(&named_by_id).await;
        assert_eq!(count(&status, "delivered"), 1, "{status}");
        assert_eq!(told.connector.reached(), [CHANNEL], "{named}");
        told.tell(&told.teams.team_update("remove", TEAM, 20)).await;
        told.knows(&[]);
    }
}

#[tokio::test]
async fn an_archived_team_gets_nothing_until_it_is_unarchived() {
    let told = Told::start().await;
    told.tell(&told.teams.team_update("add", TEAM, 0)).await;
    told.tell(&told.teams.personal_install(1, 0)).await;
    told.tell(&told.teams.team_event("teamArchived", 10)).await;
    told.handler.sends(&json!({ "text": "first" })).await;
    assert_eq!(told.connector.reached(), [personal(1)]);
    told.tell(&told.teams.team_event("teamUnarchived", 20)).await;
    told.handler.sends(&json!({ "text": "second" })).await;
    assert_eq!(
        told.connector.reached().len(),
        3,
        "the person twice and the team once"
    );
}

#[tokio::test]
async fn a_deleted_channel_falls_back_to_general() {
    let told = Told::start().await;
    told.tell(&told.teams.team_update("add", CHANNEL, 0)).await;
    let mut deleted = told.teams.team_event("channelDeleted", 10);
    deleted["channelData"]["channel"] = json!({ "id": CHANNEL, "name": "Alerts" });
    told.tell(&deleted).await;
    told.handler.sends(&json!({ "text": "first" })).await;
    assert_eq!(told.connector.reached(), [TEAM]);
    let mut restored = told.teams.team_event("channelRestored", 20);
    restored["channelData"]["channel"] = json!({ "id": CHANNEL, "name": "Alerts" });
    told.tell(&restored).await;
    told.handler.sends(&json!({ "text": "second" })).await;
    assert_eq!(told.connector.reached(), [CHANNEL, TEAM]);
}

#[tokio::test]
async fn renames_and_new_channels_leave_the_target_alone() {
    let told = Told::start().await;
    told.tell(&told.teams.team_update("add", TEAM, 0)).await;
    for (second, event) in [
        (10, "teamRenamed"),
        (11, "channelCreated"),
        (12, "channelRenamed"),
        (13, "teamMadeOfCheese"),
    ] {
        let mut activity = told.teams.team_event(event, second);
        activity["channelData"]["channel"] = json!({ "id": CHANNEL, "name": "Alerts" });
        told.tell(&activity).await;
    }
    told.knows(&[TEAM.to_owned()]);
}
