//! Contents that are made for each recipient, beside the worker's own work.

use crate::basics::{LONG, key, world};
use notify::{request::Priority, status::NotificationState, worker::Slice};
use simulator::{
    fuse::Fuse,
    world::{to_all, to_people},
};
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn everyone_gets_a_content_of_their_own_once_at_the_speed_limit() {
    let mut world = world(1_000);
    let process = world.start(Fuse::new(None));
    let id = process
        .service
        .accept(key("a"), to_all("for-each"))
        .await
        .unwrap()
        .id;
    let status = world.wait_for(&process.service, &id, LONG).await.unwrap();
    assert_eq!(
        (status.state, status.counts.delivered),
        (NotificationState::Finished, 1_000)
    );
    assert_eq!(world.teams.repeated(), 0);
    assert!(world.teams.most_in_a_second() <= 50);
    let calls = world.teams.calls();
    let took = calls.last().unwrap().began.since(calls[0].began);
    assert!(took <= Duration::from_secs(24), "1,000 at 50/s took {took:?}");
}

#[tokio::test(start_paused = true)]
async fn an_urgent_one_does_not_wait_until_contents_are_made() {
    let mut world = world(500);
    let process = world.start(Fuse::new(None));
    let slow = process
        .service
        .accept(key("a"), to_all("for-each, slowly"))
        .await
        .unwrap()
        .id;
    world.pass(Duration::from_secs(5)).await;
    let mut urgent = to_people("now", [7]);
    urgent.priority = Priority::Urgent;
    let urgent = process.service.accept(key("b"), urgent).await.unwrap().id;
    let soon = world
        .wait_for(&process.service, &urgent, Duration::from_secs(20))
        .await;
    assert_eq!(soon.unwrap().counts.delivered, 1);
    let status = world.wait_for(&process.service, &slow, LONG).await.unwrap();
    assert_eq!(status.counts.delivered, 500);
}

#[tokio::test(start_paused = true)]
async fn a_cancel_or_an_end_finds_those_whose_contents_are_being_made() {
    let mut world = world(300);
    let process = world.start(Fuse::new(None));
    let cancelled = process
        .service
        .accept(key("a"), to_all("for-each, slowly: one"))
        .await
        .unwrap()
        .id;
    let mut expiring = to_all("for-each, slowly: two");
    expiring.expires_at = Some(jiff::Timestamp::from_second(1_800_000_012).unwrap());
    let expiring = process.service.accept(key("b"), expiring).await.unwrap().id;
    world.pass(Duration::from_secs(6)).await;
    process.service.cancel(&cancelled).await.unwrap();
    let status = world.wait_for(&process.service, &cancelled, LONG).await.unwrap();
    assert_eq!(status.counts.delivered + status.counts.cancelled, 300);
    let status = world.wait_for(&process.service, &expiring, LONG).await.unwrap();
    assert_eq!(status.counts.delivered + status.counts.skipped, 300);
    assert_eq!(world.teams.repeated(), 0);
}

/// Making a whole window takes longer than a slice: what is made in one must be posted in it, or the next begins anew.
#[tokio::test(start_paused = true)]
async fn slow_contents_are_sent_though_slices_are_short() {
    let mut world = world(120);
    world.slice = Slice(Duration::from_secs(12));
    let process = world.start(Fuse::new(None));
    let slow = process
        .service
        .accept(key("a"), to_all("for-each, slowly"))
        .await
        .unwrap()
        .id;
    let status = world.wait_for(&process.service, &slow, LONG).await.unwrap();
    assert_eq!(
        (status.state, status.counts.delivered),
        (NotificationState::Finished, 120)
    );
    assert_eq!(world.teams.repeated(), 0);
}
