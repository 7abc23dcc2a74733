//! References of another registration are kept, reported, and never sent to.

use crate::support::{
    activities::{BOT, OTHER_BOT, TENANT, personal},
    connector::Connector,
    entra::Entra,
    handler::custom,
    notification::count,
    references::{FILE, reference},
    room::Room,
};
use serde_json::json;

#[tokio::test]
async fn another_bot_s_references_are_kept_apart() {
    let (entra, connector) = (Entra::start().await, Connector::start().await);
    let room = Room::new();
    let references = json!({
        format!("_{TENANT}_{}", personal(1)): reference(BOT, &connector.service_url(), 1),
        format!("_{TENANT}_{}", personal(2)): reference(OTHER_BOT, &connector.service_url(), 2),
    });
    room.write(FILE, &references.to_string());
    let handler = custom(room)
        .settings(entra.settings(connector.host()))
        .start()
        .await;

    let status = handler
        .sends(&json!({ "text": "hello", "audience": { "all": true } }))
        .await;
    assert_eq!(
        (status["total"].as_u64(), count(&status, "delivered")),
        (Some(1), 1),
        "{status}"
    );
    let named = json!({ "text": "hello", "audience": { "conversations": [personal(2)] } });
    let status = handler.sends(&named).await;
    assert_eq!(count(&status, "rejected"), 1, "{status}");
    assert_eq!(connector.reached(), [personal(1)]);
    assert!(
        handler.room.read(FILE).contains(OTHER_BOT),
        "they are still there"
    );
}

#[tokio::test]
async fn after_a_change_of_bot_id_the_old_ones_wait_for_their_bot() {
    let (entra, connector) = (Entra::start().await, Connector::start().await);
    let room = Room::new();
    let references =
        json!({ format!("_{TENANT}_{}", personal(1)): reference(OTHER_BOT, &connector.service_url(), 1) });
    room.write(FILE, &references.to_string());
    let handler = custom(room)
        .settings(entra.settings(connector.host()))
        .start()
        .await;
    let teams = crate::support::activities::Teams::at(&connector.service_url());
    let bearer = format!("Bearer {}", Entra::token(&connector.service_url()).signed());
    handler
        .receives_with(&teams.personal_install(2, 0), &bearer)
        .await
        .expect(200);
    let status = handler
        .sends(&json!({ "text": "hello", "audience": { "all": true } }))
        .await;
    assert_eq!(count(&status, "delivered"), 1, "{status}");
    assert_eq!(connector.reached(), [personal(2)]);
    assert!(
        handler.room.read(FILE).contains(OTHER_BOT),
        "they are still there"
    );
}
