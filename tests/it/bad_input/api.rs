//! Bodies of the notification API that can't be meant.

use crate::support::{
    activities::{TENANT, entra},
    http::Answer,
    local_bot::LocalBot,
};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn every_mistake_is_a_problem_with_its_place() {
    let bot = LocalBot::with_people(1, &[]).await;
    let cases = [
        (
            json!({ "audience": { "scopes": ["personal", "planet"] } }),
            "/audience/scopes/1",
        ),
        (json!({ "audience": { "users": "me" } }), "/audience/users"),
        (json!({ "audience": { "users": [7] } }), "/audience/users/0"),
        (json!({ "audience": "everyone" }), "/audience"),
        (
            json!({ "audience": { "channels": ["19:x@thread.tacv2"] } }),
            "/audience/channels",
        ),
        (
            json!({ "audience": { "membersOf": ["19:x@thread.tacv2"] } }),
            "/audience/membersOf",
        ),
        (json!({ "audience": { "all": "yes" } }), "/audience/all"),
        (json!({ "card": "no-such-card" }), "/card"),
        (json!({ "card": 7 }), "/card"),
        (json!({ "text": "" }), "/text"),
        (json!({ "text": ["x"] }), "/text"),
        (json!({ "data": "x" }), "/data"),
        (json!({ "priority": "high" }), "/priority"),
        (json!({ "onUncertain": "ask" }), "/onUncertain"),
        (json!({ "expiresAt": "tomorrow" }), "/expiresAt"),
        (json!({ "alert": "yes" }), "/alert"),
        (json!({ "summary": 7 }), "/summary"),
        (json!({ "audiance": { "all": true } }), "/audiance"),
    ];
    for (body, pointer) in cases {
        let problem = bot.handler.notify(&body).await.problem(400);
        assert_eq!(problem["pointer"], pointer, "{body}: {problem}");
    }
    assert!(bot.connector.calls().is_empty());
}

/// An empty list beside `tenants` or `scopes` used to reach everybody there, `audience: null` everybody.
#[tokio::test]
async fn an_audience_that_names_nobody_reaches_nobody() {
    let bot = LocalBot::with_people(2, &[]).await;
    let cases = [
        (
            json!({ "audience": { "users": [], "tenants": [TENANT] } }),
            "/audience/users",
        ),
        (
            json!({ "audience": { "conversations": [], "scopes": ["personal"] } }),
            "/audience/conversations",
        ),
        (
            json!({ "audience": { "teams": null, "tenants": [TENANT] } }),
            "/audience/teams",
        ),
        (
            json!({ "audience": { "users": [entra(1)], "scopes": [] } }),
            "/audience/scopes",
        ),
        (
            json!({ "audience": { "all": true, "tenants": [] } }),
            "/audience/tenants",
        ),
        (json!({ "audience": null }), "/audience"),
        (json!({ "audience": {} }), "/audience"),
        (json!({ "audience": { "all": false } }), "/audience"),
    ];
    for (body, pointer) in cases {
        let problem = bot.handler.notify(&body).await.problem(400);
        assert_eq!(problem["pointer"], pointer, "{body}: {problem}");
    }
    assert!(bot.connector.calls().is_empty());
}

/// The last of two used to stand: one person became everybody.
#[tokio::test]
async fn a_property_that_stands_twice_is_a_problem_with_its_place() {
    let bot = LocalBot::with_people(2, &[]).await;
    let sent = bot
        .handler
        .accepts(&json!({ "text": "hello", "audience": { "users": [entra(1)] } }))
        .await;
    bot.handler.ends(&sent).await;
    let one = format!("/api/notification/{sent}");
    let users = format!(r#""audience":{{"users":["{}"]}}"#, entra(1));
    for (method, path, body, pointer) in [
        (
            Method::POST,
            "/api/notification",
            format!(r#"{{"text":"x",{users},"audience":{{"all":true}}}}"#),
            "/audience",
        ),
        (
            Method::POST,
            "/api/notification",
            format!(r#"{{"text":"x",{users},"\u0061udience":{{"all":true}}}}"#),
            "/audience",
        ),
        (
            Method::POST,
            "/api/notification",
            format!(
                r#"{{"text":"x","audience":{{"users":["{}"],"tenants":["a"],"tenants":["b"]}}}}"#,
                entra(1)
            ),
            "/audience/tenants",
        ),
        (
            Method::POST,
            "/api/notification",
            format!(r#"{{{users},"data":{{"rows":[{{"title":"a","title":"b"}}]}}}}"#),
            "/data/rows/0/title",
        ),
        (
            Method::POST,
            "/api/notification",
            format!(r#"{{{users},"card":{{"type":"AdaptiveCard","body":[],"type":"AdaptiveCard"}}}}"#),
            "/card/type",
        ),
        (
            Method::PUT,
            one.as_str(),
            r#"{"text":"x","text":"y"}"#.to_owned(),
            "/text",
        ),
    ] {
        let request = bot.handler.request(method, path).body(body.clone());
        let problem = Answer::to(request).await.problem(400);
        assert_eq!(problem["pointer"], pointer, "{body}: {problem}");
    }
    assert_eq!(
        bot.connector.calls().len(),
        1,
        "only the first notification was posted"
    );
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_a_problem() {
    let bot = LocalBot::start().await;
    for body in [
        "{",
        "{\"text\": \"x\"",
        "[]",
        "7",
        "\"x\"",
        "{\"text\": \"x\"} trailing",
    ] {
        let request = bot.handler.request(Method::POST, "/api/notification");
        Answer::to(request.header("content-type", "application/json").body(body))
            .await
            .problem(400);
    }
    let binary = bot
        .handler
        .request(Method::POST, "/api/notification")
        .body(vec![0xff_u8, 0xfe]);
    Answer::to(binary).await.problem(400);
}

#[tokio::test]
async fn a_body_without_a_content_type_is_json_as_curl_sends_it() {
    let bot = LocalBot::with_people(1, &[]).await;
    let request = bot.handler.request(Method::POST, "/api/notification");
    let form = "application/x-www-form-urlencoded";
    let answer = Answer::to(request.header("content-type", form).body(r#"{"text":"hello"}"#)).await;
    bot.handler
        .ends(answer.expect(202).json()["id"].as_str().unwrap())
        .await;
    assert_eq!(bot.connector.messages()[0].body["text"], "hello");
}

#[tokio::test]
async fn an_expression_that_is_wrong_is_a_problem_of_the_card() {
    let bot = LocalBot::with_people(1, &[]).await;
    let card = json!({ "type": "AdaptiveCard", "version": "1.5", "body": [{ "type": "TextBlock", "text": "${nosuchfunction(1)}" }] });
    let problem = bot.handler.notify(&json!({ "card": card })).await.problem(400);
    assert!(
        problem["pointer"]
            .as_str()
            .is_some_and(|pointer| pointer.starts_with("/card")),
        "{problem}"
    );
    assert!(
        problem["detail"].as_str().unwrap().contains("nosuchfunction"),
        "{problem}"
    );
}

/// A caller that reads the answer only once it has sent all hears it too.
#[tokio::test]
async fn a_body_far_too_large_is_heard_out_and_refused() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let bot = LocalBot::start().await;
    let mut socket = tokio::net::TcpStream::connect(("127.0.0.1", bot.handler.port))
        .await
        .unwrap();
    let length = 20_000_000;
    let head = format!(
        "POST /api/notification HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let piece = vec![b'x'; 100_000];
    for _ in 0..length / piece.len() {
        socket.write_all(&piece).await.unwrap();
    }
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[tokio::test]
async fn what_makes_a_message_too_large_is_pointed_at() {
    let bot = LocalBot::start().await;
    let long = "x".repeat(60_000);
    for (body, pointer) in [
        (json!({ "text": long }), "/text"),
        (json!({ "text": "short", "summary": long }), "/summary"),
        (json!({ "data": { "title": long } }), "/data"),
    ] {
        let problem = bot.handler.notify(&body).await.problem(413);
        assert_eq!(problem["pointer"], pointer, "{problem}");
    }
}
