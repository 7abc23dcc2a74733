//! What a real client sent, replayed: every recorded activity of the Agents Playground, scope by scope.

use super::LocalBot;
use crate::support::{http::Answer, references::conversations};
use reqwest::Method;
use serde_json::Value;
use std::{fs, path::Path};

const PERSONAL: &str = "05ef3dc2-1e14-46e9-a551-f501c0ff0420";
const TEAM: &str = "team-id";

fn recording(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/recordings")
        .join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

fn names() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/recordings");
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

/// Replays recordings; an invoke that nobody handles is 501, all else is acknowledged.
async fn replay(bot: &LocalBot, names: &[&str]) {
    for name in names {
        let activity = &recording(name)["activity"];
        let answer = bot.handler.receives(activity).await;
        let wanted = if activity["type"] == "invoke" { 501 } else { 200 };
        assert_eq!(answer.status, wanted, "{name}: {answer:#?}");
    }
}

#[tokio::test]
async fn every_recorded_request_gets_its_answer() {
    let bot = LocalBot::start().await;
    let names = names();
    assert!(names.len() > 50, "{names:?}");
    for name in &names {
        let recorded = recording(name);
        if recorded["activity"].is_null() {
            // The probe at start: any answer will do.
            Answer::to(bot.handler.request(Method::HEAD, "/api/messages")).await;
        } else {
            replay(&bot, &[name]).await;
        }
    }
}

#[tokio::test]
async fn opening_the_chats_installs_each_of_them_once() {
    let bot = LocalBot::start().await;
    for scope in ["personal", "group", "channel-general"] {
        for _ in 0..2 {
            let first = format!("{scope}--auto-on-first-open--installationUpdate.json");
            let second = format!("{scope}--auto-on-first-open--conversationUpdate.json");
            replay(&bot, &[&first, &second]).await;
        }
    }
    let known = conversations(&bot.handler.room);
    assert_eq!(known.len(), 3, "{known:?}");
    assert!(
        known.contains(&PERSONAL.to_owned()) && known.contains(&TEAM.to_owned()),
        "{known:?}"
    );
}

#[tokio::test]
async fn an_install_into_another_channel_is_the_team_s() {
    let bot = LocalBot::start().await;
    replay(
        &bot,
        &["channel-announcements--install-application--installationUpdate.json"],
    )
    .await;
    assert_eq!(conversations(&bot.handler.room), [TEAM]);
}

#[tokio::test]
async fn uninstalls_remove_in_every_scope() {
    for scope in ["personal", "group", "channel-general", "channel-announcements"] {
        let bot = LocalBot::start().await;
        // The recordings were made one after the other; the removal is moved behind the install.
        for (nth, name) in ["install-application", "uninstall-application"]
            .iter()
            .enumerate()
        {
            let mut activity =
                recording(&format!("{scope}--{name}--installationUpdate.json"))["activity"].clone();
            activity["timestamp"] = format!("2026-11-22T06:00:0{nth}.000Z").into();
            bot.acknowledges(&activity).await;
            assert_eq!(conversations(&bot.handler.room).len(), 1 - nth, "{scope}: {name}");
        }
    }
}

#[tokio::test]
async fn messages_back_fill_except_from_other_channels() {
    for (scope, known) in [
        ("personal", 1),
        ("group", 1),
        ("channel-general", 1),
        ("channel-announcements", 0),
    ] {
        let bot = LocalBot::start().await;
        replay(&bot, &[&format!("{scope}--message-hello--message.json")]).await;
        assert_eq!(conversations(&bot.handler.room).len(), known, "{scope}");
    }
}

#[tokio::test]
async fn a_recorded_install_is_sent_to_where_it_came_from() {
    let bot = LocalBot::start().await;
    let mut activity = recording("personal--auto-on-first-open--installationUpdate.json")["activity"].clone();
    activity["serviceUrl"] = bot.connector.service_url().trim_end_matches('/').into();
    bot.acknowledges(&activity).await;
    bot.handler.sends(&serde_json::json!({ "text": "hello" })).await;
    assert_eq!(bot.connector.reached(), [PERSONAL]);
}
