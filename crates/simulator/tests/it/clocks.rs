//! Wall clocks that jump while something is sent and while it stands still: mostly ahead; jumps back are in the schedules
//! too.

use crate::basics::{LONG, key};
use jiff::Timestamp;
use notify::{ports::Verdict, status::NotificationState, worker::Slice};
use simulator::{
    fuse::Fuse,
    teams::{Latency, Script, Storm},
    time::beginning,
    world::{World, to_all},
};
use std::time::Duration;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const LATENCY: Latency = Latency::Constant(Duration::from_millis(50));

fn after_the_beginning(seconds: i64) -> Option<Timestamp> {
    beginning()
        .checked_add(jiff::SignedDuration::from_secs(seconds))
        .ok()
}

/// Credentials are refused for the first ten minutes.
fn refused_at_first() -> World {
    let storm = Storm {
        from: Duration::ZERO,
        to: Duration::from_secs(600),
        tenant: None,
        verdict: Verdict::Unauthorized,
    };
    let world = World::new(3, LATENCY, |teams| teams.stormy(vec![storm]));
    world.install(100);
    world
}

#[tokio::test(start_paused = true)]
async fn a_jump_ahead_while_sending_changes_neither_the_pace_nor_who_gets_it() {
    for by in [HOUR, DAY] {
        let mut world = World::new(2, LATENCY, |teams| teams.limited(50));
        world.install(3_000);
        let process = world.start(Fuse::new(None));
        let id = process.service.accept(key("a"), to_all("x")).await.unwrap().id;
        world.pass(Duration::from_secs(20)).await;
        process.clock.set_off_by(by);
        let status = world.wait_for(&process.service, &id, LONG).await.unwrap();
        assert_eq!((status.counts.delivered, status.resent), (3_000, 0));
        assert_eq!((world.teams.throttled(), world.teams.repeated()), (0, 0));
        assert!(world.teams.most_in_a_second() <= 50);
        let calls = world.teams.calls();
        let took = calls.last().unwrap().began.since(calls[0].began);
        assert!(took <= Duration::from_millis(60_600), "off by {by} ms: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_jump_ahead_and_a_kill_a_process_with_the_right_time_goes_on() {
    for by in [HOUR, DAY] {
        let mut world = World::new(4, LATENCY, |teams| teams.limited(50));
        world.install(3_000);
        let first = world.start(Fuse::new(None));
        let id = first.service.accept(key("a"), to_all("x")).await.unwrap().id;
        world.pass(Duration::from_secs(10)).await;
        first.clock.set_off_by(by);
        world.pass(Duration::from_secs(10)).await;
        first.kill();
        let died = world.now();
        let second = world.start(Fuse::new(None));
        let status = world.wait_for(&second.service, &id, LONG).await.unwrap();
        assert_eq!(status.counts.delivered, 3_000);
        assert!(world.teams.repeated() <= status.resent && status.resent <= 100);
        assert!(world.teams.most_in_a_second() <= 50);
        let calls = world.teams.calls();
        let next = calls.iter().find(|call| call.began.since_origin() > died);
        let silence = next.unwrap().began.since_origin() - died;
        assert!(silence <= Duration::from_secs(105), "off by {by} ms: {silence:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_jump_beyond_the_expiry_ends_what_is_being_sent() {
    let mut world = World::new(5, LATENCY, |teams| teams);
    world.install(3_000);
    let process = world.start(Fuse::new(None));
    let mut request = to_all("x");
    request.expires_at = after_the_beginning(1_800);
    let id = process.service.accept(key("a"), request).await.unwrap().id;
    world.pass(Duration::from_secs(20)).await;
    process.clock.set_off_by(HOUR);
    let status = world.wait_for(&process.service, &id, LONG).await.unwrap();
    assert_eq!(status.state, NotificationState::Finished);
    assert_eq!(status.counts.delivered, world.teams.total());
    assert!((950..=1_100).contains(&status.counts.delivered), "{status:?}");
    assert_eq!(status.counts.delivered + status.counts.skipped, 3_000);
}

#[tokio::test(start_paused = true)]
async fn what_waits_expires_when_the_clock_jumps_beyond_its_expiry() {
    let mut world = refused_at_first();
    let process = world.start(Fuse::new(None));
    let mut request = to_all("x");
    request.expires_at = after_the_beginning(1_800);
    let id = process.service.accept(key("a"), request).await.unwrap().id;
    world.pass(Duration::from_secs(30)).await;
    let status = process.service.status(&id).await.unwrap();
    assert_eq!((status.waiting.len(), status.pending), (1, 100));
    process.clock.set_off_by(HOUR);
    // The reconciler looks once a minute, and its wake-up is followed.
    world.pass(Duration::from_secs(75)).await;
    let status = process.service.status(&id).await.unwrap();
    assert!(status.notification.finished_at.is_some(), "{status:?}");
    assert_eq!((status.counts.skipped, status.pending), (100, 0));
    assert_eq!(world.teams.total(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_waits_survives_a_jump_that_its_expiry_lies_beyond() {
    let mut world = refused_at_first();
    let process = world.start(Fuse::new(None));
    let id = process.service.accept(key("a"), to_all("x")).await.unwrap().id;
    world.pass(Duration::from_secs(30)).await;
    process.clock.set_off_by(DAY);
    world.pass(Duration::from_secs(300)).await;
    let status = process.service.status(&id).await.unwrap();
    assert_eq!((status.waiting.len(), status.pending), (1, 100));
    let status = world.wait_for(&process.service, &id, LONG).await.unwrap();
    assert_eq!(
        (status.state, status.counts.delivered),
        (NotificationState::Finished, 100)
    );
    assert_eq!(world.teams.repeated(), 0);
}

/// Who waits is handed from owner to owner by the wall clock.
#[tokio::test(start_paused = true)]
async fn a_jump_back_by_a_day_does_not_make_waiting_recipients_wait_for_a_day() {
    let mut world = World::new(6, LATENCY, |teams| teams);
    world.install(10);
    world.slice = Slice(Duration::from_secs(20));
    let retry_after = Some(Duration::from_secs(30));
    world
        .teams
        .script(4, [Script::Answer(Verdict::NotNow { retry_after })]);
    let process = world.start(Fuse::new(None));
    let id = process.service.accept(key("a"), to_all("x")).await.unwrap().id;
    world.pass(Duration::from_secs(3)).await;
    process.clock.set_off_by(-DAY);
    let status = world
        .wait_for(&process.service, &id, Duration::from_secs(300))
        .await
        .unwrap();
    assert_eq!((status.counts.delivered, status.resent), (10, 0));
}
