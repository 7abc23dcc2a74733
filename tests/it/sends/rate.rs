//! The rate is kept, and Retry-After is obeyed.

use super::Told;
use crate::support::{
    activities::personal,
    connector::{Call, Reply},
    notification::count,
};
use serde_json::json;
use std::time::{Duration, Instant};

/// Most calls within any second.
fn most_in_a_second(times: &[Instant]) -> usize {
    let within = |start: &Instant| {
        times
            .iter()
            .filter(|at| **at >= *start && **at - *start < Duration::from_secs(1))
            .count()
    };
    times.iter().map(within).max().unwrap_or(0)
}

#[tokio::test]
async fn no_second_sees_more_than_the_rate() {
    let told = Told::with_people(70, &[("NOTIFICATION_RATE", "20")]).await;
    let status = told.handler.sends(&json!({ "text": "hello" })).await;
    assert_eq!(count(&status, "delivered"), 70, "{status}");
    let times: Vec<_> = told
        .connector
        .messages()
        .into_iter()
        .map(|call| call.at)
        .collect();
    // The rate holds where permits are given; on the way to here a few may bunch up on a busy machine.
    assert!(most_in_a_second(&times) <= 24, "{}", most_in_a_second(&times));
    let took = *times.iter().max().unwrap() - *times.iter().min().unwrap();
    assert!(
        took >= Duration::from_millis(2300),
        "70 at 20 a second take more than {took:?}"
    );
    assert!(took < Duration::from_secs(15), "and not {took:?}");
}

#[tokio::test]
async fn two_notifications_share_the_rate() {
    let told = Told::with_people(30, &[("NOTIFICATION_RATE", "20")]).await;
    let first = told.handler.accepts(&json!({ "text": "one" })).await;
    let second = told.handler.accepts(&json!({ "text": "two" })).await;
    told.handler.ends(&first).await;
    told.handler.ends(&second).await;
    let times: Vec<_> = told
        .connector
        .messages()
        .into_iter()
        .map(|call| call.at)
        .collect();
    assert_eq!(times.len(), 60);
    assert!(most_in_a_second(&times) <= 24, "{}", most_in_a_second(&times));
}

fn attempts(told: &Told) -> Vec<Call> {
    told.connector
        .calls()
        .into_iter()
        .filter(|call| call.conversation == personal(1))
        .collect()
}

#[tokio::test]
async fn retry_after_is_obeyed_to_the_second() {
    let told = Told::with_people(1, &[]).await;
    told.connector.script(&personal(1), [Reply::throttled(3)]);
    let status = told.handler.sends(&json!({ "text": "hello" })).await;
    assert_eq!(count(&status, "delivered"), 1, "{status}");
    let attempts = attempts(&told);
    assert_eq!(attempts.len(), 2);
    let pause = attempts[1].at - attempts[0].at;
    assert!(
        pause >= Duration::from_millis(2990) && pause < Duration::from_secs(8),
        "{pause:?}"
    );
}

#[tokio::test]
async fn a_throttled_conversation_gets_its_message_in_the_end() {
    let told = Told::with_people(10, &[]).await;
    told.connector.script(
        &personal(4),
        [Reply::throttled(1), Reply::throttled(1), Reply::throttled(1)],
    );
    let id = told.handler.accepts(&json!({ "text": "hello" })).await;
    let status = told.handler.ends(&id).await;
    assert_eq!(count(&status, "delivered"), 10, "{status}");
    let line = told.handler.outcome(&id, &personal(4)).await;
    assert_eq!(line["attempts"], 4, "{line}");
}
