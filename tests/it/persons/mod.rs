//! One person is one person: whichever chats they have with the bot, what they say and do holds for all of them.

use crate::support::{
    activities::{entra, personal, user},
    connector::Reply,
    handler::{Signal, custom, run},
    local_bot::LocalBot,
    notification::{count, to, to_all},
};
use serde_json::{Value, json};

/// Person `n` in a chat as Graph names it.
fn second_chat(n: u32) -> String {
    format!("19:{}_0b07a111@unq.gbl.spaces", entra(n))
}

/// The same activity, in the person's second chat.
fn in_second_chat(mut activity: Value, n: u32) -> Value {
    activity["conversation"]["id"] = second_chat(n).into();
    activity
}

/// A button that was pressed there.
fn pressed(mut activity: Value, verb: &str) -> Value {
    activity["type"] = "invoke".into();
    activity["name"] = "adaptiveCard/action".into();
    activity["value"] = json!({
        "action": { "type": "Action.Execute", "verb": verb, "data": {} },
        "trigger": "manual",
    });
    activity
}

#[tokio::test]
async fn who_has_two_chats_gets_one_message_in_the_newest() {
    let bot = LocalBot::with_people(3, &[]).await;
    bot.acknowledges(&in_second_chat(bot.teams.personal_install(2, 10), 2))
        .await;
    bot.knows(&[personal(1), personal(2), personal(3), second_chat(2)]);
    let status = bot.handler.sends(&to_all(json!({ "text": "hello" }))).await;
    assert_eq!(
        (status["total"].as_u64(), count(&status, "delivered")),
        (Some(3), 3),
        "{status}"
    );
    let mut reached = bot.connector.reached();
    reached.sort();
    assert_eq!(reached, [second_chat(2), personal(1), personal(3)]);
    // By name too, whichever name.
    for name in [user(2), entra(2)] {
        let status = bot
            .handler
            .sends(&json!({ "text": "hello", "audience": { "users": [name] } }))
            .await;
        assert_eq!(
            (status["total"].as_u64(), count(&status, "delivered")),
            (Some(1), 1),
            "{status}"
        );
    }
}

#[tokio::test]
async fn stop_in_one_chat_ends_the_messages_in_all_and_survives_a_kill_after_its_acknowledgement() {
    let bot = LocalBot::with_people(2, &[]).await;
    let stop = in_second_chat(bot.teams.personal_message(2, "stop", 10), 2);
    bot.acknowledges(&stop).await;
    let LocalBot {
        handler,
        connector,
        teams,
    } = bot;
    let room = handler.kill().await;
    let handler = custom(room).start().await;
    let before = connector.messages().len();
    let status = handler.sends(&to_all(json!({ "text": "hello" }))).await;
    assert_eq!(
        (count(&status, "delivered"), count(&status, "skipped")),
        (1, 1),
        "{status}"
    );
    let reached: Vec<_> = connector.reached().split_off(before);
    assert_eq!(reached, [personal(1)]);
    // And again from the first chat.
    handler
        .receives(&teams.personal_message(2, "start", 20))
        .await
        .expect(200);
    let status = handler.sends(&to_all(json!({ "text": "once more" }))).await;
    assert_eq!(count(&status, "delivered"), 2, "{status}");
}

#[tokio::test]
async fn the_opt_out_button_in_a_chat_that_is_not_stored_is_obeyed() {
    let bot = LocalBot::with_people(2, &[]).await;
    let unknown = in_second_chat(bot.teams.personal_message(1, "", 10), 1);
    bot.acknowledges(&pressed(unknown, "optOut")).await;
    bot.knows(&[personal(1), personal(2)]);
    let status = bot.handler.sends(&to_all(json!({ "text": "hello" }))).await;
    assert_eq!(
        (count(&status, "delivered"), count(&status, "skipped")),
        (1, 1),
        "{status}"
    );
    assert_eq!(bot.connector.reached(), [personal(2)]);
}

#[tokio::test]
async fn a_removal_in_one_chat_ends_the_messages_in_the_other() {
    let bot = LocalBot::with_people(2, &[]).await;
    bot.acknowledges(&in_second_chat(bot.teams.personal_install(2, 10), 2))
        .await;
    bot.acknowledges(&bot.teams.personal_update(2, "remove", 20))
        .await;
    let status = bot.handler.sends(&to_all(json!({ "text": "hello" }))).await;
    assert_eq!(
        (status["total"].as_u64(), count(&status, "delivered")),
        (Some(1), 1),
        "{status}"
    );
    // What happened before comes late, in the other chat: it undoes nothing.
    bot.acknowledges(&in_second_chat(bot.teams.personal_message(2, "hello", 15), 2))
        .await;
    let status = bot
        .handler
        .sends(&json!({ "text": "hello", "audience": { "users": [user(2)] } }))
        .await;
    assert_eq!(count(&status, "rejected"), 1, "{status}");
    bot.acknowledges(&in_second_chat(bot.teams.personal_install(2, 30), 2))
        .await;
    let status = bot.handler.sends(&to_all(json!({ "text": "back" }))).await;
    assert_eq!(count(&status, "delivered"), 2, "{status}");
}

#[tokio::test]
async fn who_is_known_to_have_blocked_the_bot_is_counted_so_until_they_do_anything() {
    let bot = LocalBot::with_people(3, &[]).await;
    for n in 1..=2 {
        bot.connector.always(&personal(n), Reply::blocked());
    }
    let everyone = to_all(json!({ "text": "hello" }));
    assert_eq!(count(&bot.handler.sends(&everyone).await, "blocked"), 2);
    let before = bot.connector.messages().len();
    let status = bot.handler.sends(&everyone).await;
    assert_eq!(
        (count(&status, "blocked"), count(&status, "delivered")),
        (2, 1),
        "{status}"
    );
    assert_eq!(
        bot.connector.messages().len() - before,
        1,
        "who is known is not tried"
    );
    bot.connector.relent(&personal(1));
    bot.connector.relent(&personal(2));
    // A pressed button, and a name.
    let press = bot.teams.personal_message(1, "", 60);
    bot.acknowledges(&pressed(press, "acknowledge")).await;
    let named = to(&[personal(2)], json!({ "text": "hello" }));
    assert_eq!(count(&bot.handler.sends(&named).await, "delivered"), 1);
    assert_eq!(count(&bot.handler.sends(&everyone).await, "delivered"), 3);
}

#[tokio::test]
async fn an_operator_ends_the_marks_of_one_or_of_all() {
    let bot = LocalBot::with_people(3, &[]).await;
    for n in 1..=3 {
        bot.connector.always(&personal(n), Reply::blocked());
    }
    let everyone = to_all(json!({ "text": "hello" }));
    assert_eq!(count(&bot.handler.sends(&everyone).await, "blocked"), 3);
    let LocalBot {
        handler, connector, ..
    } = bot;
    let (_, room, _) = handler.stop(Signal::Term).await;
    let unblock = async |whom: &str| {
        let finished = run(&room, &["references", "unblock", whom], &[], "").await;
        finished.success().stdout.clone()
    };
    assert!(unblock(&entra(1)).await.contains("1 person is no longer marked"));
    assert!(unblock(&user(1)).await.contains("Nobody was marked"));
    assert!(unblock("--all").await.contains("2 people are no longer marked"));
    let misused = run(&room, &["references", "unblock"], &[], "").await;
    misused.complains(&["--all", "USER"]);
    for n in 1..=3 {
        connector.relent(&personal(n));
    }
    let handler = custom(room).start().await;
    assert_eq!(count(&handler.sends(&everyone).await, "delivered"), 3);
}
