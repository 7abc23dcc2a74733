//! Requests to the bot endpoint that are no ordinary activity.

use super::Told;
use crate::support::{
    activities::personal,
    http::{Answer, chunked},
};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn unknown_types_and_members_are_acknowledged_and_logged() {
    let told = Told::start().await;
    let mut odd = told.teams.personal_install(1, 0);
    odd["type"] = "somethingNew".into();
    told.tell(&odd).await;
    for kind in [
        "typing",
        "event",
        "messageReaction",
        "messageUpdate",
        "messageDelete",
        "endOfConversation",
    ] {
        let mut activity = told.teams.personal_message(1, "hello", 0);
        activity["type"] = kind.into();
        told.tell(&activity).await;
    }
    told.knows(&[]);
    // A type that nobody knows comes from outside, and may be anything: it is not repeated.
    told.handler.says(&["\"activity_type\":\"other\""]).await;

    let mut rich = told.teams.personal_install(1, 0);
    rich["brandNewMember"] = json!({ "deep": [1, { "er": null }] });
    rich["channelData"]["another"] = json!(["x"]);
    rich["conversation"]["yetAnother"] = true.into();
    told.tell(&rich).await;
    told.knows(&[personal(1)]);
}

#[tokio::test]
async fn what_is_no_activity_is_a_bad_request() {
    let told = Told::start().await;
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
        let request = told.handler.request(Method::POST, "/api/messages");
        let answer = Answer::to(request.header("content-type", "application/json").body(body)).await;
        assert_eq!(answer.status, 400, "{body:?}: {answer:#?}");
    }
    let binary = told
        .handler
        .request(Method::POST, "/api/messages")
        .body(vec![0xff_u8, 0xfe, 0x00, 0x80]);
    assert_eq!(Answer::to(binary).await.status, 400);
    told.knows(&[]);
}

#[tokio::test]
async fn more_than_256_kib_is_too_large_and_just_that_is_not() {
    let told = Told::start().await;
    let mut activity = told.teams.personal_install(1, 0);
    activity["filler"] = "".into();
    let room = 256 * 1024 - activity.to_string().len();
    activity["filler"] = "x".repeat(room).into();
    assert_eq!(activity.to_string().len(), 256 * 1024);
    told.tell(&activity).await;
    told.knows(&[personal(1)]);

    activity["filler"] = "x".repeat(room + 1).into();
    told.handler.receives(&activity).await.expect(413);
    activity["filler"] = "x".repeat(3 << 20).into();
    told.handler.receives(&activity).await.expect(413);
    // One that does not say its length.
    activity["filler"] = "x".repeat(300 << 10).into();
    let answer = chunked(told.handler.port, vec![activity.to_string()]).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[tokio::test]
async fn what_is_too_deep_or_no_character_in_parts_that_nobody_reads_does_no_harm() {
    let told = Told::start().await;
    let mut activity = told.teams.personal_install(1, 0);
    activity["strange"] = "HERE".into();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for strange in [deep.as_str(), r#""half \ud83d of a pair""#, "[1e999]"] {
        let body = activity.to_string().replace("\"HERE\"", strange);
        let request = told
            .handler
            .request(Method::POST, "/api/messages")
            .header("content-type", "application/json");
        Answer::to(request.body(body.clone())).await.expect(200);
        // The same torn is no JSON, whatever it holds.
        let request = told.handler.request(Method::POST, "/api/messages");
        Answer::to(request.body(body[..body.len() - 1].to_owned()))
            .await
            .expect(400);
    }
    told.knows(&[personal(1)]);
}

#[tokio::test]
async fn other_verbs_are_not_allowed() {
    let told = Told::start().await;
    for verb in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
        let answer = Answer::to(told.handler.request(verb.clone(), "/api/messages")).await;
        assert_eq!(answer.status, 405, "{verb}");
    }
}

#[tokio::test]
async fn without_a_registration_only_loopback_service_urls_are_accepted() {
    let told = Told::start().await;
    let mut far = told.teams.personal_install(1, 0);
    far["serviceUrl"] = "https://smba.trafficmanager.net/emea/".into();
    let answer = told.handler.receives(&far).await;
    assert_eq!(answer.status, 403, "{answer:#?}");
    told.knows(&[]);
}
