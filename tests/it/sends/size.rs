//! Teams' limit: 100,000 bytes of UTF-16 for the whole activity.

use super::LocalBot;
use crate::support::{
    activities::personal,
    notification::{count, to},
};
use serde_json::{Value, json};

fn card(text: &str) -> Value {
    json!({ "type": "AdaptiveCard", "version": "1.5", "body": [{ "type": "TextBlock", "text": text }] })
}

#[tokio::test]
async fn what_is_the_same_for_all_is_refused_at_acceptance() {
    let bot = LocalBot::with_people(1, &[]).await;
    for body in [
        json!({ "card": card(&"x".repeat(50_500)) }),
        json!({ "card": card("${long}"), "data": { "long": "x".repeat(50_500) } }),
        json!({ "text": "x".repeat(50_500) }),
    ] {
        let answer = bot.handler.notify(&body).await;
        assert!([400, 413].contains(&answer.status), "{}", answer.status);
        let status = answer.status;
        let problem = answer.problem(status);
        assert!(
            problem["detail"].as_str().unwrap().contains("100"),
            "the limit is bot: {problem}"
        );
    }
    assert!(bot.connector.calls().is_empty());
}

#[tokio::test]
async fn it_is_counted_as_utf_16_and_what_fits_is_sent() {
    let bot = LocalBot::with_people(1, &[]).await;
    // Three bytes each in UTF-8, two in UTF-16: 84,000 bytes count, not 126,000.
    let fits = to(&[personal(1)], json!({ "card": card(&"語".repeat(42_000)) }));
    assert_eq!(count(&bot.handler.sends(&fits).await, "delivered"), 1);
    // Four bytes each in both.
    let answer = bot.handler.notify(&json!({ "text": "😀".repeat(25_500) })).await;
    assert!([400, 413].contains(&answer.status), "{}", answer.status);
}

#[tokio::test]
async fn what_is_each_recipient_s_own_is_that_recipient_s_rejection() {
    let bot = LocalBot::with_people(2, &[]).await;
    let long = "x".repeat(50_500);
    let template = card("${if($host.recipient.scope == 'personal', long, 'short')}");
    bot.acknowledges(&bot.teams.group_update(1, "add", 0)).await;
    let id = bot
        .handler
        .accepts(&json!({ "card": template, "data": { "long": long } }))
        .await;
    let status = bot.handler.ends(&id).await;
    assert_eq!(
        (count(&status, "delivered"), count(&status, "rejected")),
        (1, 2),
        "{status}"
    );
    assert_eq!(bot.handler.outcome(&id, &personal(1)).await["code"], "too-large");
}
