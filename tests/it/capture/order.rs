//! Late, repeated and simultaneous events: the newest wins, on a tie the removal.

use super::LocalBot;
use crate::support::{
    activities::{TEAM, bot_member, group, personal},
    handler::{Signal, custom},
    references::conversations,
};

#[tokio::test]
async fn a_late_install_does_not_resurrect() {
    let bot = LocalBot::start().await;
    bot.acknowledges(&bot.teams.personal_update(1, "remove", 10))
        .await;
    bot.acknowledges(&bot.teams.personal_install(1, 5)).await;
    bot.acknowledges(&bot.teams.personal_message(1, "late", 6)).await;
    bot.knows(&[]);
    bot.acknowledges(&bot.teams.personal_install(1, 11)).await;
    bot.knows(&[personal(1)]);
}

#[tokio::test]
async fn a_late_uninstall_does_not_delete() {
    let bot = LocalBot::start().await;
    bot.acknowledges(&bot.teams.group_update(1, "add", 10)).await;
    bot.acknowledges(&bot.teams.group_update(1, "remove", 5)).await;
    bot.acknowledges(&bot.teams.group_members(1, "membersRemoved", &bot_member(), 6))
        .await;
    bot.knows(&[group(1)]);
}

#[tokio::test]
async fn on_a_tie_the_removal_wins_in_either_order() {
    let bot = LocalBot::start().await;
    bot.acknowledges(&bot.teams.personal_install(1, 10)).await;
    bot.acknowledges(&bot.teams.personal_update(1, "remove", 10))
        .await;
    bot.knows(&[]);
    bot.acknowledges(&bot.teams.personal_update(2, "remove", 10))
        .await;
    bot.acknowledges(&bot.teams.personal_install(2, 10)).await;
    bot.knows(&[]);
}

#[tokio::test]
async fn a_removal_is_remembered_over_a_restart() {
    let bot = LocalBot::start().await;
    bot.acknowledges(&bot.teams.team_update("add", TEAM, 0)).await;
    bot.acknowledges(&bot.teams.team_event("teamDeleted", 10)).await;
    let teams = bot.teams.clone();
    let (status, room, output) = bot.handler.stop(Signal::Term).await;
    assert_eq!(status.code(), Some(0), "{}", output.text());

    let handler = custom(room).start().await;
    handler
        .receives(&teams.team_update("add", TEAM, 5))
        .await
        .expect(200);
    assert_eq!(conversations(&handler.room), Vec::<String>::new());
    handler
        .receives(&teams.team_event("teamRestored", 20))
        .await
        .expect(200);
    assert_eq!(conversations(&handler.room), [TEAM]);
}

#[tokio::test]
async fn redelivered_events_change_nothing() {
    let bot = LocalBot::start().await;
    for _ in 0..3 {
        bot.acknowledges(&bot.teams.personal_install(1, 0)).await;
        bot.acknowledges(&bot.teams.personal_members(1, "membersAdded", 1))
            .await;
    }
    bot.knows(&[personal(1)]);
}

#[tokio::test]
async fn many_installs_at_once_are_all_kept() {
    let bot = LocalBot::start().await;
    let tells = (1..=60).map(|n| {
        let activity = bot.teams.personal_install(n, 0);
        let bot = &bot;
        async move { bot.acknowledges(&activity).await }
    });
    futures::future::join_all(tells).await;
    bot.knows(&(1..=60).map(personal).collect::<Vec<_>>());
}
