//! What is known of installations outlives the process.

use super::{at_least, card, conversation, happens, written};
use crate::support::{
    activities::{TENANT, personal},
    connector::Connector,
    handler::{Signal, custom, dev},
    jwt,
    modes::is_private,
    notification::count,
    references::{FILE, conversations, reference, stored},
    room::Room,
    wait,
};
use serde_json::{Value, json};

#[tokio::test]
async fn installations_survive_a_restart() {
    let handler = dev(Room::new()).start().await;
    let (person, group) = (
        conversation(&handler, "personal").await,
        conversation(&handler, "groupChat").await,
    );
    at_least(&handler, &person, 1).await;
    happens(&handler, &group, "uninstall").await;
    let port = handler.port;
    let (status, room, output) = handler.stop(Signal::Term).await;
    assert_eq!(status.code(), Some(0), "{}", output.text());

    let known = conversations(&room);
    assert!(known.contains(&person) && !known.contains(&group), "{known:?}");
    assert_eq!(known.len(), 2, "the person and the team: {known:?}");

    let handler = dev(room).on_port(port).start().await;
    let status = handler
        .sends(&json!({ "data": { "title": "after the restart" } }))
        .await;
    assert_eq!(
        (status["total"].as_u64(), count(&status, "delivered")),
        (Some(2), 2),
        "{status}"
    );
    let messages = written(&handler, &person).await;
    assert!(
        messages
            .iter()
            .any(|message| card(message).to_string().contains("after the restart")),
        "{messages:#?}"
    );
    assert!(
        !written(&handler, &group)
            .await
            .iter()
            .any(|message| message.to_string().contains("after the restart"))
    );
}

#[tokio::test]
async fn what_it_keeps_is_its_owner_s_whatever_the_umask() {
    let handler = dev(Room::new()).umask("000").start().await;
    let group = conversation(&handler, "groupChat").await;
    at_least(&handler, &group, 1).await;
    happens(&handler, &group, "uninstall").await;
    let (_, room, _) = handler.stop(Signal::Term).await;
    assert!(room.path(".notify/sandbox.json").is_file());
    is_private(&room, "000");
}

/// The timer's next occurrence is the same for both starts, and yet each start shows a card.
#[tokio::test]
async fn a_restart_shows_a_card_again() {
    let handler = dev(Room::new()).start().await;
    let person = conversation(&handler, "personal").await;
    at_least(&handler, &person, 1).await;
    let second = jwt::now();
    let port = handler.port;
    let (_, room, _) = handler.stop(Signal::Term).await;
    wait::until("another second", async || (jwt::now() > second + 1).then_some(())).await;
    let handler = dev(room).on_port(port).start().await;
    at_least(&handler, &person, 1).await;
}

#[tokio::test]
async fn a_killed_process_has_lost_nothing() {
    let handler = dev(Room::new()).start().await;
    let person = conversation(&handler, "personal").await;
    at_least(&handler, &person, 1).await;
    let port = handler.port;
    let room = handler.kill().await;
    assert_eq!(conversations(&room).len(), 3);

    let handler = dev(room).on_port(port).start().await;
    let status = handler.sends(&json!({ "text": "after the restart" })).await;
    assert_eq!(count(&status, "delivered"), 3, "{status}");
}

#[tokio::test]
async fn the_file_is_teamsfx_s() {
    let handler = dev(Room::new()).start().await;
    let person = conversation(&handler, "personal").await;
    wait::until("three references", async || {
        (stored(&handler.room).len() == 3).then_some(())
    })
    .await;
    for (key, reference) in stored(&handler.room) {
        let conversation = &reference["conversation"];
        let (tenant, id) = (
            conversation["tenantId"].as_str().unwrap(),
            conversation["id"].as_str().unwrap(),
        );
        assert_eq!(key, format!("_{tenant}_{id}"));
        assert_eq!(reference["channelId"], "msteams");
        assert!(
            reference["serviceUrl"]
                .as_str()
                .unwrap()
                .starts_with("http://127.0.0.1:"),
            "{reference}"
        );
        assert!(reference["bot"]["id"].is_string(), "{reference}");
        if id == person {
            assert!(
                reference["user"]["id"].as_str().unwrap().starts_with("29:"),
                "{reference}"
            );
        }
    }
}

/// As the TeamsFx template writes it with the Agents Playground.
#[tokio::test]
async fn an_existing_file_of_teamsfx_just_works() {
    let connector = Connector::start().await;
    let room = Room::new();
    let mut references = serde_json::Map::new();
    for n in 1..=3 {
        let mut reference = reference("unused", &connector.service_url(), n);
        reference["bot"] = json!({ "id": "00000000-0000-0000-0000-00000000000011", "name": "Test Bot" });
        references.insert(format!("_{TENANT}_{}", personal(n)), reference);
    }
    room.write(
        FILE,
        &serde_json::to_string_pretty(&Value::Object(references)).unwrap(),
    );

    let handler = custom(room).start().await;
    let status = handler.sends(&json!({})).await;
    assert_eq!(count(&status, "delivered"), 3, "{status}");
    assert_eq!(connector.reached(), [personal(1), personal(2), personal(3)]);
    assert_eq!(stored(&handler.room).len(), 3, "nothing is lost from the file");
}
