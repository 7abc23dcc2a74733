//! Watching a notification and ending it early.

use super::LocalBot;
use crate::support::{activities::personal, connector::Reply, http::Answer, notification::count, wait};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

async fn post(bot: &LocalBot, id: &str, what: &str) -> Answer {
    Answer::to(
        bot.handler
            .request(Method::POST, &format!("/api/notification/{id}/{what}")),
    )
    .await
}

#[tokio::test]
async fn the_counts_add_up_at_every_moment() {
    let bot = LocalBot::with_people(60, &[("NOTIFICATION_RATE", "40")]).await;
    bot.connector.always(&personal(7), Reply::uninstalled());
    let id = bot.handler.accepts(&json!({ "text": "hello" })).await;
    let mut polls = 0;
    // `status` checks the sum each time.
    let last = wait::until("the end", async || {
        let status = bot.handler.status(&id).await;
        polls += 1;
        (status["state"] == "finished").then_some(status)
    })
    .await;
    assert!(polls > 5, "{polls} polls");
    assert_eq!(
        (count(&last, "delivered"), count(&last, "uninstalled")),
        (59, 1),
        "{last}"
    );
    assert!(
        last["createdAt"].is_string() && last["finishedAt"].is_string(),
        "{last}"
    );
    assert_eq!(
        (&last["planned"], &last["resent"]),
        (&json!(true), &json!(0)),
        "{last}"
    );
    assert!(last["operations"].is_array(), "{last}");
}

#[tokio::test]
async fn a_cancel_ends_what_was_not_attempted() {
    let bot = LocalBot::with_people(60, &[("NOTIFICATION_RATE", "10")]).await;
    let id = bot.handler.accepts(&json!({ "text": "hello" })).await;
    wait::until("the first messages", async || {
        (bot.connector.messages().len() >= 3).then_some(())
    })
    .await;
    post(&bot, &id, "cancel").await.expect(202);
    let status = bot.handler.ends(&id).await;
    assert_eq!(status["state"], "cancelled", "{status}");
    assert!(
        count(&status, "cancelled") > 0 && count(&status, "delivered") >= 3,
        "{status}"
    );
    assert_eq!(
        count(&status, "delivered") as usize,
        bot.connector.messages().len(),
        "{status}"
    );
    let report = bot.handler.report(&id).await;
    assert_eq!(report.len(), 60);

    let again = post(&bot, &id, "cancel").await;
    assert!([202, 409].contains(&again.status), "{again:#?}");
}

#[tokio::test]
async fn what_is_finished_can_be_neither_cancelled_nor_paused_nor_resumed() {
    let bot = LocalBot::with_people(1, &[]).await;
    let id = bot.handler.accepts(&json!({ "text": "hello" })).await;
    bot.handler.ends(&id).await;
    post(&bot, &id, "cancel").await.problem(409);
    post(&bot, &id, "pause").await.problem(409);
    post(&bot, &id, "resume").await.problem(409);
}

#[tokio::test]
async fn a_pause_holds_until_it_is_resumed_and_others_go_on() {
    let bot = LocalBot::with_people(60, &[("NOTIFICATION_RATE", "10")]).await;
    let id = bot.handler.accepts(&json!({ "text": "hello" })).await;
    wait::until("the first messages", async || {
        (bot.connector.messages().len() >= 3).then_some(())
    })
    .await;
    assert_eq!(
        post(&bot, &id, "pause").await.expect(202).json()["state"],
        "stopped"
    );
    post(&bot, &id, "pause").await.expect(202);
    let status = bot.handler.status(&id).await;
    assert_eq!(
        (&status["state"], &status["reason"]),
        (&json!("stopped"), &json!("paused")),
        "{status}"
    );
    let other = json!({ "text": "urgent", "audience": { "users": [crate::support::activities::user(60)] } });
    let other = bot.handler.accepts(&other).await;
    assert_eq!(count(&bot.handler.ends(&other).await, "delivered"), 1);
    let status = bot.handler.status(&id).await;
    assert!(count(&status, "pending") > 20, "{status}");
    post(&bot, &id, "resume").await.expect(202);
    let status = bot.handler.ends(&id).await;
    assert_eq!(
        (count(&status, "delivered"), &status["resent"]),
        (60, &json!(0)),
        "{status}"
    );
}

#[tokio::test]
async fn an_unknown_id_is_not_found() {
    let bot = LocalBot::start().await;
    for id in [
        "no-such-id",
        "00000000-0000-4000-8000-000000000000",
        "..%2F..%2Fetc",
        "x".repeat(300).as_str(),
    ] {
        for (verb, rest) in [
            (Method::GET, ""),
            (Method::GET, "/report"),
            (Method::POST, "/cancel"),
            (Method::POST, "/pause"),
            (Method::POST, "/resume"),
        ] {
            let answer = Answer::to(
                bot.handler
                    .request(verb.clone(), &format!("/api/notification/{id}{rest}")),
            )
            .await;
            answer.problem(404);
        }
    }
}

#[tokio::test]
async fn the_answer_to_a_post_does_not_wait_for_a_slow_teams() {
    let bot = LocalBot::with_people(3, &[]).await;
    bot.connector.take_time(Duration::from_secs(20));
    let start = std::time::Instant::now();
    let answer = bot.handler.notify(&json!({ "text": "hello" })).await.expect(202);
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    let status: Value = bot.handler.status(answer.json()["id"].as_str().unwrap()).await;
    assert_ne!(status["state"], "finished", "{status}");
}

#[tokio::test]
async fn a_resume_right_after_a_wait_has_begun_tries_now() {
    let bot = LocalBot::with_people(5, &[]).await;
    let denied = json!({ "message": "Authorization has been denied for this request." });
    for n in 1..=5 {
        bot.connector.always(&personal(n), Reply::json(401, &denied));
    }
    let id = bot.handler.accepts(&json!({ "text": "hello" })).await;
    let status = bot.handler.waits(&id).await;
    assert_eq!(status["waiting"][0]["reason"], "credentials", "{status}");
    for n in 1..=5 {
        bot.connector.relent(&personal(n));
    }
    // The lane's owner is still at its end.
    post(&bot, &id, "resume").await.expect(202);
    let status = bot.handler.ends(&id).await;
    assert_eq!(
        (&status["state"], count(&status, "delivered")),
        (&json!("finished"), 5),
        "{status}"
    );
}

#[tokio::test]
async fn what_expires_in_a_long_pause_ends_then() {
    let bot = LocalBot::with_people(3, &[]).await;
    bot.connector.always(&personal(1), Reply::throttled(3_600));
    let expires = jiff::Timestamp::now() + Duration::from_secs(4);
    let body = json!({ "text": "hello", "expiresAt": expires.to_string() });
    let id = bot.handler.accepts(&body).await;
    let status = bot.handler.ends(&id).await;
    assert_eq!(status["state"], "finished", "{status}");
    assert!(count(&status, "skipped") > 0, "{status}");
    assert_eq!(bot.handler.outcome(&id, &personal(1)).await["code"], "expired");
}
