//! Queue functions: delivery, retries, poison, parallelism.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use functions_host::{Delivery, Queues};
use tokio::sync::Semaphore;

use crate::support::{Fake, app, attached, host_with, json, serve_host};

const QUEUE: &str = r#"{"bindings":[{"type":"queueTrigger","name":"job","queueName":"jobs"}]}"#;

fn host(batch: u32, threshold: u32, most: u32) -> String {
    host_with(&format!(
        r#""extensions":{{"queues":{{"batchSize":{batch},"newBatchThreshold":{threshold},"maxDequeueCount":{most}}}}}"#
    ))
}

#[tokio::test]
async fn messages_are_delivered_and_deleted() {
    let mut fake = Fake::agreeable().await;
    let dir = app(&host(16, 8, 5), &[("f", QUEUE)]);
    // Pushed before the host exists, as a handler in the same process does.
    let queues = Queues::new();
    queues.push("jobs", "{\"id\":7}", Duration::ZERO).unwrap();
    let (_running, _) = serve_host(
        attached(&dir, fake.address)
            .queues(queues.clone())
            .build()
            .unwrap(),
    )
    .await;
    let got = fake.next().await.json();
    assert_eq!(
        (&got["Data"]["job"], &got["Metadata"]["id"]),
        (&"\"{\\\"id\\\":7}\"".into(), &serde_json::Value::Null)
    );
    assert_eq!(
        got["Metadata"]["Id"], "\"7\"",
        "the message's own id hides the host's"
    );
    queues.drained("jobs").await;
}

#[tokio::test]
async fn a_message_that_keeps_failing_ends_in_the_poison_queue() {
    let mut fake = Fake::start(|_| async { json(400, "{}") }).await;
    let dir = app(&host(1, 0, 3), &[("f", QUEUE)]);
    let (running, _) = serve_host(attached(&dir, fake.address).build().unwrap()).await;
    running.queues().push("jobs", "bad", Duration::ZERO).unwrap();
    running.queues().drained("jobs").await;
    for count in 1..=3 {
        assert_eq!(
            fake.next().await.json()["Metadata"]["DequeueCount"],
            count.to_string()
        );
    }
    assert!(fake.waiting().is_none());
    let poison = running.queues().messages("jobs-poison");
    assert_eq!((poison.len(), poison[0].text()), (1, "bad".to_owned()));
}

#[tokio::test]
async fn at_most_a_batch_and_the_threshold_run_at_once() {
    let gate = Arc::new(Semaphore::new(0));
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (open, peak) = (gate.clone(), most.clone());
    let mut fake = Fake::start(move |_| {
        let (gate, now, most) = (gate.clone(), now.clone(), most.clone());
        async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            gate.acquire().await.unwrap().forget();
            now.fetch_sub(1, Ordering::SeqCst);
            json(200, "{}")
        }
    })
    .await;
    let dir = app(&host(4, 2, 5), &[("f", QUEUE)]);
    let (running, _) = serve_host(attached(&dir, fake.address).build().unwrap()).await;
    for number in 0..12 {
        running
            .queues()
            .push("jobs", &number.to_string(), Duration::ZERO)
            .unwrap();
    }
    // A batch of four; when two are left of it, the next four come.
    for _ in 0..4 {
        fake.next().await;
    }
    open.add_permits(2);
    for _ in 0..4 {
        fake.next().await;
    }
    assert_eq!(peak.load(Ordering::SeqCst), 6);
    open.add_permits(10);
    running.queues().drained("jobs").await;
    assert_eq!(peak.load(Ordering::SeqCst), 6, "never more");
}

#[tokio::test]
async fn a_handler_can_be_tested_for_duplicates() {
    let mut fake = Fake::agreeable().await;
    let dir = app(&host(8, 4, 5), &[("f", QUEUE)]);
    let (running, _) = serve_host(attached(&dir, fake.address).build().unwrap()).await;
    let queues = running.queues();
    for delivery in [Delivery::AgainAfterSuccess, Delivery::TwiceAtOnce] {
        queues.set_delivery("jobs", delivery);
        queues.push("jobs", "twice", Duration::ZERO).unwrap();
        let (first, second) = (fake.next().await.json(), fake.next().await.json());
        assert_eq!(first["Data"], second["Data"], "{delivery:?}");
        queues.drained("jobs").await;
        assert!(fake.waiting().is_none());
    }
}

#[tokio::test]
async fn outputs_become_messages() {
    let fake = Fake::start(|_| async { json(200, r#"{"Outputs":{"next":["a","b"]}}"#) }).await;
    let function = r#"{"bindings":[{"type":"queueTrigger","name":"job","queueName":"jobs"},
        {"type":"queue","direction":"out","name":"next","queueName":"more"}]}"#;
    let dir = app(&host(8, 4, 5), &[("f", function)]);
    let (running, _) = serve_host(attached(&dir, fake.address).build().unwrap()).await;
    running.invoke("f").await.unwrap();
    let texts: Vec<String> = running
        .queues()
        .messages("more")
        .iter()
        .map(functions_host::QueueMessage::text)
        .collect();
    assert_eq!(texts, ["a", "b"]);
}
