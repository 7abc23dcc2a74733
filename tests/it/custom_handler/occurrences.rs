//! A tick without the host's record stands for the schedule's occurrence, whichever instance's clock reported it.

use super::tick;
use crate::support::{
    activities::Teams,
    azurite::Azurite,
    connector::Connector,
    handler::{Handler, Start, custom},
    http::Answer,
    room::Room,
    wait,
};
use serde_json::json;

const EVERY_HALF_MINUTE: &str = "*/30 * * * * *";

/// A project whose timer has this schedule and is switched off: a tick that comes all the same is obeyed.
fn room(schedule: &str) -> Room {
    let room = Room::as_shipped();
    room.edit("timerTrigger/function.json", |function| {
        function["bindings"][0]["schedule"] = schedule.into();
        function["disabled"] = true.into();
    });
    room
}

fn on_blobs(container: &str) -> Start {
    custom(room(EVERY_HALF_MINUTE))
        .set("AzureWebJobsStorage", Azurite::shared().connection_string())
        .set("NOTIFICATION_CONTAINER", container)
}

/// The bot is installed for people 1 to 3.
async fn install(handler: &Handler, connector: &Connector) {
    let teams = Teams::at(&connector.service_url());
    for n in 1..=3 {
        handler.receives(&teams.personal_install(n, 0)).await.expect(200);
    }
}

/// The host fires the timer at a time of its own clock, and keeps no record of it.
async fn fire(handler: &Handler, at: &str) {
    let at = format!("2026-11-22T{at}Z");
    Answer::to(handler.post("/timerTrigger", &tick(None, &at)))
        .await
        .expect(200);
}

async fn messages(connector: &Connector, count: usize) {
    wait::until(&format!("{count} messages"), async || {
        (connector.messages().len() >= count).then_some(())
    })
    .await;
}

/// All that was asked for before has ended when this has.
async fn settle(handler: &Handler) {
    handler
        .sends(&json!({ "text": "after", "audience": { "tenants": ["nobody-s-tenant"] } }))
        .await;
}

#[tokio::test]
async fn two_instances_that_fire_one_tick_send_once() {
    let connector = Connector::start().await;
    let container = Azurite::container();
    let first = on_blobs(&container).start().await;
    let second = on_blobs(&container).start().await;
    install(&first, &connector).await;

    // At the same moment, the clocks 300 ms apart.
    tokio::join!(
        fire(&first, "07:00:00.0451234"),
        fire(&second, "07:00:00.3451234")
    );
    messages(&connector, 3).await;
    // Later, by a clock that is 3 s behind; and by one that is early.
    fire(&second, "07:00:03.0451234").await;
    fire(&first, "06:59:59.7001234").await;
    settle(&first).await;
    settle(&second).await;
    assert_eq!(connector.messages().len(), 3, "one message for each installation");
    for handler in [&first, &second] {
        let text = handler.output.text().to_lowercase();
        assert!(!text.contains("run is skipped"), "nothing was skipped:\n{text}");
    }
    second.says(&["this occurrence was accepted before"]).await;

    // The next occurrence is another one.
    tokio::join!(
        fire(&first, "07:00:30.0451234"),
        fire(&second, "07:00:33.0451234")
    );
    messages(&connector, 6).await;
    settle(&first).await;
    settle(&second).await;
    assert_eq!(connector.messages().len(), 6);
}

#[tokio::test]
async fn the_second_instance_joins_an_occurrence_that_is_still_on_its_way() {
    let connector = Connector::start().await;
    let container = Azurite::container();
    let first = on_blobs(&container).start().await;
    let second = on_blobs(&container).start().await;
    install(&first, &connector).await;
    connector.take_time(std::time::Duration::from_secs(3));
    fire(&first, "07:00:00.0451234").await;
    fire(&second, "07:00:00.3451234").await;
    second.says(&["this occurrence was accepted before"]).await;
    messages(&connector, 3).await;
    let text = second.output.text().to_lowercase();
    assert!(!text.contains("run is skipped"), "{text}");
    // One that comes while the first is unfinished is another occurrence: skipped, as ever.
    fire(&second, "07:00:30.0451234").await;
    settle(&first).await;
    assert_eq!(connector.messages().len() % 3, 0);
}

/// What the handler logged of each tick: the notification that it made or joined.
fn logged_ids(handler: &Handler) -> Vec<String> {
    let events = handler.output.events();
    let ticks = events
        .iter()
        .filter(|event| event.to_string().contains("\"timer: "));
    ticks
        .map(|event| {
            let text = event.to_string();
            let (_, rest) = text.split_once("\"notification_id\":\"").expect("an id");
            rest.split('"').next().unwrap_or_default().to_owned()
        })
        .collect()
}

/// Fires one handler's timer with this schedule at these times, each when the one before has ended; the messages to one
/// person after each.
async fn counts(schedule: &str, settings: &[(&str, &str)], times: &[&str]) -> Vec<usize> {
    let connector = Connector::start().await;
    let handler = custom(room(schedule))
        .settings(settings.iter().copied())
        .start()
        .await;
    let teams = Teams::at(&connector.service_url());
    handler.receives(&teams.personal_install(1, 0)).await.expect(200);
    let mut counts = Vec::new();
    for at in times {
        fire(&handler, at).await;
        let id = wait::until("what became of the tick", async || {
            logged_ids(&handler).get(counts.len()).cloned()
        })
        .await;
        handler.ends(&id).await;
        counts.push(connector.messages().len());
    }
    counts
}

#[tokio::test]
async fn a_run_by_hand_keeps_its_own_time() {
    let times = ["07:00:00.1", "07:00:09.9", "07:00:14", "07:00:15", "07:00:29.2"];
    let seen = counts(EVERY_HALF_MINUTE, &[], &times).await;
    assert_eq!(seen, [1, 1, 2, 3, 4], "by hand twice: two notifications");
}

#[tokio::test]
async fn the_schedule_may_be_a_setting_and_an_interval_has_no_occurrences() {
    let settings = [("TIMER_SCHEDULE", "*/20 * * * * *")];
    let seen = counts(
        "%TIMER_SCHEDULE%",
        &settings,
        &["07:00:20.1", "07:00:22", "07:00:40"],
    )
    .await;
    assert_eq!(seen, [1, 1, 2]);
    let seen = counts("00:00:30", &[], &["07:00:00.1", "07:00:00.4"]).await;
    assert_eq!(seen, [1, 2]);
}

#[tokio::test]
async fn a_function_json_that_can_t_be_read_leaves_the_host_s_time() {
    let seen = counts("%NOT_SET%", &[], &["07:00:00.1", "07:00:00.4"]).await;
    assert_eq!(seen, [1, 2]);
}
