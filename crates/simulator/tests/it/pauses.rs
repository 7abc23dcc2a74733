//! Notifications that an operator pauses.

use super::basics::{LONG, key, world};
use notify::{
    ids::NotificationId,
    service::{NotificationService, ServiceError},
    status::{NotificationState, Status},
};
use simulator::{
    fuse::Fuse,
    world::{World, to_all, to_people},
};
use std::time::Duration;

/// How long posts may go on after a pause was confirmed.
const BOUND: Duration = Duration::from_secs(5);

async fn status(service: &NotificationService, id: &NotificationId) -> Status {
    service.status(id).await.unwrap()
}

fn posted(world: &World, text: &str) -> usize {
    let calls = world.teams.calls();
    calls
        .iter()
        .filter(|call| call.text.as_deref() == Some(text))
        .count()
}

#[tokio::test(start_paused = true)]
async fn a_pause_holds_until_it_is_resumed_and_the_lane_goes_on_with_others() {
    let mut world = world(2_000);
    let process = world.start(Fuse::new(None));
    let service = &process.service;
    let id = service.accept(key("a"), to_all("x")).await.unwrap().id;
    world.pass(Duration::from_secs(5)).await;
    service.pause(&id).await.unwrap();
    world.pass(BOUND).await;
    let so_far = posted(&world, "x");
    let paused = status(service, &id).await;
    assert_eq!(
        (paused.state, paused.reason),
        (NotificationState::Stopped, Some("paused"))
    );
    assert!(so_far < 700, "{so_far}");

    let other = service.submit(key("b"), to_people("y", [3])).await.unwrap().id;
    let other = world.wait_for(service, &other, LONG).await.unwrap();
    assert_eq!(other.counts.delivered, 1);
    service.pause(&id).await.unwrap();
    world.pass(Duration::from_secs(600)).await;
    assert_eq!(posted(&world, "x"), so_far);

    service.resume(&id).await.unwrap();
    let ended = world.wait_for(service, &id, LONG).await.unwrap();
    assert_eq!((ended.counts.delivered, ended.resent), (2_000, 0));
    assert_eq!(world.teams.repeated(), 0);
    for refused in [service.pause(&id).await, service.resume(&id).await] {
        assert!(matches!(refused, Err(ServiceError::State(_))));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_paused_before_it_is_planned_is_planned_and_not_sent() {
    let mut world = world(10);
    let observer = world.observer();
    let id = observer.accept(key("a"), to_all("x")).await.unwrap().id;
    observer.pause(&id).await.unwrap();
    let process = world.start(Fuse::new(None));
    world.pass(Duration::from_secs(120)).await;
    let paused = status(&process.service, &id).await;
    assert_eq!((paused.state, paused.total), (NotificationState::Stopped, 10));
    assert_eq!(world.teams.total(), 0);
    process.service.resume(&id).await.unwrap();
    let ended = world.wait_for(&process.service, &id, LONG).await.unwrap();
    assert_eq!(ended.counts.delivered, 10);
}

#[tokio::test(start_paused = true)]
async fn a_pause_survives_whoever_is_killed() {
    let mut world = world(2_000);
    let process = world.start(Fuse::new(None));
    let id = process.service.accept(key("a"), to_all("x")).await.unwrap().id;
    world.pass(Duration::from_secs(5)).await;
    process.service.pause(&id).await.unwrap();
    process.kill();
    let so_far = posted(&world, "x");
    let next = world.start(Fuse::new(None));
    world.pass(Duration::from_secs(300)).await;
    assert_eq!(posted(&world, "x"), so_far);
    next.service.resume(&id).await.unwrap();
    let ended = world.wait_for(&next.service, &id, LONG).await.unwrap();
    assert_eq!(ended.counts.delivered, 2_000);
}

#[tokio::test(start_paused = true)]
async fn what_is_paused_expires_all_the_same_and_can_be_cancelled() {
    let mut world = world(2_000);
    let process = world.start(Fuse::new(None));
    let mut request = to_all("x");
    let expires = world.clock.wall() + Duration::from_secs(100);
    request.expires_at = Some(expires);
    let expiring = process.service.accept(key("a"), request).await.unwrap().id;
    let cancelled = process.service.accept(key("b"), to_all("y")).await.unwrap().id;
    world.pass(Duration::from_secs(5)).await;
    for id in [&expiring, &cancelled] {
        process.service.pause(id).await.unwrap();
    }
    process.service.cancel(&cancelled).await.unwrap();
    world.pass(Duration::from_secs(200)).await;
    let expired = status(&process.service, &expiring).await;
    assert_eq!(expired.state, NotificationState::Finished);
    assert_eq!(expired.counts.delivered + expired.counts.skipped, 2_000);
    let cancelled = status(&process.service, &cancelled).await;
    assert_eq!(cancelled.state, NotificationState::Cancelled);
    let paused = process.service.pause(&cancelled.notification.id).await;
    assert!(matches!(paused, Err(ServiceError::State(_))));
}
