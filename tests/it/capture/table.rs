//! The event table of the documentation: install, uninstall, team deleted and restored, message.

use super::LocalBot;
use crate::support::activities::{CHANNEL, TEAM, bot_member, group, personal, user};

#[tokio::test]
async fn an_install_adds_a_person_a_group_and_a_team() {
    let bot = LocalBot::start().await;
    bot.acknowledges(&bot.teams.personal_install(1, 0)).await;
    bot.acknowledges(&bot.teams.group_update(1, "add", 1)).await;
    bot.acknowledges(&bot.teams.team_update("add", TEAM, 2)).await;
    bot.knows(&[personal(1), group(1), TEAM.to_owned()]);
}

#[tokio::test]
async fn an_uninstall_removes_them() {
    let bot = LocalBot::start().await;
    bot.acknowledges(&bot.teams.personal_install(1, 0)).await;
    bot.acknowledges(&bot.teams.personal_install(2, 0)).await;
    bot.acknowledges(&bot.teams.group_update(1, "add", 1)).await;
    bot.acknowledges(&bot.teams.team_update("add", TEAM, 2)).await;

    bot.acknowledges(&bot.teams.personal_update(1, "remove", 10))
        .await;
    bot.acknowledges(&bot.teams.group_update(1, "remove", 11)).await;
    bot.acknowledges(&bot.teams.team_update("remove", TEAM, 12)).await;
    bot.knows(&[personal(2)]);
}

#[tokio::test]
async fn a_deleted_team_is_removed_and_a_restored_one_added() {
    for deleted in ["teamDeleted", "teamHardDeleted"] {
        let bot = LocalBot::start().await;
        bot.acknowledges(&bot.teams.team_update("add", TEAM, 0)).await;
        bot.acknowledges(&bot.teams.team_event(deleted, 10)).await;
        bot.knows(&[]);
        bot.acknowledges(&bot.teams.team_event("teamRestored", 20)).await;
        bot.knows(&[TEAM.to_owned()]);
    }
}

#[tokio::test]
async fn event_types_and_actions_come_in_any_case() {
    let bot = LocalBot::start().await;
    bot.acknowledges(&bot.teams.team_update("Add", TEAM, 0)).await;
    bot.knows(&[TEAM.to_owned()]);
    bot.acknowledges(&bot.teams.team_event("teamdeleted", 10)).await;
    bot.knows(&[]);
    bot.acknowledges(&bot.teams.team_event("TeamRestored", 20)).await;
    bot.knows(&[TEAM.to_owned()]);
    bot.acknowledges(&bot.teams.team_update("REMOVE", TEAM, 30)).await;
    bot.knows(&[]);
}

#[tokio::test]
async fn a_message_adds_what_is_not_known() {
    let bot = LocalBot::start().await;
    bot.acknowledges(&bot.teams.personal_message(1, "hello", 0)).await;
    bot.acknowledges(&bot.teams.group_message(1, "hello", 1)).await;
    bot.knows(&[personal(1), group(1)]);
    bot.acknowledges(&bot.teams.personal_message(1, "hello again", 2))
        .await;
    bot.knows(&[personal(1), group(1)]);
}

#[tokio::test]
async fn in_a_team_only_the_general_channel_adds_it_under_the_team_s_id() {
    let bot = LocalBot::start().await;
    bot.acknowledges(&bot.teams.channel_message(CHANNEL, "hello", 0))
        .await;
    bot.knows(&[]);
    bot.acknowledges(&bot.teams.channel_message(TEAM, "hello", 1))
        .await;
    bot.knows(&[TEAM.to_owned()]);

    let bot = LocalBot::start().await;
    let mut unnamed = bot.teams.channel_message(TEAM, "hello", 1);
    unnamed["channelData"].as_object_mut().unwrap().remove("channel");
    bot.acknowledges(&unnamed).await;
    bot.knows(&[TEAM.to_owned()]);
}

#[tokio::test]
async fn the_bot_among_added_or_removed_members_counts_like_an_install_or_uninstall() {
    let bot = LocalBot::start().await;
    bot.acknowledges(&bot.teams.personal_members(1, "membersAdded", 0))
        .await;
    bot.acknowledges(&bot.teams.group_members(1, "membersAdded", &bot_member(), 1))
        .await;
    bot.acknowledges(&bot.teams.team_members("membersAdded", &bot_member(), 2))
        .await;
    bot.knows(&[personal(1), group(1), TEAM.to_owned()]);
    bot.acknowledges(&bot.teams.group_members(1, "membersRemoved", &bot_member(), 11))
        .await;
    bot.acknowledges(&bot.teams.team_members("membersRemoved", &bot_member(), 12))
        .await;
    bot.knows(&[personal(1)]);
}

#[tokio::test]
async fn other_members_change_nothing() {
    let bot = LocalBot::start().await;
    bot.acknowledges(&bot.teams.group_members(1, "membersAdded", &user(7), 0))
        .await;
    bot.acknowledges(&bot.teams.team_members("membersAdded", &user(7), 0))
        .await;
    bot.knows(&[]);
    bot.acknowledges(&bot.teams.group_update(1, "add", 1)).await;
    bot.acknowledges(&bot.teams.team_update("add", TEAM, 1)).await;
    bot.acknowledges(&bot.teams.group_members(1, "membersRemoved", &user(7), 2))
        .await;
    bot.acknowledges(&bot.teams.team_members("membersRemoved", &user(7), 2))
        .await;
    bot.knows(&[group(1), TEAM.to_owned()]);
}
