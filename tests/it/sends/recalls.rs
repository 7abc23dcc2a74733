//! Edits and recalls: only Teams' own word that a message is not there means that it is gone.

use super::LocalBot;
use crate::support::{
    activities::personal,
    connector::Reply,
    http::Answer,
    notification::{accepted, count},
};
use reqwest::Method;
use serde_json::{Value, json};

/// Sends to so many people; the id.
async fn sent(bot: &LocalBot) -> String {
    let id = bot.handler.accepts(&json!({ "text": "hello" })).await;
    bot.handler.ends(&id).await;
    id
}

/// Asks for an edit or a recall and waits for its end; its id and status.
async fn changed(bot: &LocalBot, method: &Method, parent: &str) -> (String, Value) {
    let path = format!("/api/notification/{parent}");
    let mut request = bot.handler.request(method.clone(), &path);
    if *method == Method::PUT {
        request = request
            .header("content-type", "application/json")
            .body(json!({ "text": "better" }).to_string());
    }
    let id = accepted(&Answer::to(request).await.expect(202).json());
    let status = bot.handler.ends(&id).await;
    (id, status)
}

/// Calls of a method for a person's message.
fn calls(bot: &LocalBot, method: &Method, n: u32) -> usize {
    let calls = bot.connector.calls();
    calls
        .iter()
        .filter(|call| call.method == *method && call.conversation == personal(n))
        .count()
}

/// Teams' own word that the message is not there.
fn missing() -> [Reply; 3] {
    let inner = json!({ "subCode": "ActivityNotFoundInConversation" });
    [
        Reply::error(404, "ActivityNotFoundInConversation"),
        Reply::error(404, "activitynotfoundinconversation"),
        Reply::json(
            404,
            &json!({ "error": { "code": "ServiceError", "message": inner.to_string() } }),
        ),
    ]
}

/// Every other 404, and what else says that a place is not found.
fn anything_else() -> Vec<(Reply, Option<&'static str>)> {
    vec![
        (Reply::html(404), None),
        (Reply::empty(404), None),
        (Reply::error(404, "ServiceError"), Some("ServiceError")),
        (
            Reply::error(404, "ConversationNotFound"),
            Some("ConversationNotFound"),
        ),
        (Reply::error(404, "BadArgument"), Some("BadArgument")),
        (
            Reply::error(403, "ConversationNotFound"),
            Some("ConversationNotFound"),
        ),
        (Reply::raw(404, "<h1>ActivityNotFoundInConversation</h1>"), None),
    ]
}

#[tokio::test]
async fn only_a_message_that_teams_says_is_missing_counts_as_recalled_or_gone() {
    let certain = missing();
    let first = certain.len() as u32;
    let others = anything_else();
    let people = first + others.len() as u32;
    for (method, of_missing) in [(Method::DELETE, "delivered"), (Method::PUT, "gone")] {
        let bot = LocalBot::with_people(people + 1, &[]).await;
        let parent = sent(&bot).await;
        for (n, reply) in (1..).zip(certain.iter().chain(others.iter().map(|(reply, _)| reply))) {
            bot.connector.always(&personal(n), reply.clone());
        }
        let (id, status) = changed(&bot, &method, &parent).await;
        for n in 1..=first {
            let line = bot.handler.outcome(&id, &personal(n)).await;
            assert_eq!(line["outcome"], of_missing, "{method} {n}: {line}");
            assert_eq!(calls(&bot, &method, n), 1, "{method} {n}");
        }
        for (n, (reply, code)) in (first + 1..).zip(&others) {
            let line = bot.handler.outcome(&id, &personal(n)).await;
            assert_eq!(line["outcome"], "failed", "{method} {reply:?}: {line}");
            assert_eq!(line["code"].as_str(), *code, "{method} {reply:?}: {line}");
            assert_eq!(
                calls(&bot, &method, n),
                2,
                "{method} {reply:?}: once more, and no more"
            );
        }
        assert_eq!(count(&status, "failed"), others.len() as u64, "{status}");
    }
}

#[tokio::test]
async fn a_gateway_s_page_once_only_delays_a_recall() {
    let bot = LocalBot::with_people(3, &[]).await;
    let parent = sent(&bot).await;
    bot.connector.script(&personal(1), [Reply::html(404)]);
    bot.connector.script(&personal(2), [Reply::html(200)]);
    let (_, status) = changed(&bot, &Method::DELETE, &parent).await;
    assert_eq!(count(&status, "delivered"), 3, "{status}");
    assert_eq!(
        (calls(&bot, &Method::DELETE, 1), calls(&bot, &Method::DELETE, 2)),
        (2, 2)
    );
}

#[tokio::test]
async fn a_page_instead_of_the_answer_to_an_edit_proves_nothing() {
    let bot = LocalBot::with_people(1, &[]).await;
    let parent = sent(&bot).await;
    bot.connector.script(
        &personal(1),
        [
            Reply::html(200),
            Reply::error(404, "ActivityNotFoundInConversation"),
        ],
    );
    let (_, status) = changed(&bot, &Method::PUT, &parent).await;
    assert_eq!(count(&status, "gone"), 1, "{status}");
}
