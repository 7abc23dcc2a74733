//! The cards that arrive: by themselves, by the clock, by request.

use super::{at_least, card, conversation, conversations};
use crate::support::{
    handler::dev,
    http::{Answer, client},
    notification::accepted,
    room::Room,
};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn the_first_card_comes_by_itself_to_a_person_a_group_and_a_team() {
    let handler = dev(Room::new()).start().await;
    let personal = conversation(&handler, "personal").await;
    at_least(&handler, &personal, 1).await;
    // One second is the aim on a free machine; this one has much else to do.
    assert!(
        handler.started.elapsed() < Duration::from_secs(20),
        "{:?}",
        handler.started.elapsed()
    );

    let group = conversation(&handler, "groupChat").await;
    for chat in [&personal, &group] {
        let first = &at_least(&handler, chat, 1).await[0];
        let card = card(first).to_string();
        assert!(
            card.contains("New Event Occurred!") && card.contains("View All"),
            "{card}"
        );
        assert!(!card.contains("${"), "the template is not filled: {card}");
    }
    let channels = conversations(&handler)
        .await
        .into_iter()
        .filter(|view| view["scope"] == "channel")
        .count();
    assert!(channels >= 2, "a team with two channels");
    crate::support::wait::until("a card in a channel of the team", async || {
        let views = conversations(&handler).await;
        views
            .iter()
            .any(|view| view["scope"] == "channel" && view["accepted"] == 1)
            .then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_timer_goes_on_by_its_schedule() {
    let room = Room::as_shipped();
    room.edit("timerTrigger/function.json", |function| {
        function["bindings"][0]["schedule"] = "* * * * * *".into()
    });
    let handler = dev(room).start().await;
    let personal = conversation(&handler, "personal").await;
    at_least(&handler, &personal, 3).await;
}

#[tokio::test]
async fn a_post_with_the_printed_key_sends_one_more_and_data_changes_the_card() {
    let handler = dev(Room::new()).start().await;
    let personal = conversation(&handler, "personal").await;
    at_least(&handler, &personal, 1).await;

    let key = handler.printed_key().expect("the key is printed");
    let bare = client()
        .post(handler.url("/api/notification"))
        .header("x-functions-key", &key);
    accepted(&Answer::to(bare).await.expect(202).json());
    let two = at_least(&handler, &personal, 2).await;
    assert_eq!(card(&two[0]), card(&two[1]), "an empty body is the default card");

    let titled = handler.post(
        "/api/notification",
        &json!({ "data": { "title": "Coffee is ready" } }),
    );
    accepted(&Answer::to(titled).await.expect(202).json());
    let three = at_least(&handler, &personal, 3).await;
    let card = card(&three[2]).to_string();
    assert!(
        card.contains("Coffee is ready") && !card.contains("New Event Occurred!"),
        "{card}"
    );
}

#[tokio::test]
async fn without_the_key_nothing_is_sent() {
    let handler = dev(Room::new()).start().await;
    let personal = conversation(&handler, "personal").await;
    at_least(&handler, &personal, 1).await;

    let url = handler.url("/api/notification");
    Answer::to(client().post(&url)).await.expect(401);
    Answer::to(client().post(&url).header("x-functions-key", "wrong"))
        .await
        .expect(401);
    let by_query = format!("{url}?code={}", handler.printed_key().unwrap());
    Answer::to(client().post(&by_query)).await.expect(202);
    at_least(&handler, &personal, 2).await;
    let unknown = Answer::to(handler.request(Method::GET, "/api/nothing-here")).await;
    assert_eq!(unknown.status, 404);
}
