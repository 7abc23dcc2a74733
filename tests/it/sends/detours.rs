//! Messages that Teams doesn't take where they were planned: General in the place of a dead channel, the right address in
//! the place of a wrong one.

use super::LocalBot;
use crate::support::{
    activities::{BOT, CHANNEL, TEAM, Teams, personal, time},
    connector::Reply,
    http::Answer,
    notification::{count, to, to_all},
    references::stored,
};
use jiff::Timestamp;
use reqwest::Method;
use serde_json::json;

/// A team that selected a channel.
async fn with_a_channel() -> LocalBot {
    let bot = LocalBot::start().await;
    bot.acknowledges(&bot.teams.team_update("add", CHANNEL, 0)).await;
    bot
}

/// How often a conversation was called.
fn calls(bot: &LocalBot, conversation: &str) -> usize {
    let calls = bot.connector.calls();
    calls
        .iter()
        .filter(|call| call.conversation == conversation)
        .count()
}

#[tokio::test]
async fn the_message_of_a_dead_channel_is_in_general_and_can_be_edited_there() {
    let bot = with_a_channel().await;
    bot.connector
        .always(CHANNEL, Reply::error(404, "ConversationNotFound"));
    let id = bot.handler.accepts(&to_all(json!({ "text": "first" }))).await;
    let status = bot.handler.ends(&id).await;
    assert_eq!(count(&status, "delivered"), 1, "{status}");
    let line = bot.handler.outcome(&id, TEAM).await;
    assert_eq!(
        (&line["outcome"], &line["attempts"]),
        (&json!("delivered"), &json!(2)),
        "{line}"
    );
    let path = format!("/api/notification/{id}");
    let edit = bot
        .handler
        .request(Method::PUT, &path)
        .header("content-type", "application/json")
        .body(json!({ "text": "corrected" }).to_string());
    let answer = Answer::to(edit).await.expect(202);
    let edited = bot.handler.ends(answer.json()["id"].as_str().unwrap()).await;
    assert_eq!(count(&edited, "delivered"), 1, "{edited}");
    // The channel is left alone for a day.
    bot.handler.sends(&to_all(json!({ "text": "second" }))).await;
    assert_eq!((calls(&bot, CHANNEL), calls(&bot, TEAM)), (1, 3));
    bot.knows(&[TEAM.to_owned()]);
}

#[tokio::test]
async fn a_dead_channel_that_was_named_is_gone() {
    let bot = with_a_channel().await;
    bot.connector
        .always(CHANNEL, Reply::error(404, "ConversationNotFound"));
    let status = bot
        .handler
        .sends(&to(&[CHANNEL.to_owned()], json!({ "text": "hello" })))
        .await;
    assert_eq!(count(&status, "gone"), 1, "{status}");
    // Once more, and once again where the lane has another owner by then.
    assert!((2..=3).contains(&calls(&bot, CHANNEL)));
    assert_eq!(calls(&bot, TEAM), 0);
}

#[tokio::test]
async fn a_channel_that_the_bot_was_removed_from_is_left_alone_until_it_is_added() {
    let bot = with_a_channel().await;
    let member = |members: &str, event: &str, at: i64| {
        let mut activity = bot.teams.team_event(event, at);
        activity["channelData"]["channel"] = json!({ "id": CHANNEL });
        activity[members] = json!([{ "id": format!("28:{BOT}") }]);
        activity
    };
    // What an event says of a channel holds for a day.
    let nine: Timestamp = time(0).parse().unwrap();
    let now = Timestamp::now().as_second() - nine.as_second();
    bot.acknowledges(&member("membersRemoved", "channelMemberRemoved", now))
        .await;
    bot.handler.sends(&to_all(json!({ "text": "first" }))).await;
    assert_eq!(bot.connector.reached(), [TEAM]);
    bot.acknowledges(&member("membersAdded", "channelMemberAdded", now + 1))
        .await;
    bot.handler.sends(&to_all(json!({ "text": "second" }))).await;
    assert_eq!(bot.connector.reached(), [CHANNEL, TEAM]);
}

#[tokio::test]
async fn an_address_that_teams_names_is_tried_and_kept() {
    let bot = LocalBot::with_people(1, &[]).await;
    let right = format!("http://{}/gcc", bot.connector.host());
    let message = format!("Invalid bot api host. For GCC tenants, please call `{right}`.");
    let wrong = Reply::json(
        403,
        &json!({ "error": { "code": "InvalidBotApiHost", "message": message } }),
    );
    bot.connector.script(&personal(1), [wrong]);
    for text in ["first", "second"] {
        let status = bot.handler.sends(&to_all(json!({ "text": text }))).await;
        assert_eq!(count(&status, "delivered"), 1, "{status}");
    }
    let calls = bot.connector.calls();
    let bases: Vec<&str> = calls
        .iter()
        .filter_map(|call| call.path.split("/v3/").next())
        .collect();
    assert_eq!(bases, ["/emea", "/gcc", "/gcc"]);
    let references = stored(&bot.handler.room);
    assert_eq!(
        references.values().next().unwrap()["serviceUrl"],
        right,
        "{references:?}"
    );
}

#[tokio::test]
async fn else_the_address_of_the_tenant_s_newest_reference_is_tried() {
    let bot = LocalBot::with_people(1, &[]).await;
    let moved = Teams::at(&format!("http://{}/de/", bot.connector.host()));
    bot.acknowledges(&moved.personal_install(2, 60)).await;
    let answers = [
        Reply::json(
            400,
            &json!({ "code": "BadArgument", "message": "Incoming request was redirected to the wrong geo! Current geo: EMEA, Target geo: EUDB" }),
        ),
        Reply::json(
            403,
            &json!({ "error": { "code": "BadArgument", "message": "User is from different region" } }),
        ),
    ];
    for answer in answers {
        bot.acknowledges(&bot.teams.personal_install(1, 30)).await;
        bot.connector.script(&personal(1), [answer]);
        let id = bot.handler.accepts(&to_all(json!({ "text": "hello" }))).await;
        let status = bot.handler.ends(&id).await;
        assert_eq!(count(&status, "delivered"), 2, "{status}");
    }
    let calls = bot.connector.calls();
    let of_one = calls.iter().filter(|call| call.conversation == personal(1));
    let bases: Vec<&str> = of_one.filter_map(|call| call.path.split("/v3/").next()).collect();
    assert_eq!(bases, ["/emea", "/de", "/emea", "/de"]);
}

#[tokio::test]
async fn nothing_is_sent_to_an_address_that_is_not_a_connector_s() {
    let bot = LocalBot::with_people(1, &[]).await;
    let wrong = |status: u16| {
        let message = "Invalid bot api host. Please call `https://evil.example/teams`.";
        Reply::json(
            status,
            &json!({ "error": { "code": "InvalidBotApiHost", "message": message } }),
        )
    };
    let end = async || {
        let id = bot.handler.accepts(&to_all(json!({ "text": "hello" }))).await;
        bot.handler.ends(&id).await;
        bot.handler.outcome(&id, &personal(1)).await
    };
    // Once: it is tried again at the address that is known.
    bot.connector.script(&personal(1), [wrong(403)]);
    let line = end().await;
    assert_eq!(
        (&line["outcome"], &line["attempts"]),
        (&json!("delivered"), &json!(2)),
        "{line}"
    );
    bot.connector.always(&personal(1), wrong(400));
    let line = end().await;
    assert_eq!(
        (&line["outcome"], &line["code"]),
        (&json!("rejected"), &json!("InvalidBotApiHost")),
        "{line}"
    );
}
