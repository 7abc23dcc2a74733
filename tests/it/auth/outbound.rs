//! The bot's own token: fetched once for many, shown to the connector only.

use super::Bot;
use crate::support::{
    activities::{BOT, SECRET, TENANT, personal},
    connector::Reply,
    entra::SCOPE,
    notification::count,
    references::{FILE, reference},
};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn two_hundred_sends_fetch_one_token() {
    let bot = Bot::with(&[("NOTIFICATION_RATE", "100000")]).await;
    let token = bot.token().signed();
    let installs = (1..=200).map(|n| {
        let activity = bot.teams.personal_install(n, 0);
        let (bot, token) = (&bot, &token);
        async move { assert_eq!(bot.status(&activity, token).await, 200) }
    });
    futures::future::join_all(installs).await;
    bot.entra.take_time(Duration::from_millis(300));

    let status = bot.handler.sends(&json!({ "text": "hello" })).await;
    assert_eq!(count(&status, "delivered"), 200, "{status}");
    assert_eq!(bot.connector.reached().len(), 200);
    let requests = bot.entra.token_requests();
    assert_eq!(requests.len(), 1, "{requests:?}");
    let form = &requests[0].form;
    assert_eq!(requests[0].authority, TENANT);
    let of = |name: &str| form.get(name).map(String::as_str);
    assert_eq!(of("grant_type"), Some("client_credentials"));
    assert_eq!(
        (of("client_id"), of("client_secret"), of("scope")),
        (Some(BOT), Some(SECRET), Some(SCOPE))
    );

    assert_eq!(
        bot.connector.messages()[0].body["from"]["id"],
        format!("28:{BOT}")
    );
    bot.handler.sends(&json!({ "text": "again" })).await;
    assert_eq!(bot.entra.token_requests().len(), 1, "it is still good");
}

#[tokio::test]
async fn a_401_makes_it_fetch_a_new_token_once() {
    let bot = Bot::start().await;
    bot.acknowledges(&bot.teams.personal_install(1, 0)).await;
    let denied = Reply::json(
        401,
        &json!({ "message": "Authorization has been denied for this request." }),
    );
    bot.connector.script(&personal(1), [denied]);
    let status = bot.handler.sends(&json!({ "text": "hello" })).await;
    assert_eq!(count(&status, "delivered"), 1, "{status}");
    assert_eq!(bot.entra.token_requests().len(), 2);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let bot = Bot::start().await;
    let elsewhere = crate::support::connector::Connector::start().await;
    bot.acknowledges(&bot.teams.personal_install(1, 0)).await;
    let location = format!("{}v3/conversations/x/activities", elsewhere.service_url());
    bot.connector
        .always(&personal(1), Reply::empty(307).with("location", location));
    let status = bot.handler.sends(&json!({ "text": "hello" })).await;
    assert_eq!(
        (status["total"].as_u64(), count(&status, "delivered")),
        (Some(1), 0),
        "{status}"
    );
    assert!(elsewhere.calls().is_empty(), "{:?}", elsewhere.calls());
}

/// A reference that came from elsewhere, by import or by an old file, names a host that must not get a token.
#[tokio::test]
async fn a_host_that_is_not_allowed_gets_neither_token_nor_post() {
    let elsewhere = crate::support::connector::Connector::start().await;
    let entra = crate::support::entra::Entra::start().await;
    let connector = crate::support::connector::Connector::start().await;
    let room = crate::support::room::Room::new();
    let references = json!({
        format!("_{TENANT}_{}", personal(1)): reference(BOT, &elsewhere.service_url(), 1),
        format!("_{TENANT}_{}", personal(2)): reference(BOT, &connector.service_url(), 2),
    });
    room.write(FILE, &references.to_string());
    let handler = crate::support::handler::custom(room)
        .settings(entra.settings(connector.host()))
        .start()
        .await;
    let status = handler.sends(&json!({ "text": "hello" })).await;
    assert_eq!(
        (status["total"].as_u64(), count(&status, "delivered")),
        (Some(2), 1),
        "{status}"
    );
    assert!(elsewhere.calls().is_empty(), "{:?}", elsewhere.calls());
    assert!(
        connector.messages()[0]
            .authorization
            .as_deref()
            .is_some_and(|value| value.starts_with("Bearer "))
    );
}

#[tokio::test]
async fn a_refused_secret_is_waited_for_and_the_status_and_the_log_say_so() {
    let bot = Bot::with(&[("BOT_PASSWORD", "not-the-secret")]).await;
    bot.acknowledges(&bot.teams.personal_install(1, 0)).await;
    let id = bot.handler.accepts(&json!({ "text": "hello" })).await;
    let status = bot.handler.waits(&id).await;
    assert_eq!(
        (&status["state"], count(&status, "pending")),
        (&json!("sending"), 1),
        "{status}"
    );
    let wait = &status["waiting"][0];
    assert_eq!(
        (&wait["tenant"], &wait["reason"]),
        (&json!(TENANT), &json!("credentials"))
    );
    assert!(wait["code"].as_str().unwrap().contains("7000215"), "{wait}");
    assert!(wait["detail"].as_str().unwrap().contains("BOT_ID"), "{wait}");
    assert!(
        wait["since"].is_string() && wait["nextTryAt"].is_string(),
        "{wait}"
    );
    assert!(bot.connector.messages().is_empty());
    assert!(
        bot.entra.token_requests().len() <= 3,
        "it is not asked again and again: {:?}",
        bot.entra.token_requests()
    );
    let log = bot.handler.output.text();
    let waits = "all that goes to a tenant waits";
    let lines: Vec<&str> = log.lines().filter(|line| line.contains(waits)).collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    for part in [&*id, TENANT, "7000215"] {
        assert!(lines[0].contains(part), "{}", lines[0]);
    }
}
