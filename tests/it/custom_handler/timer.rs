//! The timer: envelopes in every shape that hosts send, one notification per occurrence, never two at once.

use super::{bot, tick};
use crate::support::{
    activities::{Teams, personal},
    connector::Connector,
    handler::{Handler, custom, serve},
    http::Answer,
    room::Room,
    wait,
};
use serde_json::{Value, json};
use std::time::Duration;

const NOW: &str = "2026-11-22T07:00:00.0451234Z";

async fn ticks(handler: &Handler, envelope: &Value) -> Answer {
    Answer::to(handler.post("/timerTrigger", envelope)).await
}

#[tokio::test]
async fn a_tick_sends_the_default_card_to_every_installation() {
    let (handler, connector, teams) = bot().await;
    for n in 1..=3 {
        handler.receives(&teams.personal_install(n, 0)).await.expect(200);
    }
    ticks(&handler, &tick(Some("2026-11-22T07:00:00+00:00"), NOW))
        .await
        .expect(200);
    wait::until("three cards", async || {
        (connector.messages().len() == 3).then_some(())
    })
    .await;
    let card = connector.messages()[0].body.to_string();
    assert!(
        card.contains("New Event Occurred!") && card.contains("View All"),
        "{card}"
    );
}

#[tokio::test]
async fn single_encoded_and_double_encoded_ticks_are_understood() {
    let (handler, connector, teams) = bot().await;
    handler.receives(&teams.personal_install(1, 0)).await.expect(200);
    let mut double = tick(Some("2026-11-22T07:00:00+00:00"), NOW);
    let inner = double["Data"]["timer"].to_string();
    double["Data"]["timer"] = inner.into();
    // The documentation's sample: other members, another case of the past-due flag.
    let documented = json!({
        "Data": { "myTimer": {
            "Schedule": { "AdjustForDST": true },
            "ScheduleStatus": { "Last": "2026-11-22T07:00:00Z", "LastUpdated": "2026-11-22T07:00:00Z", "Next": "2026-11-22T07:05:00Z" },
            "IsPastDue": true, "Unknown": { "more": [1] },
        } },
        "Metadata": { "sys": { "MethodName": "timerTrigger", "UtcNow": "2026-11-22T07:05:00Z", "RandGuid": "x" } },
    });
    let untracked = tick(None, "2026-11-22T07:10:00.0451234Z");
    for (nth, envelope) in [double, documented, untracked].iter().enumerate() {
        ticks(&handler, envelope).await.expect(200);
        wait::until("the tick's card", async || {
            (connector.messages().len() == nth + 1).then_some(())
        })
        .await;
        quiet(&handler).await;
    }
    assert_eq!(connector.reached(), [personal(1), personal(1), personal(1)]);
}

#[tokio::test]
async fn a_timer_that_is_off_obeys_a_tick_that_comes_all_the_same() {
    let room = Room::as_shipped();
    let connector = Connector::start().await;
    let teams = Teams::at(&connector.service_url());
    let handler = custom(room).start().await;
    handler.receives(&teams.personal_install(1, 0)).await.expect(200);
    ticks(&handler, &tick(Some("2026-11-22T07:00:00+00:00"), NOW))
        .await
        .expect(200);
    wait::until("the card", async || {
        (connector.messages().len() == 1).then_some(())
    })
    .await;
    // A function that is switched off is nothing to complain of.
    for event in handler.output.events() {
        assert!(
            !["WARN", "ERROR"].contains(&event["level"].as_str().unwrap()),
            "{event}"
        );
    }
}

#[tokio::test]
async fn serve_says_what_is_off_and_does_not_fire_it() {
    let room = Room::as_shipped();
    for function in ["timerTrigger", "reconcileTimer"] {
        room.edit(&format!("{function}/function.json"), |function| {
            function["bindings"][0]["schedule"] = "* * * * * *".into();
        });
    }
    let connector = Connector::start().await;
    let teams = Teams::at(&connector.service_url());
    let handler = serve(room).start().await;
    handler.receives(&teams.personal_install(1, 0)).await.expect(200);
    let lines = handler.output.out();
    let off: Vec<_> = lines
        .iter()
        .filter(|line| line.starts_with("Disabled:"))
        .collect();
    assert_eq!(off, ["Disabled: timerTrigger"], "{lines:?}");

    // The other timer has the same schedule: after three of its ticks one of this would have come.
    let calls = |function: &str| {
        let events = handler.output.events();
        events
            .iter()
            .filter(|event| event["function"] == function)
            .count()
    };
    wait::until("three ticks of the other timer", async || {
        (calls("reconcileTimer") >= 3).then_some(())
    })
    .await;
    assert_eq!(calls("timerTrigger"), 0);
    assert!(connector.messages().is_empty());
    for event in handler.output.events() {
        assert!(
            !["WARN", "ERROR"].contains(&event["level"].as_str().unwrap()),
            "{event}"
        );
    }
}

/// Waits until nothing of the timer is unfinished any more, seen through a notification that comes after it.
async fn quiet(handler: &Handler) {
    handler
        .sends(&json!({ "text": "after", "audience": { "tenants": ["nobody-s-tenant"] } }))
        .await;
}

#[tokio::test]
async fn an_occurrence_reported_twice_is_sent_once() {
    let (handler, connector, teams) = bot().await;
    handler.receives(&teams.personal_install(1, 0)).await.expect(200);
    let first = tick(Some("2026-11-22T07:00:00+00:00"), NOW);
    ticks(&handler, &first).await.expect(200);
    wait::until("the card", async || {
        (connector.messages().len() == 1).then_some(())
    })
    .await;
    quiet(&handler).await;
    ticks(&handler, &first).await.expect(200);
    quiet(&handler).await;
    ticks(
        &handler,
        &tick(Some("2026-11-22T07:30:00+00:00"), "2026-11-22T07:30:00Z"),
    )
    .await
    .expect(200);
    wait::until("the next occurrence's card", async || {
        (connector.messages().len() >= 2).then_some(())
    })
    .await;
    quiet(&handler).await;
    assert_eq!(
        connector.messages().len(),
        2,
        "the repeated occurrence sent nothing"
    );
}

#[tokio::test]
async fn a_tick_is_skipped_while_the_previous_one_is_unfinished() {
    let (handler, connector, teams) = bot().await;
    handler.receives(&teams.personal_install(1, 0)).await.expect(200);
    connector.take_time(Duration::from_secs(4));
    ticks(&handler, &tick(Some("2026-11-22T07:00:00+00:00"), NOW))
        .await
        .expect(200);
    ticks(
        &handler,
        &tick(Some("2026-11-22T07:00:30+00:00"), "2026-11-22T07:00:30Z"),
    )
    .await
    .expect(200);
    wait::until("a log line about the skipped run", async || {
        let logged = |event: &Value| event.to_string().to_lowercase().contains("skip");
        handler.output.events().iter().any(logged).then_some(())
    })
    .await;
    wait::until("the first card", async || {
        (connector.messages().len() == 1).then_some(())
    })
    .await;
    connector.take_time(Duration::ZERO);
    // A run after the first has ended is not skipped.
    wait::until("a later tick's card", async || {
        let nth = connector.calls().len() + handler.output.events().len();
        let next = format!("2026-11-22T08:{:02}:{:02}+00:00", nth / 60 % 60, nth % 60);
        ticks(&handler, &tick(Some(&next), &next)).await.expect(200);
        (connector.messages().len() >= 2).then_some(())
    })
    .await;
}
