//! The log: one JSON line per event, found by invocation id, and nothing private in it.

use crate::support::{
    activities::{NAME, SECRET, Teams, personal},
    connector::{Connector, Reply},
    entra::Entra,
    handler::custom,
    http::{Answer, client},
    room::Room,
    wait,
};
use serde_json::{Value, json};

const INVOCATION: &str = "2f9d6c9e-aaaa-4aaa-8aaa-0000000000ff";

#[tokio::test]
async fn every_line_is_json_and_carries_its_invocation() {
    let connector = Connector::start().await;
    let handler = custom(Room::new()).start().await;
    let activity = Teams::at(&connector.service_url()).personal_install(1, 0);
    let request = client()
        .post(handler.url("/api/messages"))
        .header("content-type", "application/json")
        .header("x-azure-functions-invocationid", INVOCATION)
        .body(activity.to_string());
    Answer::to(request).await.expect(200);
    let logged = wait::until("a line with the invocation id", async || {
        let events = handler.output.events();
        events
            .into_iter()
            .find(|event| event.to_string().contains(INVOCATION))
    })
    .await;
    assert_eq!(logged["invocation_id"], INVOCATION, "{logged}");
    for line in handler.output.out() {
        let event: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(event.is_object(), "{line}");
    }
    assert_eq!(
        handler.output.err(),
        Vec::<String>::new(),
        "standard error is for what someone must act on"
    );
}

/// Everything is tried that might talk: good and bad tokens, failing posts, bad bodies, commands, keys.
#[tokio::test]
async fn names_texts_keys_and_tokens_are_never_logged() {
    let entra = Entra::start().await;
    let connector = Connector::start().await;
    let url = connector.service_url();
    let room = Room::new();
    let handler = custom(room)
        .settings(entra.settings(connector.host()))
        .start()
        .await;
    let teams = Teams::at(&url);
    let token = Entra::token(&url).signed();
    let bearer = format!("Bearer {token}");
    handler
        .receives_with(&teams.personal_install(1, 0), &bearer)
        .await
        .expect(200);
    handler
        .receives_with(&teams.personal_message(1, "help planted-text", 1), &bearer)
        .await
        .expect(200);
    let forged = Entra::token(&url).hs256(b"planted");
    handler
        .receives_with(&teams.personal_install(2, 0), &format!("Bearer {forged}"))
        .await
        .expect(401);
    handler
        .receives_with(&json!({ "type": 7, "text": "planted-text" }), &bearer)
        .await
        .expect(400);

    connector.script(
        &personal(1),
        [Reply::json(
            403,
            &json!({ "error": { "code": "Odd", "message": "planted-text" } }),
        )],
    );
    let loud = json!({ "data": { "title": "planted-title", "description": "planted-data" }, "summary": "planted-summary" });
    handler.sends(&loud).await;
    handler.sends(&json!({ "text": "planted-text" })).await;
    handler
        .notify(&json!({ "card": { "type": "AdaptiveCard", "planted-member": "${planted(" } }))
        .await;
    handler.notify(&json!({ "planted-member": 1 })).await.expect(400);
    let keyed = client()
        .post(handler.url("/api/notification?code=planted-code"))
        .header("x-functions-key", "planted-key")
        .header("x-azure-functions-invocationid", INVOCATION)
        .body("{}");
    Answer::to(keyed).await.expect(202);
    wait::until("the last request's line", async || {
        handler.output.text().contains(INVOCATION).then_some(())
    })
    .await;

    let text = handler.output.text();
    let issued = entra.issued().join(" ");
    assert!(!issued.is_empty());
    let planted = [
        "planted-text",
        "planted-title",
        "planted-data",
        "planted-summary",
        "planted-code",
        "planted-key",
        NAME,
        SECRET,
        &token,
        &forged,
        issued.split(' ').next().unwrap(),
    ];
    for secret in planted {
        assert!(!text.contains(secret), "{secret} is in the log:\n{text}");
    }
}
