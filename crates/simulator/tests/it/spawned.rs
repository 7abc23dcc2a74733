//! What the domain spawned belongs to its process: it dies and freezes with it.

use crate::basics::{key, world};
use notify::status::NotificationState;
use simulator::{fuse::Fuse, world::to_people};
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn a_dead_process_posts_nothing_more_although_it_spawned_a_task() {
    let mut world = world(90);
    let process = world.start(Fuse::new(None));
    let (service, fuse) = (process.service.clone(), process.fuse.clone());
    let submission = tokio::spawn(async move { service.submit(key("a"), to_people("x", 0..90)).await });
    world.pass(Duration::from_millis(500)).await;
    let on_their_way = world.teams.calls().len();
    assert!((1..90).contains(&on_their_way), "{on_their_way}");
    process.kill();
    let calls = fuse.calls();
    world.pass(Duration::from_secs(600)).await;
    assert_eq!(world.teams.calls().len(), on_their_way);
    assert!(!submission.is_finished(), "nobody is left to answer");
    // Its last step ends at a call that waits for ever.
    let more = fuse.calls() - calls;
    assert!(more <= 300, "{more} calls after its death");
}

#[tokio::test(start_paused = true)]
async fn a_frozen_process_posts_nothing_until_it_thaws_although_it_spawned_a_task() {
    let mut world = world(90);
    let process = world.start(Fuse::new(None));
    let service = process.service.clone();
    let submission = tokio::spawn(async move { service.submit(key("a"), to_people("x", 0..90)).await });
    world.pass(Duration::from_millis(500)).await;
    process.freezer.freeze();
    let on_their_way = world.teams.calls().len();
    assert!((1..90).contains(&on_their_way), "{on_their_way}");
    world.pass(Duration::from_secs(600)).await;
    assert_eq!(world.teams.calls().len(), on_their_way);
    assert!(!submission.is_finished(), "a frozen process answers nobody");
    process.freezer.thaw();
    let id = submission.await.unwrap().unwrap().id;
    let status = world
        .wait_for(&world.observer(), &id, Duration::from_secs(600))
        .await
        .unwrap();
    assert_eq!(
        (status.state, status.counts.delivered),
        (NotificationState::Finished, 90)
    );
    assert!(world.teams.repeated() <= status.resent);
}
