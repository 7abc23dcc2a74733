//! Whatever lies in the wake-up queue, it is acknowledged: a message that comes again and again helps nobody.

use super::{blob, room};
use crate::support::{
    azurite::Azurite,
    handler::{Handler, custom},
    http::Answer,
    queue::Queue,
    wait,
};
use serde_json::{Value, json};

async fn start(name: &str) -> Handler {
    custom(room(name)).settings(blob(name)).start().await
}

/// A queue message's envelope: the text as the host encodes it, and metadata that its properties may have replaced.
pub(super) fn envelope(text: &str, metadata: &Value) -> Value {
    json!({ "Data": { "hint": Value::String(text.to_owned()).to_string() }, "Metadata": metadata })
}

fn usual(dequeued: &str) -> Value {
    json!({
        "DequeueCount": dequeued, "Id": "\"800ae4b3-bdd2-4c08-badd-f08e5a34b865\"",
        "InsertionTime": "2026-11-22T10:00:00+00:00", "PopReceipt": "\"AgAAAAMAAAAAAAAAq1k2bQ==\"",
        "sys": { "MethodName": "deliveryQueue", "UtcNow": "2026-11-22T10:00:00.1234567Z", "RandGuid": "5b1f6c1e" },
    })
}

async fn acknowledged(handler: &Handler, envelope: &Value) {
    let answer = Answer::to(handler.post("/deliveryQueue", envelope))
        .await
        .expect(200);
    assert!(answer.json().is_object(), "{answer:#?}");
}

#[tokio::test]
async fn what_is_no_wake_up_is_acknowledged_and_reported() {
    let handler = start(&Azurite::container()).await;
    let texts = [
        "",
        "hello",
        "{",
        "[]",
        "5",
        "null",
        "{}",
        r#"{"hint":"dance"}"#,
        r#"{"hint":"plan"}"#,
        r#"{"hint":"plan","notification":7}"#,
        r#"{"hint":"plan","notification":"../../lanes"}"#,
        r#"{"hint":"lane","tenant":""}"#,
        r#"{"hint":"lane","tenant":"a/b"}"#,
    ];
    for text in texts {
        acknowledged(&handler, &envelope(text, &usual("5"))).await;
    }
    handler
        .says(&["no wake-up that this version knows", "an id that can't exist"])
        .await;
}

#[tokio::test]
async fn a_wake_up_for_what_does_not_exist_is_acknowledged_and_makes_nothing() {
    let name = Azurite::container();
    let handler = start(&name).await;
    let lane = r#"{"hint":"lane","tenant":"7e4a2222-2222-4222-8222-00000000dead"}"#;
    acknowledged(&handler, &envelope(lane, &usual("1"))).await;
    let plan = r#"{"hint":"plan","notification":"01234567-89ab-8def-8123-456789abcdef"}"#;
    acknowledged(&handler, &envelope(plan, &usual("1"))).await;
    handler.says(&["a lane that doesn't exist"]).await;
    let written = Azurite::shared().requests(&name);
    // A lease is asked for in vain.
    let made = |request: &String| {
        request.starts_with("PUT") && request.contains("dead") && !request.contains("comp=lease")
    };
    assert!(!written.iter().any(made), "{written:#?}");
}

/// Properties of a JSON message replace what the host says of it, in any case.
#[tokio::test]
async fn properties_that_shadow_metadata_change_nothing() {
    let handler = start(&Azurite::container()).await;
    let text = r#"{"hint":"lane","tenant":"t-1","id":"biz-7","sys":"mine","dequeueCount":{}}"#;
    let shadowed = json!({
        "DequeueCount": {}, "Id": "\"biz-7\"", "sys": "\"mine\"", "hint": "\"lane\"", "tenant": "\"t-1\"",
    });
    acknowledged(&handler, &envelope(text, &shadowed)).await;
    // As the documentation's sample has it: encoded once, and numbers as numbers.
    let single = json!({ "Data": { "hint": text }, "Metadata": { "DequeueCount": 1 } });
    acknowledged(&handler, &single).await;
    let object = json!({ "Data": { "hint": serde_json::from_str::<Value>(text).unwrap() }, "Metadata": {} });
    acknowledged(&handler, &object).await;
    wait::until("three log lines about the lane", async || {
        let reports = |event: &Value| event.to_string().contains("lane that doesn't exist");
        (handler
            .output
            .events()
            .iter()
            .filter(|event| reports(event))
            .count()
            == 3)
            .then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_encoding_is_that_of_host_json_or_its_override() {
    let name = Azurite::container();
    let handler = custom(room(&name))
        .settings(blob(&name))
        .set(
            "AzureFunctionsJobHost__extensions__queues__messageEncoding",
            "none",
        )
        .start()
        .await;
    let id = handler
        .accepts(&json!({ "text": "x", "audience": { "all": true } }))
        .await;
    let queue = Queue::new(Azurite::shared(), &name);
    let message = wait::until("the wake-up", async || queue.take().await.into_iter().next()).await;
    let wake_up: Value = serde_json::from_str(&message.raw).unwrap();
    assert_eq!(wake_up, json!({ "hint": "plan", "notification": id }));
}

/// Two bots should have a queue each; where they share one, neither eats the other's wake-ups.
#[tokio::test]
async fn a_wake_up_of_another_bot_goes_back_into_the_queue() {
    let name = Azurite::container();
    let handler = start(&name).await;
    let queue = Queue::new(Azurite::shared(), &name);
    let other = "0b07a111-1111-4111-8111-0000000000ff";
    let wake_up = json!({ "hint": "lane", "tenant": "somebody", "bot": other });
    acknowledged(&handler, &envelope(&wake_up.to_string(), &usual("1"))).await;
    let message = wait::until("the wake-up is back", async || {
        queue.take().await.into_iter().next()
    })
    .await;
    let back: Value = serde_json::from_str(&message.text()).unwrap();
    assert_eq!(
        back,
        json!({ "hint": "lane", "tenant": "somebody", "bot": other, "passed": 1 })
    );
    handler.says(&["wake-up of another bot"]).await;

    // Not for ever: that bot looks around by itself.
    let wake_up = json!({ "hint": "lane", "tenant": "somebody", "bot": other, "passed": 20 });
    acknowledged(&handler, &envelope(&wake_up.to_string(), &usual("1"))).await;
    handler.says(&["reconciler sends the wake-up again"]).await;
    assert!(queue.take().await.is_empty());
}

/// A host that plays HTTP only, or whose queue extension is missing.
#[tokio::test]
async fn what_nobody_takes_from_the_queue_is_sent_all_the_same() {
    let handler = start(&Azurite::container()).await;
    let status = handler
        .sends(&json!({ "text": "x", "audience": { "all": true } }))
        .await;
    assert_eq!(
        (&status["state"], &status["total"]),
        (&json!("finished"), &json!(0))
    );
    handler.says(&["nobody took a wake-up"]).await;
}

#[tokio::test]
async fn the_reconciling_timer_is_answered_with_files_too() {
    let tick =
        super::super::custom_handler::tick(Some("2026-11-22T12:00:00+00:00"), "2026-11-22T12:00:00.1Z");
    let files = custom(crate::support::room::Room::new()).start().await;
    let blobs = start(&Azurite::container()).await;
    for handler in [files, blobs] {
        let answer = Answer::to(handler.post("/reconcileTimer", &tick))
            .await
            .expect(200);
        assert!(answer.json().is_object(), "{answer:#?}");
    }
}
