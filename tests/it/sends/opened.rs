//! A personal chat that has to be opened again: at most one message a person, never one to nowhere.

use super::LocalBot;
use crate::support::{
    activities::{personal, user},
    connector::Reply,
    notification::count,
    references::conversations,
    wait,
};
use serde_json::json;

/// The chat of the first person is gone; opening another is answered so.
async fn with_a_lost_chat(opening: Reply) -> LocalBot {
    let bot = LocalBot::with_people(2, &[]).await;
    bot.connector
        .always(&personal(1), Reply::error(404, "ConversationNotFound"));
    bot.connector.always("", opening);
    bot
}

#[tokio::test]
async fn an_opening_that_names_no_chat_is_tried_once_more_and_nothing_is_posted_to_nowhere() {
    let answers = [
        (Reply::html(200), "not-teams-json"),
        (Reply::raw(201, r#"{"id":"a:half"#), "not-teams-json"),
        (Reply::json(201, &json!({})), "no-id"),
        (Reply::json(201, &json!({ "id": "" })), "no-id"),
        (Reply::json(201, &json!({ "id": "  " })), "no-id"),
        (Reply::empty(201), "no-id"),
    ];
    for (opening, code) in answers {
        let bot = with_a_lost_chat(opening.clone()).await;
        let id = bot.handler.accepts(&json!({ "text": "hello" })).await;
        let status = bot.handler.ends(&id).await;
        assert_eq!(
            (count(&status, "delivered"), count(&status, "failed")),
            (1, 1),
            "{opening:?}: {status}"
        );
        let line = bot.handler.outcome(&id, &personal(1)).await;
        assert_eq!(line["code"], code, "{opening:?}: {line}");
        let calls = bot.connector.calls();
        let openings = calls
            .iter()
            .filter(|call| call.path.ends_with("/v3/conversations"))
            .count();
        assert_eq!(openings, 2, "{opening:?}: once more, and no more: {calls:?}");
        assert!(
            calls.iter().all(|call| !call.path.contains("//activities")),
            "{calls:?}"
        );
        bot.knows(&[personal(1), personal(2)]);
    }
}

#[tokio::test]
async fn one_page_instead_of_an_opened_chat_delays_the_message() {
    let bot = LocalBot::with_people(2, &[]).await;
    bot.connector
        .always(&personal(1), Reply::error(404, "ConversationNotFound"));
    bot.connector.script("", [Reply::html(200)]);
    let status = bot.handler.sends(&json!({ "text": "hello" })).await;
    assert_eq!(
        (count(&status, "delivered"), status["resent"].as_u64()),
        (2, Some(0)),
        "{status}"
    );
}

#[tokio::test]
async fn a_chat_that_opens_as_another_known_one_brings_no_second_message() {
    let bot = with_a_lost_chat(Reply::json(201, &json!({ "id": "a:1Moved" }))).await;
    // Both chats of the person are known, as after a crash between the two writes of a move.
    let mut second = bot.teams.personal_install(1, 5);
    second["conversation"]["id"] = "a:1Moved".into();
    bot.acknowledges(&second).await;
    let id = bot.handler.accepts(&json!({ "text": "hello" })).await;
    let status = bot.handler.ends(&id).await;
    assert_eq!(
        bot.connector.reached(),
        ["a:1Moved".to_owned(), personal(2)],
        "{status}"
    );
    assert_eq!(
        (&status["total"], count(&status, "delivered")),
        (&json!(2), 2),
        "{status}"
    );
    // By the person it is one target as well.
    let to_person = json!({ "text": "again", "audience": { "users": [user(1)] } });
    let status = bot.handler.sends(&to_person).await;
    assert_eq!(count(&status, "delivered"), 1, "{status}");
    assert_eq!(bot.connector.reached().len(), 3);
}

#[tokio::test]
async fn a_chat_that_can_t_be_opened_again_stays_known() {
    let bot = with_a_lost_chat(Reply::error(403, "ForbiddenOperationException")).await;
    let status = bot.handler.sends(&json!({ "text": "lost" })).await;
    assert_eq!(count(&status, "gone"), 1, "{status}");
    bot.connector.relent(&personal(1));
    let status = bot.handler.sends(&json!({ "text": "arrives" })).await;
    assert_eq!(count(&status, "delivered"), 2, "{status}");
    wait::until("both are in the file", async || {
        (conversations(&bot.handler.room) == [personal(1), personal(2)]).then_some(())
    })
    .await;
}
