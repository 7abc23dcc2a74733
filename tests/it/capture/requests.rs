//! Requests to the bot endpoint that are no ordinary activity.

use super::LocalBot;
use crate::support::{
    activities::personal,
    http::{Answer, chunked},
};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn unknown_types_and_members_are_acknowledged_and_logged() {
    let bot = LocalBot::start().await;
    let mut odd = bot.teams.personal_install(1, 0);
    odd["type"] = "somethingNew".into();
    bot.acknowledges(&odd).await;
    for kind in [
        "typing",
        "event",
        "messageReaction",
        "messageUpdate",
        "messageDelete",
        "endOfConversation",
    ] {
        let mut activity = bot.teams.personal_message(1, "hello", 0);
        activity["type"] = kind.into();
        bot.acknowledges(&activity).await;
    }
    bot.knows(&[]);
    // A type that nobody knows comes from outside, and may be anything: it is not repeated.
    bot.handler.says(&["\"activity_type\":\"other\""]).await;

    let mut rich = bot.teams.personal_install(1, 0);
    rich["brandNewMember"] = json!({ "deep": [1, { "er": null }] });
    rich["channelData"]["another"] = json!(["x"]);
    rich["conversation"]["yetAnother"] = true.into();
    bot.acknowledges(&rich).await;
    bot.knows(&[personal(1)]);
}

#[tokio::test]
async fn what_is_no_activity_is_a_bad_request() {
    let bot = LocalBot::start().await;
    for body in [
        "",
        "{",
        "null",
        "[]",
        "\"message\"",
        "7",
        "{}",
        r#"{"type":7}"#,
        r#"{"text":"no type"}"#,
        "\u{feff}{",
    ] {
        let request = bot.handler.request(Method::POST, "/api/messages");
        let answer = Answer::to(request.header("content-type", "application/json").body(body)).await;
        assert_eq!(answer.status, 400, "{body:?}: {answer:#?}");
    }
    let binary = bot
        .handler
        .request(Method::POST, "/api/messages")
        .body(vec![0xff_u8, 0xfe, 0x00, 0x80]);
    assert_eq!(Answer::to(binary).await.status, 400);
    bot.knows(&[]);
}

#[tokio::test]
async fn more_than_256_kib_is_too_large_and_just_that_is_not() {
    let bot = LocalBot::start().await;
    let mut activity = bot.teams.personal_install(1, 0);
    activity["filler"] = "".into();
    let room = 256 * 1024 - activity.to_string().len();
    activity["filler"] = "x".repeat(room).into();
    assert_eq!(activity.to_string().len(), 256 * 1024);
    bot.acknowledges(&activity).await;
    bot.knows(&[personal(1)]);

    activity["filler"] = "x".repeat(room + 1).into();
    bot.handler.receives(&activity).await.expect(413);
    activity["filler"] = "x".repeat(3 << 20).into();
    bot.handler.receives(&activity).await.expect(413);
    // One that does not say its length.
    activity["filler"] = "x".repeat(300 << 10).into();
    let answer = chunked(bot.handler.port, vec![activity.to_string()]).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[tokio::test]
async fn what_is_too_deep_or_no_character_in_parts_that_nobody_reads_does_no_harm() {
    let bot = LocalBot::start().await;
    let mut activity = bot.teams.personal_install(1, 0);
    activity["strange"] = "HERE".into();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for strange in [deep.as_str(), r#""half \ud83d of a pair""#, "[1e999]"] {
        let body = activity.to_string().replace("\"HERE\"", strange);
        let request = bot
            .handler
            .request(Method::POST, "/api/messages")
            .header("content-type", "application/json");
        Answer::to(request.body(body.clone())).await.expect(200);
        // The same torn is no JSON, whatever it holds.
        let request = bot.handler.request(Method::POST, "/api/messages");
        Answer::to(request.body(body[..body.len() - 1].to_owned()))
            .await
            .expect(400);
    }
    bot.knows(&[personal(1)]);
}

#[tokio::test]
async fn other_verbs_are_not_allowed() {
    let bot = LocalBot::start().await;
    for verb in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
        let answer = Answer::to(bot.handler.request(verb.clone(), "/api/messages")).await;
        assert_eq!(answer.status, 405, "{verb}");
    }
}

#[tokio::test]
async fn without_a_registration_only_loopback_service_urls_are_accepted() {
    let bot = LocalBot::start().await;
    let mut far = bot.teams.personal_install(1, 0);
    far["serviceUrl"] = "https://smba.trafficmanager.net/emea/".into();
    let answer = bot.handler.receives(&far).await;
    assert_eq!(answer.status, 403, "{answer:#?}");
    bot.knows(&[]);
}
