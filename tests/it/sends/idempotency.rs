//! The same request twice is one notification.

use super::Told;
use crate::support::{http::Answer, notification::accepted};
use serde_json::{Value, json};

async fn keyed(told: &Told, key: &str, body: &Value) -> Answer {
    Answer::to(
        told.handler
            .post("/api/notification", body)
            .header("idempotency-key", key),
    )
    .await
}

#[tokio::test]
async fn same_key_and_body_is_the_same_notification() {
    let told = Told::with_people(2, &[]).await;
    let body = json!({ "text": "hello", "audience": { "all": true } });
    let first = accepted(&keyed(&told, "order-1", &body).await.expect(202).json());
    told.handler.ends(&first).await;
    let again = accepted(&keyed(&told, "order-1", &body).await.expect(202).json());
    assert_eq!(first, again);
    // The members' order makes no other request of it.
    let reordered: Value = serde_json::from_str(r#"{"audience":{"all":true},"text":"hello"}"#).unwrap();
    assert_eq!(
        accepted(&keyed(&told, "order-1", &reordered).await.expect(202).json()),
        first
    );
    told.handler.ends(&first).await;
    assert_eq!(told.connector.messages().len(), 2);

    let other = accepted(&keyed(&told, "order-2", &body).await.expect(202).json());
    assert_ne!(first, other);
}

#[tokio::test]
async fn same_key_and_another_body_is_a_conflict() {
    let told = Told::with_people(1, &[]).await;
    keyed(&told, "order-1", &json!({ "text": "hello" }))
        .await
        .expect(202);
    keyed(&told, "order-1", &json!({ "text": "goodbye" }))
        .await
        .problem(409);
    keyed(&told, "order-1", &json!({ "text": "hello", "priority": "low" }))
        .await
        .problem(409);
}

#[tokio::test]
async fn ten_at_once_are_one() {
    let told = Told::with_people(3, &[]).await;
    let body = json!({ "text": "hello" });
    let posts = (0..10).map(|_| keyed(&told, "order-1", &body));
    let ids: Vec<_> = futures::future::join_all(posts)
        .await
        .into_iter()
        .map(|answer| accepted(&answer.expect(202).json()))
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    told.handler.ends(&ids[0]).await;
    assert_eq!(told.connector.messages().len(), 3);
}

#[tokio::test]
async fn without_a_key_each_is_its_own() {
    let told = Told::with_people(1, &[]).await;
    let body = json!({ "text": "hello" });
    let first = told.handler.accepts(&body).await;
    let second = told.handler.accepts(&body).await;
    assert_ne!(first, second);
    told.handler.ends(&first).await;
    told.handler.ends(&second).await;
    assert_eq!(told.connector.messages().len(), 2);
}

#[tokio::test]
async fn an_invocation_with_another_body_is_a_conflict_that_speaks_of_no_key() {
    let told = Told::with_people(1, &[]).await;
    let invoked = async |text: &str| {
        let request = reqwest::Client::new()
            .post(told.handler.url("/api/notification"))
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
