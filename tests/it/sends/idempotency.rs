//! The same request twice is one notification.

use super::LocalBot;
use crate::support::{http::Answer, notification::accepted};
use serde_json::{Value, json};

async fn keyed(bot: &LocalBot, key: &str, body: &Value) -> Answer {
    Answer::to(
        bot.handler
            .post("/api/notification", body)
            .header("idempotency-key", key),
    )
    .await
}

#[tokio::test]
async fn same_key_and_body_is_the_same_notification() {
    let bot = LocalBot::with_people(2, &[]).await;
    let body = json!({ "text": "hello", "audience": { "all": true } });
    let first = accepted(&keyed(&bot, "order-1", &body).await.expect(202).json());
    bot.handler.ends(&first).await;
    let again = accepted(&keyed(&bot, "order-1", &body).await.expect(202).json());
    assert_eq!(first, again);
    // The members' order makes no other request of it.
    let reordered: Value = serde_json::from_str(r#"{"audience":{"all":true},"text":"hello"}"#).unwrap();
    assert_eq!(
        accepted(&keyed(&bot, "order-1", &reordered).await.expect(202).json()),
        first
    );
    bot.handler.ends(&first).await;
    assert_eq!(bot.connector.messages().len(), 2);

    let other = accepted(&keyed(&bot, "order-2", &body).await.expect(202).json());
    assert_ne!(first, other);
}

#[tokio::test]
async fn same_key_and_another_body_is_a_conflict() {
    let bot = LocalBot::with_people(1, &[]).await;
    keyed(&bot, "order-1", &json!({ "text": "hello" }))
        .await
        .expect(202);
    keyed(&bot, "order-1", &json!({ "text": "goodbye" }))
        .await
        .problem(409);
    keyed(&bot, "order-1", &json!({ "text": "hello", "priority": "low" }))
        .await
        .problem(409);
}

#[tokio::test]
async fn ten_at_once_are_one() {
    let bot = LocalBot::with_people(3, &[]).await;
    let body = json!({ "text": "hello" });
    let posts = (0..10).map(|_| keyed(&bot, "order-1", &body));
    let ids: Vec<_> = futures::future::join_all(posts)
        .await
        .into_iter()
        .map(|answer| accepted(&answer.expect(202).json()))
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    bot.handler.ends(&ids[0]).await;
    assert_eq!(bot.connector.messages().len(), 3);
}

#[tokio::test]
async fn without_a_key_each_is_its_own() {
    let bot = LocalBot::with_people(1, &[]).await;
    let body = json!({ "text": "hello" });
    let first = bot.handler.accepts(&body).await;
    let second = bot.handler.accepts(&body).await;
    assert_ne!(first, second);
    bot.handler.ends(&first).await;
    bot.handler.ends(&second).await;
    assert_eq!(bot.connector.messages().len(), 2);
}

#[tokio::test]
async fn an_invocation_with_another_body_is_a_conflict_that_speaks_of_no_key() {
    let bot = LocalBot::with_people(1, &[]).await;
    let invoked = async |text: &str| {
        let request = reqwest::Client::new()
            .post(bot.handler.url("/api/notification"))
            .header(
                "x-azure-functions-invocationid",
                "2f9d6c9e-1111-4111-8111-0000000000aa",
            )
            .body(json!({ "text": text }).to_string());
        Answer::to(request).await
    };
    invoked("hello").await.expect(202);
    let problem = invoked("goodbye").await.problem(409);
    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.contains("invocation") && !detail.contains("this Idempotency-Key"),
        "{detail}"
    );
}
