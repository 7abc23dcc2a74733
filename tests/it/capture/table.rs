//! The event table of the documentation: install, uninstall, team deleted and restored, message.

use super::Told;
use crate::support::activities::{CHANNEL, TEAM, bot_member, group, personal, user};

#[tokio::test]
async fn an_install_adds_a_person_a_group_and_a_team() {
    let told = Told::start().await;
    told.tell(&told.teams.personal_install(1, 0)).await;
    told.tell(&told.teams.group_update(1, "add", 1)).await;
    told.tell(&told.teams.team_update("add", TEAM, 2)).await;
    told.knows(&[personal(1), group(1), TEAM.to_owned()]);
}

#[tokio::test]
async fn an_uninstall_removes_them() {
    let told = Told::start().await;
    told.tell(&told.teams.personal_install(1, 0)).await;
    told.tell(&told.teams.personal_install(2, 0)).await;
    told.tell(&told.teams.group_update(1, "add", 1)).await;
    told.tell(&told.teams.team_update("add", TEAM, 2)).await;

    told.tell(&told.teams.personal_update(1, "remove", 10)).await;
    told.tell(&told.teams.group_update(1, "remove", 11)).await;
    told.tell(&told.teams.team_update("remove", TEAM, 12)).await;
    told.knows(&[personal(2)]);
}

#[tokio::test]
async fn a_deleted_team_is_removed_and_a_restored_one_added() {
    for deleted in ["teamDeleted", "teamHardDeleted"] {
        let told = Told::start().await;
        told.tell(&told.teams.team_update("add", TEAM, 0)).await;
        told.tell(&told.teams.team_event(deleted, 10)).await;
        told.knows(&[]);
        told.tell(&told.teams.team_event("teamRestored", 20)).await;
        told.knows(&[TEAM.to_owned()]);
    }
}

#[tokio::test]
async fn event_types_and_actions_come_in_any_case() {
    let told = Told::start().await;
    told.tell(&told.teams.team_update("Add", TEAM, 0)).await;
    told.knows(&[TEAM.to_owned()]);
    told.tell(&told.teams.team_event("teamdeleted", 10)).await;
    told.knows(&[]);
    told.tell(&told.teams.team_event("TeamRestored", 20)).await;
    told.knows(&[TEAM.to_owned()]);
    told.tell(&told.teams.team_update("REMOVE", TEAM, 30)).await;
    told.knows(&[]);
}

#[tokio::test]
async fn a_message_adds_what_is_not_known() {
    let told = Told::start().await;
    told.tell(&told.teams.personal_message(1, "hello", 0)).await;
    told.tell(&told.teams.group_message(1, "hello", 1)).await;
    told.knows(&[personal(1), group(1)]);
    told.tell(&told.teams.personal_message(1, "hello again", 2)).await;
    told.knows(&[personal(1), group(1)]);
}

#[tokio::test]
async fn in_a_team_only_the_general_channel_adds_it_under_the_team_s_id() {
    let told = Told::start().await;
    told.tell(&told.teams.channel_message(CHANNEL, "hello", 0)).await;
    told.knows(&[]);
    told.tell(&told.teams.channel_message(TEAM, "hello", 1)).await;
    told.knows(&[TEAM.to_owned()]);

    let told = Told::start().await;
    let mut unnamed = told.teams.channel_message(TEAM, "hello", 1);
    unnamed["channelData"].as_object_mut().unwrap().remove("channel");
    told.tell(&unnamed).await;
    told.knows(&[TEAM.to_owned()]);
}

#[tokio::test]
async fn the_bot_among_added_or_removed_members_counts_like_an_install_or_uninstall() {
    let told = Told::start().await;
    told.tell(&told.teams.personal_members(1, "membersAdded", 0))
        .await;
    told.tell(&told.teams.group_members(1, "membersAdded", &bot_member(), 1))
        .await;
    told.tell(&told.teams.team_members("membersAdded", &bot_member(), 2))
        .await;
    told.knows(&[personal(1), group(1), TEAM.to_owned()]);
    told.tell(&told.teams.group_members(1, "membersRemoved", &bot_member(), 11))
        .await;
    told.tell(&told.teams.team_members("membersRemoved", &bot_member(), 12))
        .await;
    told.knows(&[personal(1)]);
}

#[tokio::test]
async fn other_members_change_nothing() {
    let told = Told::start().await;
    told.tell(&told.teams.group_members(1, "membersAdded", &user(7), 0))
        .await;
    told.tell(&told.teams.team_members("membersAdded", &user(7), 0))
        .await;
    told.knows(&[]);
    told.tell(&told.teams.group_update(1, "add", 1)).await;
    told.tell(&told.teams.team_update("add", TEAM, 1)).await;
    told.tell(&told.teams.group_members(1, "membersRemoved", &user(7), 2))
        .await;
    told.tell(&told.teams.team_members("membersRemoved", &user(7), 2))
        .await;
    told.knows(&[group(1), TEAM.to_owned()]);
}
