//! Visibility, counts, poison and duplicates, without a handler.

use super::store::{Claimed, Failure, Look};
use super::*;

fn queue() -> QueueName {
    QueueName::new("jobs").unwrap()
}

fn claim(queues: &Queues, most: usize) -> Vec<Claimed> {
    match queues.shared.claim(&queue(), most) {
        Look::Messages(messages) => messages,
        Look::Wait(_) => Vec::new(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_delayed_message_is_hidden_and_a_failed_one_comes_back() {
    let queues = Queues::new();
    queues.push("Jobs", "one", Duration::from_secs(5)).unwrap();
    assert!(claim(&queues, 1).is_empty());
    tokio::time::advance(Duration::from_secs(5)).await;
    let first = claim(&queues, 9).remove(0);
    assert_eq!(first.dequeue_count, 1);
    assert!(claim(&queues, 9).is_empty(), "in work");
    assert_eq!(
        queues.shared.failed(&queue(), &first, 2, Duration::from_secs(30)),
        Failure::Retried
    );
    assert!(claim(&queues, 9).is_empty(), "hidden after the failure");
    tokio::time::advance(Duration::from_secs(30)).await;
    let second = claim(&queues, 9).remove(0);
    assert_eq!(second.dequeue_count, 2);
    assert_eq!(
        queues.shared.failed(&queue(), &second, 2, Duration::ZERO),
        Failure::Poisoned
    );
    assert!(queues.messages("jobs").is_empty());
    assert_eq!(queues.messages("jobs-poison")[0].text(), "one");
}

#[tokio::test(start_paused = true)]
async fn a_released_message_is_delivered_again_and_the_old_receipt_is_worthless() {
    let queues = Queues::new();
    queues.push("jobs", "one", Duration::ZERO).unwrap();
    let first = claim(&queues, 1).remove(0);
    assert_eq!(queues.release_in_work("jobs"), 1);
    let second = claim(&queues, 1).remove(0);
    assert_eq!((second.dequeue_count, &second.id), (2, &first.id));
    queues.shared.succeeded(&queue(), &first);
    assert_eq!(
        queues.messages("jobs").len(),
        1,
        "the first delivery no longer holds it"
    );
    queues.shared.succeeded(&queue(), &second);
    queues.drained("jobs").await;
}

#[tokio::test(start_paused = true)]
async fn duplicates_on_demand() {
    let queues = Queues::new();
    queues.set_delivery("jobs", Delivery::TwiceAtOnce);
    queues.push("jobs", "one", Duration::ZERO).unwrap();
    let both = claim(&queues, 1);
    assert_eq!(both.len(), 2);
    both.iter().for_each(|one| queues.shared.succeeded(&queue(), one));
    assert!(queues.messages("jobs").is_empty());

    queues.set_delivery("jobs", Delivery::AgainAfterSuccess);
    queues.push("jobs", "two", Duration::ZERO).unwrap();
    for count in 1..=2 {
        let one = claim(&queues, 1).remove(0);
        assert_eq!(one.dequeue_count, count);
        queues.shared.succeeded(&queue(), &one);
    }
    assert!(queues.messages("jobs").is_empty());
}

#[tokio::test(start_paused = true)]
async fn expired_and_oversized_messages_are_refused() {
    let queues = Queues::new();
    queues.push("jobs", "one", Duration::ZERO).unwrap();
    tokio::time::advance(Duration::from_secs(8 * 24 * 3600)).await;
    assert!(claim(&queues, 1).is_empty() && queues.messages("jobs").is_empty());
    let error = queues
        .push("jobs", &"x".repeat(65_537), Duration::ZERO)
        .unwrap_err();
    assert!(error.to_string().contains("65537") && error.to_string().contains("65536"));
    assert!(
        queues
            .push("a_b", "x", Duration::ZERO)
            .unwrap_err()
            .to_string()
            .contains("no queue name")
    );
}
