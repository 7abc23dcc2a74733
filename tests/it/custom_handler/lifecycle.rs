//! How it ends: in order when asked, loudly when it must.

use super::bot;
use crate::support::{
    activities::personal,
    handler::{Signal, custom, run},
    references::conversations,
    room::Room,
};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn sigterm_and_sigint_end_it_with_exit_code_0() {
    for signal in [Signal::Term, Signal::Int] {
        let (handler, _, teams) = bot().await;
        handler.receives(&teams.personal_install(1, 0)).await.expect(200);
        let (status, room, output) = handler.stop(signal).await;
        assert_eq!(status.code(), Some(0), "{signal:?}: {}", output.text());
        assert_eq!(conversations(&room), [personal(1)]);
    }
}

#[tokio::test]
async fn a_post_in_flight_does_not_keep_it_from_ending() {
    let (handler, connector, teams) = bot().await;
    handler.receives(&teams.personal_install(1, 0)).await.expect(200);
    connector.take_time(Duration::from_secs(600));
    handler.accepts(&json!({})).await;
    let (status, ..) = handler.stop(Signal::Term).await;
    assert_eq!(status.code(), Some(0));
}

/// Exit code 0 would tell the host never to start it again, 200 to start it for free.
#[tokio::test]
async fn a_fatal_error_is_not_exit_code_0() {
    let finished = custom(Room::new()).set("NOTIFICATION_RATE", "never").end().await;
    finished.complains(&["NOTIFICATION_RATE"]);
    assert_ne!(finished.code, Some(200));
}

#[tokio::test]
async fn without_a_port_and_a_command_it_prints_help_and_exits_2() {
    let finished = run(&Room::new(), &[], &[], "").await;
    assert_eq!(finished.code, Some(2), "{finished:#?}");
    for word in ["Usage", "dev", "serve", "card"] {
        assert!(finished.text().contains(word), "{word}: {finished:#?}");
    }
}
