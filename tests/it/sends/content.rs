//! What is sent: text, cards by name and inline, data, and what accompanies them.

use super::LocalBot;
use crate::support::{
    activities::{TENANT, personal},
    notification::{count, to},
};
use serde_json::{Value, json};

/// Sends to one person; the activity that arrived.
async fn arrived(bot: &LocalBot, body: Value) -> Value {
    let before = bot.connector.messages().len();
    let status = bot.handler.sends(&to(&[personal(1)], body)).await;
    assert_eq!(count(&status, "delivered"), 1, "{status}");
    bot.connector.messages()[before].body.clone()
}

fn card(activity: &Value) -> &Value {
    assert_eq!(
        activity["attachments"].as_array().map(Vec::len),
        Some(1),
        "{activity}"
    );
    assert_eq!(
        activity["attachments"][0]["contentType"], "application/vnd.microsoft.card.adaptive",
        "{activity}"
    );
    &activity["attachments"][0]["content"]
}

#[tokio::test]
async fn the_default_card_with_and_without_data() {
    let bot = LocalBot::with_people(1, &[]).await;
    let bare = arrived(&bot, json!({})).await;
    let text = card(&bare).to_string();
    assert!(
        text.contains("New Event Occurred!") && text.contains("View All"),
        "{text}"
    );
    let named = arrived(&bot, json!({ "card": "default" })).await;
    assert_eq!(card(&named), card(&bare));
    let data = json!({ "title": "Zürich \"quoted\" ✓", "appName": "Billing", "description": "Line\nbreak", "notificationUrl": "https://example.com/x" });
    let filled = arrived(&bot, json!({ "data": data })).await;
    let card = card(&filled);
    let texts: Vec<_> = card["body"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|item| item["text"].as_str())
        .collect();
    assert_eq!(
        texts,
        ["Zürich \"quoted\" ✓", "App Name: Billing", "Line\nbreak"],
        "{card}"
    );
    assert_eq!(card["actions"][0]["url"], "https://example.com/x");
}

#[tokio::test]
async fn text_is_sent_as_it_is() {
    let bot = LocalBot::with_people(1, &[]).await;
    let message = arrived(&bot, json!({ "text": "**Hello** ${notATemplate} <b>x</b>" })).await;
    assert_eq!(message["text"], "**Hello** ${notATemplate} <b>x</b>");
    assert!(
        message["attachments"].as_array().is_none_or(Vec::is_empty),
        "{message}"
    );
}

#[tokio::test]
async fn an_inline_template_is_filled() {
    let bot = LocalBot::with_people(1, &[]).await;
    let template = json!({
        "type": "AdaptiveCard", "version": "1.5",
        "body": [{ "type": "TextBlock", "$data": "${orders}", "$when": "${amount > 10}", "text": "${id}: ${formatNumber(amount, 2)}" }],
    });
    let data = json!({ "orders": [{ "id": "a", "amount": 5 }, { "id": "b", "amount": 1234.5 }, { "id": "c", "amount": 11 }] });
    let message = arrived(&bot, json!({ "card": template, "data": data })).await;
    let texts: Vec<_> = card(&message)["body"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["text"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["b: 1,234.50", "c: 11.00"]);
}

#[tokio::test]
async fn a_template_of_one_s_own_is_found_by_its_name_at_once() {
    let bot = LocalBot::with_people(1, &[]).await;
    bot.handler.room.write(
        "cards/mine.json",
        r#"{"type":"AdaptiveCard","version":"1.5","body":[{"type":"TextBlock","text":"Mine: ${x}"}]}"#,
    );
    let message = arrived(&bot, json!({ "card": "mine", "data": { "x": 7 } })).await;
    assert_eq!(card(&message)["body"][0]["text"], "Mine: 7");
}

#[tokio::test]
async fn the_message_is_what_the_connector_wants() {
    let bot = LocalBot::with(&[]).await;
    bot.install(1..=1).await;
    let message = arrived(
        &bot,
        json!({ "summary": "Server room over 35 °C", "alert": true }),
    )
    .await;
    assert_eq!(message["type"], "message");
    assert!(
        message["from"]["id"]
            .as_str()
            .is_some_and(|id| id.starts_with("28:")),
        "{message}"
    );
    assert_eq!(message["conversation"]["id"], personal(1));
    assert_eq!(message["channelData"]["tenant"]["id"], TENANT);
    assert_eq!(message["summary"], "Server room over 35 °C");
    assert_eq!(message["channelData"]["notification"]["alert"], true);
    assert!(message["replyToId"].is_null(), "{message}");
    let quiet = arrived(&bot, json!({})).await;
    assert_ne!(quiet["channelData"]["notification"]["alert"], true, "{quiet}");

    let call = &bot.connector.messages()[0];
    assert_eq!(call.path, "/emea/v3/conversations/a%3A1Personal0001/activities");
    assert_eq!(
        call.authorization, None,
        "without a registration no token is sent"
    );
}

#[tokio::test]
async fn what_has_expired_is_skipped() {
    let bot = LocalBot::with_people(2, &[]).await;
    let id = bot
        .handler
        .accepts(&json!({ "text": "old news", "expiresAt": "2026-01-01T00:00:00Z" }))
        .await;
    let status = bot.handler.ends(&id).await;
    assert_eq!(
        (status["total"].as_u64(), count(&status, "skipped")),
        (Some(2), 2),
        "{status}"
    );
    assert!(bot.connector.calls().is_empty());
}

#[tokio::test]
async fn every_priority_is_accepted() {
    let bot = LocalBot::with_people(1, &[]).await;
    for priority in ["urgent", "normal", "low"] {
        arrived(&bot, json!({ "text": "hello", "priority": priority })).await;
    }
}
