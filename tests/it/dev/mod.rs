//! `handler dev` as a newcomer meets it: cards by themselves, on a page, over restarts.

mod callers;
mod cards;
mod key;
mod page;
mod start;
mod state;

use crate::support::{
    handler::Handler,
    http::{Answer, client},
    wait,
};
use serde_json::{Value, json};

/// Conversations of the sandbox.
async fn conversations(handler: &Handler) -> Vec<Value> {
    let answer = Answer::to(client().get(handler.url("/sandbox/conversations")))
        .await
        .expect(200);
    answer.json().as_array().unwrap().clone()
}

/// The id of the first conversation of a scope.
async fn conversation(handler: &Handler, scope: &str) -> String {
    let all = conversations(handler).await;
    let found = all.iter().find(|view| view["scope"] == scope);
    found.unwrap_or_else(|| panic!("no {scope}: {all:?}"))["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn path(conversation: &str, rest: &str) -> String {
    let mut url = reqwest::Url::parse("http://x/sandbox/conversations/").unwrap();
    url.path_segments_mut()
        .unwrap()
        .pop_if_empty()
        .push(conversation)
        .push(rest);
    url.path().to_owned()
}

/// What the bot wrote in a conversation: activities.
async fn written(handler: &Handler, conversation: &str) -> Vec<Value> {
    let answer = Answer::to(client().get(handler.url(&path(conversation, "messages"))))
        .await
        .expect(200);
    let entries = answer.json();
    let by_bot = entries
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["author"]["kind"] == "bot");
    by_bot.map(|entry| entry["activity"].clone()).collect()
}

/// The card of an activity.
fn card(activity: &Value) -> &Value {
    let attachment = &activity["attachments"][0];
    assert_eq!(
        attachment["contentType"], "application/vnd.microsoft.card.adaptive",
        "{activity}"
    );
    &attachment["content"]
}

/// Waits for at least `count` messages of the bot in a conversation.
async fn at_least(handler: &Handler, conversation: &str, count: usize) -> Vec<Value> {
    wait::until(&format!("{count} messages in {conversation}"), async || {
        let written = written(handler, conversation).await;
        (written.len() >= count).then_some(written)
    })
    .await
}

/// Something happens in the sandbox.
async fn happens(handler: &Handler, conversation: &str, event: &str) {
    let request = client()
        .post(handler.url(&path(conversation, event)))
        .body(json!({}).to_string());
    Answer::to(request).await.expect(200);
}
