//! What the terminal of `handler dev` shows: the start, and then a few lines for each notification.

use super::ended;
use crate::support::{
    handler::{Handler, dev},
    room::Room,
    wait,
};
use serde_json::{Value, json};

/// What `dev` prints before its first line of log.
async fn start_of(handler: &Handler) -> Vec<String> {
    wait::until("the first notification's line", async || {
        let lines = handler.output.out();
        let first = lines.iter().position(|line| line.starts_with('{'))?;
        Some(lines[..first].to_vec())
    })
    .await
}

#[tokio::test]
async fn the_address_to_open_is_the_last_word_of_the_start() {
    let handler = dev(Room::new()).start().await;
    let start = start_of(&handler).await;
    let last = start.iter().rev().find(|line| !line.is_empty()).unwrap();
    assert!(
        last.contains(&format!("http://localhost:{}/", handler.port)) && !last.contains("api"),
        "{start:#?}"
    );
    assert!(start.len() < 20, "{start:#?}");
}

#[tokio::test]
async fn plumbing_is_quiet_and_each_notification_has_two_lines() {
    let handler = dev(Room::new()).start().await;
    let status = handler.sends(&json!({ "text": "hello" })).await;
    let id = status["id"].as_str().unwrap();
    let line = ended(&handler, id).await;
    assert_eq!(line["delivered"], 3, "{line}");
    let events = handler.output.events();
    let plumbing: Vec<&Value> = events
        .iter()
        .filter(|event| event["level"] == "INFO")
        .filter(|event| {
            let message = event["message"].as_str().unwrap();
            !message.ends_with("notification accepted") && message != "notification ended"
        })
        .collect();
    assert!(plumbing.is_empty(), "{plumbing:#?}");
    let accepted = events
        .iter()
        .filter(|event| event["message"] == "notification accepted" && event["notification_id"] == id);
    assert_eq!(accepted.count(), 1, "{events:#?}");
}
