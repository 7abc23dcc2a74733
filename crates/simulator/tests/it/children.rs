//! Edits and recalls of whole notifications.

use super::basics::{key, world};
use notify::{
    outcome::Counts,
    ports::Verdict,
    service::ServiceError,
    status::{NotificationState, Planning},
};
use simulator::{
    fuse::Fuse,
    teams::Script,
    world::{request, to_all},
};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(3_600);

#[tokio::test(start_paused = true)]
async fn a_recall_of_what_is_being_sent_cancels_it_and_deletes_every_message_that_left() {
    let mut world = world(2_000);
    let process = world.start(Fuse::new(None));
    let id = process.service.accept(key("a"), to_all("x")).await.unwrap().id;
    world.pass(Duration::from_secs(10)).await;
    let child = process
        .service
        .recall(&id, "r", request("", None))
        .await
        .unwrap()
        .id;
    let recalled = world.wait_for(&process.service, &child, LONG).await.unwrap();
    let parent = process.service.status(&id).await.unwrap();
    assert_eq!(parent.state, NotificationState::Cancelled);
    assert!(parent.counts.delivered >= 400);
    assert_eq!(recalled.counts.delivered, parent.counts.delivered);
    assert_eq!(recalled.total, parent.counts.delivered);
}

#[tokio::test(start_paused = true)]
async fn what_is_being_sent_is_not_edited() {
    let mut world = world(2_000);
    let process = world.start(Fuse::new(None));
    let id = process.service.accept(key("a"), to_all("x")).await.unwrap().id;
    world.pass(Duration::from_secs(5)).await;
    let edited = process.service.update(&id, "u", request("y", None)).await;
    assert!(matches!(
        edited,
        Err(notify::accept::AcceptError::Parent(ServiceError::State(_)))
    ));
    assert!(
        process
            .service
            .status(&id)
            .await
            .unwrap()
            .notification
            .operations
            .is_empty()
    );
}

#[tokio::test(start_paused = true)]
async fn the_edit_that_was_asked_for_last_reaches_teams_last() {
    let mut world = world(600);
    let process = world.start(Fuse::new(None));
    let id = process.service.accept(key("a"), to_all("x")).await.unwrap().id;
    world.wait_for(&process.service, &id, LONG).await.unwrap();
    let first = process
        .service
        .update(&id, "1", request("y", None))
        .await
        .unwrap()
        .id;
    world.pass(Duration::from_secs(3)).await;
    let second = process
        .service
        .update(&id, "2", request("z", None))
        .await
        .unwrap()
        .id;
    world.pass(Duration::from_secs(3)).await;
    let waiting = process.service.status(&second).await.unwrap();
    assert_eq!(
        (waiting.state, waiting.planned),
        (NotificationState::Queued, Planning::Open)
    );
    let first = world.wait_for(&process.service, &first, LONG).await.unwrap();
    let second = world.wait_for(&process.service, &second, LONG).await.unwrap();
    assert_eq!((first.counts.delivered, second.counts.delivered), (600, 600));
    let parent = process.service.status(&id).await.unwrap().notification;
    let ids: Vec<_> = parent.operations.iter().map(|operation| &operation.id).collect();
    assert_eq!(ids, [&first.notification.id, &second.notification.id]);
    let of_an_edit = process.service.recall(ids[0], "r", request("", None)).await;
    assert!(of_an_edit.is_err(), "an edit has no messages of its own");
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_need_not_be_the_last_word_and_what_is_ambiguous_is_bounded() {
    let mut world = world(4);
    let process = world.start(Fuse::new(None));
    let id = process.service.accept(key("a"), to_all("x")).await.unwrap().id;
    world.wait_for(&process.service, &id, LONG).await.unwrap();
    let answer = |verdict: Verdict| Script::Answer(verdict);
    for request in ["edit", "recall"] {
        world.teams.script(0, [answer(Verdict::OnceMore)]);
        world
            .teams
            .script(1, [answer(Verdict::OnceMore), answer(Verdict::OnceMore)]);
        world.teams.script(2, [answer(Verdict::MessageGone)]);
        // A page instead of an answer, again and again.
        world
            .teams
            .script(3, [(); 5].map(|()| answer(Verdict::Ambiguous)));
        let before = world.teams.calls().len();
        let child = match request {
            "edit" => process.service.update(&id, request, request_of("y")).await,
            _ => process.service.recall(&id, request, request_of("")).await,
        };
        let status = world
            .wait_for(&process.service, &child.unwrap().id, LONG)
            .await
            .unwrap();
        let gone = u64::from(request == "edit");
        let wanted = Counts {
            delivered: 2 - gone,
            gone,
            failed: 1,
            uncertain: 1,
            ..Counts::default()
        };
        assert_eq!(status.counts, wanted, "{request}");
        assert_eq!(world.teams.calls().len() - before, 2 + 2 + 1 + 5, "{request}");
    }
}

fn request_of(text: &str) -> notify::request::Request {
    request(text, None)
}
