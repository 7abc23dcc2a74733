//! One line when a notification ends, with its counts by name.

use super::ended;
use crate::support::{
    activities::{OTHER_TENANT, TENANT, personal},
    connector::Reply,
    http::Answer,
    local_bot::LocalBot,
    notification::{accepted, to},
    wait,
};
use reqwest::Method;
use serde_json::{Value, json};

const OUTCOMES: [&str; 9] = [
    "delivered",
    "blocked",
    "uninstalled",
    "gone",
    "rejected",
    "failed",
    "uncertain",
    "cancelled",
    "skipped",
];

/// The line has exactly these fields, and says what the status says.
#[track_caller]
fn agrees(line: &Value, status: &Value) {
    let mut wanted = vec![
        "timestamp",
        "level",
        "target",
        "message",
        "notification_id",
        "state",
        "total",
        "resent",
        "seconds",
    ];
    wanted.extend(OUTCOMES);
    wanted.sort_unstable();
    let mut fields: Vec<_> = line.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, wanted, "{line}");
    assert_eq!(line["level"], "INFO", "{line}");
    for name in OUTCOMES {
        assert_eq!(line[name], status["counts"][name], "{name}: {line} {status}");
    }
    for name in ["state", "total", "resent"] {
        assert_eq!(line[name], status[name], "{name}: {line} {status}");
    }
    assert!(
        line["seconds"].as_f64().is_some_and(|seconds| seconds >= 0.0),
        "{line}"
    );
}

#[tokio::test]
async fn it_has_each_outcome_of_the_status() {
    let bot = LocalBot::with_people(4, &[]).await;
    bot.connector.script(&personal(2), [Reply::blocked()]);
    bot.connector.always(&personal(3), Reply::uninstalled());
    let status = bot.handler.sends(&json!({ "text": "hello" })).await;
    let line = ended(&bot.handler, status["id"].as_str().unwrap()).await;
    agrees(&line, &status);
    assert_eq!(
        (
            &line["delivered"],
            &line["blocked"],
            &line["uninstalled"],
            &line["failed"]
        ),
        (&json!(2), &json!(1), &json!(1), &json!(0)),
        "{line}"
    );
}

#[tokio::test]
async fn a_cancelled_one_says_so() {
    let bot = LocalBot::with_people(40, &[("NOTIFICATION_RATE", "10")]).await;
    let id = bot.handler.accepts(&json!({ "text": "hello" })).await;
    wait::until("the first messages", async || {
        (bot.connector.messages().len() >= 3).then_some(())
    })
    .await;
    let cancel = bot
        .handler
        .request(Method::POST, &format!("/api/notification/{id}/cancel"));
    Answer::to(cancel).await.expect(202);
    let status = bot.handler.ends(&id).await;
    let line = ended(&bot.handler, &id).await;
    agrees(&line, &status);
    assert_eq!(line["state"], "cancelled", "{line}");
}

#[tokio::test]
async fn an_expired_one_and_one_without_recipients_end_too() {
    let bot = LocalBot::with_people(2, &[]).await;
    let old = json!({ "text": "old news", "expiresAt": "2026-01-01T00:00:00Z" });
    let nobody = json!({ "text": "hello", "audience": { "tenants": [OTHER_TENANT] } });
    for (body, total) in [(old, 2), (nobody, 0)] {
        let status = bot.handler.sends(&body).await;
        let line = ended(&bot.handler, status["id"].as_str().unwrap()).await;
        agrees(&line, &status);
        assert_eq!(
            (&line["total"], &line["delivered"]),
            (&json!(total), &json!(0)),
            "{line}"
        );
    }
}

#[tokio::test]
async fn edits_and_recalls_end_as_notifications_do() {
    let bot = LocalBot::with_people(2, &[]).await;
    let body = to(&[personal(1)], json!({ "text": "hello" }));
    let parent = bot.handler.sends(&body).await;
    let path = format!("/api/notification/{}", parent["id"].as_str().unwrap());
    let edit = bot
        .handler
        .request(Method::PUT, &path)
        .header("content-type", "application/json")
        .body(json!({ "text": "better" }).to_string());
    for request in [edit, bot.handler.request(Method::DELETE, &path)] {
        let id = accepted(&Answer::to(request).await.expect(202).json());
        let status = bot.handler.ends(&id).await;
        agrees(&ended(&bot.handler, &id).await, &status);
    }
}

/// Two lanes end their parts at the same time; one of them ends the notification.
#[tokio::test]
async fn one_of_several_tenants_has_one_line_with_the_sums_of_all() {
    let bot = LocalBot::with_people(3, &[]).await;
    for n in 4..=5 {
        bot.acknowledges(&bot.teams.in_tenant(OTHER_TENANT).personal_install(n, 0))
            .await;
    }
    bot.connector.script(&personal(5), [Reply::blocked()]);
    for _ in 0..3 {
        let body = json!({ "text": "hello", "audience": { "tenants": [TENANT, OTHER_TENANT] } });
        let status = bot.handler.sends(&body).await;
        let line = ended(&bot.handler, status["id"].as_str().unwrap()).await;
        agrees(&line, &status);
        assert_eq!(line["total"], 5, "{line}");
    }
}

/// The ids of a worker run are on its lines, at the top level.
#[tokio::test]
async fn lines_inside_of_a_run_carry_its_ids() {
    let bot = LocalBot::with_people(1, &[("LOG_LEVEL", "debug")]).await;
    bot.handler.sends(&json!({ "text": "hello" })).await;
    wait::until("a line of the worker's", async || {
        let events = bot.handler.output.events();
        events
            .iter()
            .any(|event| event["tenant_id"] == TENANT && event["owner"].is_string())
            .then_some(())
    })
    .await;
}
