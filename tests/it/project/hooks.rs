//! Hooks: once for what happened, however often Teams reports it.

use super::Bot;
use crate::support::activities::{TEAM, bot_member, group, personal, user};
use serde_json::{Value, json};

/// The same news under an id of its own, as Teams reports it again (botframework-sdk issue 5798, botbuilder-js issue 4377).
fn again(activity: &Value, id: u32) -> Value {
    let mut again = activity.clone();
    again["id"] = format!("f:1d0f7a52-9999-4000-8000-{id:012}").into();
    again
}

/// Lines of the journal that begin with a word.
async fn noted(bot: &Bot, word: &str) -> Vec<String> {
    let journal = bot.journal().await;
    journal
        .into_iter()
        .filter(|line| line.starts_with(word))
        .collect()
}

#[tokio::test]
async fn an_installation_is_greeted_once_and_again_after_a_removal() {
    let bot = Bot::start().await;
    let installed = format!("installed {}", personal(1));
    // Both of its activities, in any order, one of them twice.
    bot.acknowledges(&bot.teams.personal_members(1, "membersAdded", 0))
        .await;
    bot.acknowledges(&bot.teams.personal_install(1, 1)).await;
    bot.acknowledges(&bot.teams.personal_install(1, 1)).await;
    bot.notes(&installed).await;
    // Updates of the app.
    bot.acknowledges(&bot.teams.personal_update(1, "upgrade", 2))
        .await;
    bot.acknowledges(&bot.teams.personal_update(1, "add-upgrade", 3))
        .await;
    bot.acknowledges(&bot.teams.personal_install(9, 4)).await;
    bot.notes(&format!("installed {}", personal(9))).await;
    assert_eq!(
        noted(&bot, "installed").await,
        [installed.clone(), format!("installed {}", personal(9))]
    );

    bot.acknowledges(&bot.teams.personal_update(1, "remove", 5)).await;
    bot.acknowledges(&bot.teams.personal_install(1, 6)).await;
    bot.acknowledges(&bot.teams.group_update(2, "add", 7)).await;
    bot.notes(&format!("installed {}", group(2))).await;
    let said = bot.says(&personal(1), 2).await;
    let greetings = said
        .iter()
        .filter(|call| call.body["text"] == "I bring alerts here.");
    assert_eq!(greetings.count(), 2, "{said:#?}");
    // The person who is named with the bot did not come in.
    assert!(noted(&bot, "added").await.is_empty());
    assert_eq!(
        noted(&bot, "installed")
            .await
            .iter()
            .filter(|line| **line == installed)
            .count(),
        2
    );
}

/// Somebody writes before Teams has told of the installation.
#[tokio::test]
async fn an_installation_that_comes_after_its_first_message_is_greeted_once() {
    let bot = Bot::start().await;
    let installed = format!("installed {}", personal(1));
    bot.acknowledges(&bot.teams.personal_message(1, "hello", 2)).await;
    bot.acknowledges(&bot.teams.personal_install(1, 1)).await;
    bot.acknowledges(&bot.teams.personal_members(1, "membersAdded", 1))
        .await;
    bot.acknowledges(&bot.teams.personal_install(9, 4)).await;
    bot.notes(&installed).await;
    bot.notes(&format!("installed {}", personal(9))).await;
    let greeted = noted(&bot, "installed").await;
    assert_eq!(
        greeted.iter().filter(|line| **line == installed).count(),
        1,
        "{greeted:?}"
    );
}

#[tokio::test]
async fn a_team_that_is_restored_was_installed_before() {
    let bot = Bot::start().await;
    bot.acknowledges(&bot.teams.team_update("add", TEAM, 0)).await;
    bot.acknowledges(&bot.teams.team_event("teamDeleted", 1)).await;
    bot.acknowledges(&bot.teams.team_event("teamRestored", 2)).await;
    bot.acknowledges(&bot.teams.personal_install(9, 4)).await;
    bot.notes(&format!("installed {}", personal(9))).await;
    assert_eq!(
        noted(&bot, "installed").await,
        [format!("installed {TEAM}"), format!("installed {}", personal(9))]
    );
}

/// Whatever shows an installation that was missed is none.
#[tokio::test]
async fn an_update_of_an_app_that_was_not_known_is_no_installation() {
    let bot = Bot::start().await;
    bot.acknowledges(&bot.teams.personal_update(1, "upgrade", 0))
        .await;
    bot.acknowledges(&bot.teams.personal_message(2, "hello", 1)).await;
    bot.says(&personal(2), 1).await;
    bot.acknowledges(&bot.teams.personal_install(9, 4)).await;
    bot.notes(&format!("installed {}", personal(9))).await;
    assert_eq!(
        noted(&bot, "installed").await,
        [format!("installed {}", personal(9))]
    );
    // Both are known from now on.
    let alert = json!({ "title": "Disk is full", "severity": "low" });
    let answer = bot.post("/alerts/x", &alert).await.expect(202);
    let status = bot.ends(answer.json()["id"].as_str().unwrap()).await;
    assert_eq!(status["counts"]["delivered"], 3, "{status}");
}

#[tokio::test]
async fn who_came_is_welcomed_once_however_often_teams_reports_it() {
    let bot = Bot::start().await;
    bot.acknowledges(&bot.teams.team_update("add", TEAM, 0)).await;
    bot.says(TEAM, 1).await;
    let added = bot.teams.team_members("membersAdded", &user(5), 10);
    // The very same activity, as after an answer that came too late, and the same news under other ids.
    for report in [&added, &added, &again(&added, 1), &again(&added, 2)] {
        bot.acknowledges(report).await;
    }
    bot.acknowledges(&bot.teams.team_members("membersAdded", &user(6), 11))
        .await;
    bot.notes(&format!("added {}", user(6))).await;
    bot.says(TEAM, 3).await;
    let first = format!("added {}", user(5));
    assert_eq!(
        noted(&bot, "added").await,
        [first.clone(), format!("added {}", user(6))]
    );

    // Who left and came again is new; so is the same person elsewhere.
    bot.acknowledges(&bot.teams.team_members("membersRemoved", &user(5), 12))
        .await;
    bot.acknowledges(&again(&added, 3)).await;
    bot.acknowledges(&bot.teams.group_members(1, "membersAdded", &user(5), 13))
        .await;
    bot.says(TEAM, 4).await;
    bot.says(&group(1), 1).await;
    assert_eq!(
        noted(&bot, "added")
            .await
            .iter()
            .filter(|line| **line == first)
            .count(),
        3
    );
}

#[tokio::test]
async fn a_chat_that_the_bot_left_begins_anew() {
    let bot = Bot::start().await;
    let added = bot.teams.group_members(1, "membersAdded", &user(5), 10);
    bot.acknowledges(&bot.teams.group_update(1, "add", 0)).await;
    bot.acknowledges(&added).await;
    bot.says(&group(1), 2).await;
    for (round, removal) in (1..).zip([
        bot.teams.group_update(1, "remove", 20),
        bot.teams.group_members(1, "membersRemoved", &bot_member(), 40),
    ]) {
        bot.acknowledges(&removal).await;
        bot.acknowledges(&again(&added, round)).await;
        bot.says(&group(1), 2 + usize::try_from(round).unwrap()).await;
    }
    assert_eq!(noted(&bot, "added").await.len(), 3);
}

/// Of two that came one was reported before.
#[tokio::test]
async fn of_several_only_the_new_ones_are_welcomed() {
    let bot = Bot::start().await;
    bot.acknowledges(&bot.teams.group_members(1, "membersAdded", &user(5), 10))
        .await;
    bot.says(&group(1), 1).await;
    let mut both = bot.teams.group_members(1, "membersAdded", &user(5), 11);
    both["membersAdded"] = json!([{ "id": user(5) }, { "id": user(6) }, { "id": bot_member() }]);
    bot.acknowledges(&both).await;
    bot.notes(&format!("added {}", user(6))).await;
}
