//! What can stand in the way of a start, and how it is said.

use super::{at_least, conversation};
use crate::support::{
    handler::{LOCAL_KEY, Signal, dev, free_port, serve},
    http::{Answer, client},
    room::Room,
};
use std::net::TcpListener;

#[tokio::test]
async fn a_port_in_use_is_named_and_the_exit_code_is_not_zero() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    for start in [dev(Room::new()), serve(Room::new())] {
        let finished = start.on_port(port).end().await;
        finished.complains(&[&port.to_string(), "in use"]);
    }
}

#[tokio::test]
async fn a_folder_without_host_json_is_explained() {
    let finished = dev(Room::empty()).end().await;
    finished.complains(&["host.json"]);
}

#[tokio::test]
async fn dev_and_serve_stop_when_asked() {
    for signal in [Signal::Term, Signal::Int] {
        let (status, _, output) = dev(Room::new()).start().await.stop(signal).await;
        assert_eq!(status.code(), Some(0), "{signal:?}: {}", output.text());
    }
    let (status, _, output) = serve(Room::new()).start().await.stop(Signal::Term).await;
    assert_eq!(status.code(), Some(0), "{}", output.text());
}

#[tokio::test]
async fn two_at_once_do_not_meet() {
    let port = free_port();
    let first = dev(Room::new()).on_port(port).start().await;
    let second = dev(Room::new()).start().await;
    assert_ne!(first.port, second.port);
}

/// A room whose demonstration its function.json disables.
fn disabled() -> Room {
    let room = Room::new();
    room.edit("timerTrigger/function.json", |function| {
        function["disabled"] = true.into()
    });
    room
}

#[tokio::test]
async fn dev_shows_the_demonstration_that_is_disabled_for_production() {
    let handler = dev(disabled()).start().await;
    let person = conversation(&handler, "personal").await;
    at_least(&handler, &person, 1).await;
    let text = handler.output.text();
    assert!(
        text.contains("timerTrigger: timer") && !text.contains("(disabled)"),
        "{text}"
    );
}

#[tokio::test]
async fn what_a_setting_disables_stays_so_and_is_no_error() {
    let handler = dev(disabled())
        .set("AzureWebJobs.timerTrigger.Disabled", "true")
        .set("LOG_LEVEL", "info,custom_handler=info")
        .start()
        .await;
    // The other timer's tick at the start comes last.
    handler.says(&["reconcileTimer answered 200"]).await;
    let (status, _, output) = handler.stop(Signal::Term).await;
    let text = output.text();
    assert_eq!(status.code(), Some(0), "{text}");
    assert!(
        !text.contains("timerTrigger answered") && !text.contains("ERROR"),
        "{text}"
    );
}

#[tokio::test]
async fn serve_leaves_disabled_what_is_disabled() {
    let handler = serve(disabled()).start().await;
    let by_hand = client()
        .post(handler.url("/admin/functions/timerTrigger"))
        .header("x-functions-key", LOCAL_KEY);
    let answer = Answer::to(by_hand).await.expect(409);
    assert!(answer.body.contains("timerTrigger is disabled"), "{answer:#?}");
    let text = handler.output.text();
    assert!(
        text.contains("(disabled)") && !text.contains("ERROR") && !text.contains("WARN"),
        "{text}"
    );
}
