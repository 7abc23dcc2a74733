//! Operators beside a running bot: with Blob Storage both look at the same notifications.

use crate::support::{
    activities::Teams,
    azurite::Azurite,
    connector::Connector,
    handler::{Finished, run, serve},
    room::Room,
    wait,
};
use serde_json::json;
use std::time::Duration;

fn blob(container: &str) -> Vec<(&'static str, String)> {
    vec![
        ("AzureWebJobsStorage", Azurite::shared().connection_string()),
        ("NOTIFICATION_CONTAINER", container.to_owned()),
    ]
}

/// An operator's own copy of the project, whose wake-ups go to a queue of its own.
async fn operator(container: &str, arguments: &[&str]) -> Finished {
    let room = Room::new();
    room.edit("deliveryQueue/function.json", |function| {
        function["bindings"][0]["queueName"] = container.into();
    });
    let arguments: Vec<_> = ["notification"].iter().chain(arguments).copied().collect();
    let settings = blob(container);
    let settings: Vec<_> = settings
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    run(&room, &arguments, &settings, "").await
}

#[tokio::test]
async fn an_account_in_which_nothing_is_yet_has_no_notifications() {
    let container = Azurite::container();
    let listed = operator(&container, &["list", "--json"]).await;
    assert_eq!(listed.success().stdout, "");
    let shown = operator(&container, &["show", "01234567-89ab-8def-8123-456789abcdef"]).await;
    assert_eq!(shown.code, Some(1), "{shown:#?}");
}

#[tokio::test]
async fn a_cancel_reaches_the_process_that_sends() {
    let connector = Connector::start().await;
    let teams = Teams::at(&connector.service_url());
    let container = Azurite::container();
    let bot = serve(Room::new())
        .settings(blob(&container))
        .set("NOTIFICATION_RATE", "2")
        .start()
        .await;
    for n in 1..=40 {
        bot.receives(&teams.personal_install(n, 0)).await.expect(200);
    }
    let id = bot
        .accepts(&json!({ "text": "hello", "audience": { "all": true } }))
        .await;
    wait::until("the first message", async || {
        (!connector.messages().is_empty()).then_some(())
    })
    .await;
    let listed = operator(&container, &["list"]).await;
    assert!(listed.success().stdout.contains("sending"), "{listed:#?}");
    operator(&container, &["verify", &id]).await.success();
    operator(&container, &["cancel", &id]).await.success();
    let status = wait::within(Duration::from_secs(15), "the bot hears of it", async || {
        let status = bot.status(&id).await;
        (status["state"] == "cancelled").then_some(status)
    })
    .await;
    assert_eq!(status["counts"]["pending"], 0, "{status}");
    assert!(status["counts"]["cancelled"].as_u64() > Some(0), "{status}");
}
