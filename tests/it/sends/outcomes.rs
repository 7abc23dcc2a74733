//! Every answer of Teams has a meaning, and one recipient's never fails the others.

use super::LocalBot;
use crate::support::{activities::personal, connector::Reply, notification::count};
use serde_json::{Value, json};

/// Sends to everyone; the line about the first person.
async fn first(bot: &LocalBot) -> (Value, Value) {
    let id = bot
        .handler
        .accepts(&json!({ "text": "hello", "onUncertain": "report" }))
        .await;
    let status = bot.handler.ends(&id).await;
    let line = bot.handler.outcome(&id, &personal(1)).await;
    assert_eq!(status["state"], "finished", "{status}");
    assert_eq!(
        count(&status, line["outcome"].as_str().unwrap()),
        if line["outcome"] == "delivered" { 3 } else { 1 },
        "{status}"
    );
    assert_eq!(
        bot.connector
            .reached()
            .iter()
            .filter(|id| **id != personal(1))
            .count(),
        2,
        "the others got it"
    );
    (status, line)
}

#[tokio::test]
async fn final_answers_are_distinguished() {
    let cases = [
        ("blocked", 1, Reply::blocked()),
        ("blocked", 1, Reply::error(403, "ConversationBlockedByUser")),
        // Once more after 15 s.
        ("uninstalled", 2, Reply::uninstalled()),
        ("rejected", 1, Reply::error(400, "BadArgument")),
        ("rejected", 1, Reply::error(413, "MessageSizeTooBig")),
        // It might be an incident: three times.
        ("failed", 3, Reply::error(403, "SomethingNobodyKnows")),
    ];
    for (wanted, attempts, reply) in cases {
        let bot = LocalBot::with_people(3, &[]).await;
        bot.connector.always(&personal(1), reply.clone());
        let (_, line) = first(&bot).await;
        assert_eq!(line["outcome"], wanted, "{reply:?}: {line}");
        assert_eq!(line["attempts"], attempts, "{reply:?}: {line}");
    }
}

#[tokio::test]
async fn answers_that_are_certain_not_to_have_delivered_are_tried_again() {
    for (status, seconds) in [
        (412, None),
        (503, None),
        (503, Some(1)),
        (429, Some(1)),
        (429, None),
    ] {
        let bot = LocalBot::with_people(3, &[]).await;
        let mut reply = Reply::error(status, "TryAgain");
        if let Some(seconds) = seconds {
            reply = reply.with("retry-after", seconds.to_string());
        }
        bot.connector.script(&personal(1), [reply.clone(), reply]);
        let (_, line) = first(&bot).await;
        assert_eq!(line["outcome"], "delivered", "{status}: {line}");
    }
}

#[tokio::test]
async fn an_answer_that_may_hide_a_delivery_is_not_repeated_under_report() {
    for status in [500, 502, 504, 408] {
        let bot = LocalBot::with_people(3, &[]).await;
        bot.connector.script(&personal(1), [Reply::empty(status)]);
        let (_, line) = first(&bot).await;
        assert_eq!(line["outcome"], "uncertain", "{status}: {line}");
        let posts = bot
            .connector
            .calls()
            .into_iter()
            .filter(|call| call.conversation == personal(1))
            .count();
        assert_eq!(posts, 1, "{status}");
    }
}

#[tokio::test]
async fn under_resend_it_is_posted_again_and_counted() {
    let bot = LocalBot::with_people(1, &[]).await;
    bot.connector.script(&personal(1), [Reply::empty(502)]);
    let status = bot.handler.sends(&json!({ "text": "hello" })).await;
    assert_eq!(
        (count(&status, "delivered"), status["resent"].as_u64()),
        (1, Some(1)),
        "{status}"
    );
}

#[tokio::test]
async fn an_accepted_message_without_an_id_is_delivered() {
    for reply in [Reply::empty(202), Reply::empty(201), Reply::json(201, &json!({}))] {
        let bot = LocalBot::with_people(3, &[]).await;
        bot.connector.script(&personal(1), [reply]);
        let (_, line) = first(&bot).await;
        assert_eq!(line["outcome"], "delivered", "{line}");
        assert!(line["activityId"].is_null(), "{line}");
    }
}

#[tokio::test]
async fn a_lost_personal_chat_is_created_again_once() {
    let bot = LocalBot::with_people(3, &[]).await;
    bot.connector
        .always(&personal(1), Reply::error(404, "ConversationNotFound"));
    let id = bot.handler.accepts(&json!({ "text": "hello" })).await;
    let status = bot.handler.ends(&id).await;
    assert_eq!(count(&status, "delivered"), 3, "{status}");
    let calls = bot.connector.calls();
    let created: Vec<_> = calls
        .iter()
        .filter(|call| call.path.ends_with("/v3/conversations"))
        .collect();
    assert_eq!(created.len(), 1, "{created:?}");
    let body = &created[0].body;
    assert_eq!(body["members"].as_array().map(Vec::len), Some(1), "{body}");
    assert!(
        body["tenantId"].is_string() || body["channelData"]["tenant"]["id"].is_string(),
        "{body}"
    );

    let bot = LocalBot::with_people(3, &[]).await;
    bot.connector
        .always(&personal(1), Reply::error(404, "ConversationNotFound"));
    bot.connector
        .always("", Reply::error(403, "ForbiddenOperationException"));
    let id = bot.handler.accepts(&json!({ "text": "hello" })).await;
    let status = bot.handler.ends(&id).await;
    assert_eq!(count(&status, "delivered"), 2, "{status}");
    let line = bot.handler.outcome(&id, &personal(1)).await;
    assert_eq!(
        (&line["outcome"], &line["status"], &line["code"]),
        (&json!("gone"), &json!(403), &json!("ForbiddenOperationException")),
        "{line}"
    );
    let known = crate::support::references::conversations(&bot.handler.room);
    assert!(known.contains(&personal(1)), "no event removed it: {known:?}");
}

#[tokio::test]
async fn a_chat_that_was_opened_again_is_posted_to_from_then_on() {
    let bot = LocalBot::with_people(2, &[]).await;
    bot.connector
        .always(&personal(1), Reply::error(404, "ConversationNotFound"));
    let status = bot.handler.sends(&json!({ "text": "first" })).await;
    assert_eq!(count(&status, "delivered"), 2, "{status}");
    let opened = bot
        .connector
        .reached()
        .into_iter()
        .find(|id| id.starts_with("a:created"))
        .unwrap();
    crate::support::wait::until("the new chat is in the file", async || {
        let known = crate::support::references::conversations(&bot.handler.room);
        (known.contains(&opened) && !known.contains(&personal(1))).then_some(())
    })
    .await;

    let before = bot.connector.calls().len();
    let status = bot.handler.sends(&json!({ "text": "second" })).await;
    assert_eq!(count(&status, "delivered"), 2, "{status}");
    let calls = bot.connector.calls();
    let mut reached: Vec<_> = calls[before..]
        .iter()
        .map(|call| call.conversation.clone())
        .collect();
    reached.sort();
    let mut wanted = vec![opened, personal(2)];
    wanted.sort();
    assert_eq!(reached, wanted);

    // By the person too.
    let to_person =
        json!({ "text": "third", "audience": { "users": [crate::support::activities::user(1)] } });
    let status = bot.handler.sends(&to_person).await;
    assert_eq!(
        (&status["total"], count(&status, "delivered")),
        (&json!(1), 1),
        "{status}"
    );
}

#[tokio::test]
async fn a_lost_group_is_gone() {
    let bot = LocalBot::with_people(1, &[]).await;
    bot.acknowledges(&bot.teams.group_update(1, "add", 0)).await;
    let group = crate::support::activities::group(1);
    bot.connector
        .always(&group, Reply::error(404, "ConversationNotFound"));
    let id = bot.handler.accepts(&json!({ "text": "hello" })).await;
    let status = bot.handler.ends(&id).await;
    assert_eq!(
        (count(&status, "delivered"), count(&status, "gone")),
        (1, 1),
        "{status}"
    );
    assert_eq!(bot.handler.outcome(&id, &group).await["outcome"], "gone");
}

#[tokio::test]
async fn who_blocked_the_bot_is_left_alone_until_they_write() {
    let bot = LocalBot::with_people(2, &[]).await;
    bot.connector.always(&personal(1), Reply::blocked());
    let status = bot.handler.sends(&json!({ "text": "first" })).await;
    assert_eq!(
        (count(&status, "blocked"), count(&status, "delivered")),
        (1, 1),
        "{status}"
    );

    let status = bot.handler.sends(&json!({ "text": "second" })).await;
    assert_eq!(
        (count(&status, "blocked"), count(&status, "delivered")),
        (1, 1),
        "{status}"
    );
    let posts = |bot: &LocalBot| {
        bot.connector
            .calls()
            .into_iter()
            .filter(|call| call.conversation == personal(1))
            .count()
    };
    assert_eq!(posts(&bot), 1, "not attempted again");

    bot.connector.relent(&personal(1));
    bot.acknowledges(&bot.teams.personal_message(1, "hello", 60))
        .await;
    let status = bot.handler.sends(&json!({ "text": "third" })).await;
    assert_eq!(count(&status, "delivered"), 2, "{status}");
}

#[tokio::test]
async fn a_connector_that_can_t_be_reached_fails_nobody_else() {
    let bot = LocalBot::with_people(2, &[]).await;
    let mut elsewhere = bot.teams.personal_install(3, 0);
    elsewhere["serviceUrl"] =
        format!("http://127.0.0.1:{}/emea/", crate::support::handler::free_port()).into();
    bot.acknowledges(&elsewhere).await;
    let id = bot.handler.accepts(&json!({ "text": "hello" })).await;
    crate::support::wait::until("the others have theirs", async || {
        (count(&bot.handler.status(&id).await, "delivered") == 2).then_some(())
    })
    .await;
}
