//! What a caller sees of one notification.

use futures::TryStreamExt;
use notify::{
    accept::{AcceptError, Novelty},
    evidence::Cause,
    identity::NotificationSource,
    outcome::Counts,
    ports::{ObjectStore, Read, ReadIf, Verdict, WriteIf},
    request::{OnUncertain, Priority},
    service::{ServiceError, TimerRun},
    status::NotificationState,
};
use simulator::{
    fuse::Fuse,
    teams::{Latency, Script, Storm},
    world::{World, bot, request, tenant, to_all, to_people},
};
use std::time::Duration;

pub(crate) fn key(text: &str) -> NotificationSource {
    NotificationSource::Key(text.to_owned())
}

pub(crate) fn world(people: usize) -> World {
    let world = World::new(1, Latency::Constant(Duration::from_millis(50)), |teams| teams);
    world.install(people);
    world
}

pub(crate) const LONG: Duration = Duration::from_secs(4 * 3600);

#[tokio::test(start_paused = true)]
async fn everyone_gets_it_once_at_the_speed_limit() {
    let mut world = world(3_000);
    let process = world.start(Fuse::new(None));
    let id = process.service.accept(key("a"), to_all("x")).await.unwrap().id;
    let status = world.wait_for(&process.service, &id, LONG).await.unwrap();
    assert_eq!(status.counts.delivered, 3_000);
    assert_eq!((status.total, status.pending, status.resent), (3_000, 0, 0));
    assert_eq!(world.teams.repeated(), 0);
    assert!(world.teams.most_in_a_second() <= 50);
    let calls = world.teams.calls();
    let took = calls.last().unwrap().began.since(calls[0].began);
    assert!(
        took <= Duration::from_millis(60_600),
        "3,000 at 50/s took {took:?}"
    );
    let proof = process.service.verify(&id).await.unwrap();
    assert_eq!((proof.total, proof.counted.counts), (3_000, status.counts));
    let rows: Vec<_> = process
        .service
        .report(&id)
        .await
        .unwrap()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(rows.len(), 3_000);
    assert!(
        rows.iter()
            .all(|row| row.outcome == "delivered" && row.attempts == 1 && row.activity_id.is_some())
    );
}

#[tokio::test(start_paused = true)]
async fn an_alert_to_one_person_is_delivered_before_the_answer() {
    let mut world = world(10);
    let process = world.start(Fuse::new(None));
    let before = world.now();
    let id = process
        .service
        .submit(key("a"), to_people("x", [3]))
        .await
        .unwrap()
        .id;
    assert!(world.now() - before <= Duration::from_millis(100));
    let status = process.service.status(&id).await.unwrap();
    assert_eq!(
        (status.state, status.counts.delivered),
        (NotificationState::Finished, 1)
    );
    assert_eq!(world.teams.accepted(3), 1);
}

#[tokio::test(start_paused = true)]
async fn the_same_key_is_one_notification_and_another_body_conflicts() {
    let mut world = world(5);
    let process = world.start(Fuse::new(None));
    let submissions = (0..10).map(|_| process.service.submit(key("a"), to_people("x", [1, 2])));
    let accepted = futures::future::try_join_all(submissions).await.unwrap();
    assert_eq!(
        accepted.iter().filter(|one| one.novelty == Novelty::New).count(),
        1
    );
    assert!(accepted.iter().all(|one| one.id == accepted[0].id));
    world
        .wait_for(&process.service, &accepted[0].id, LONG)
        .await
        .unwrap();
    assert_eq!(world.teams.total(), 2);
    let other = process.service.submit(key("a"), to_people("y", [1])).await;
    assert!(matches!(other, Err(AcceptError::KeyReused(_))));
}

#[tokio::test(start_paused = true)]
async fn blocked_and_gone_do_not_fail_the_others_and_lose_no_reference() {
    let mut world = world(6);
    let process = world.start(Fuse::new(None));
    world.teams.script(0, [Script::Answer(Verdict::Blocked)]);
    world
        .teams
        .script(1, vec![Script::Answer(Verdict::Uninstalled); 2]);
    world.teams.script(2, [Script::Answer(Verdict::Rejected)]);
    world.teams.script(3, [Script::Answer(Verdict::NotFound)]);
    let id = process.service.accept(key("a"), to_all("x")).await.unwrap().id;
    let status = world.wait_for(&process.service, &id, LONG).await.unwrap();
    let counts = Counts {
        delivered: 3,
        blocked: 1,
        uninstalled: 1,
        rejected: 1,
        ..Counts::default()
    };
    assert_eq!(status.counts, counts);
    assert_eq!(world.references.installed().len(), 6);
    // The next one does not try who blocked the bot, and everybody else again.
    let id = process.service.accept(key("b"), to_all("y")).await.unwrap().id;
    let status = world.wait_for(&process.service, &id, LONG).await.unwrap();
    assert_eq!(
        (status.total, status.counts.blocked, status.counts.delivered),
        (6, 1, 5)
    );
    assert_eq!(world.teams.accepted_text("y", &"a:0".into()), 0);
}

#[tokio::test(start_paused = true)]
async fn who_may_not_use_the_app_is_blocked_this_time_and_not_marked() {
    let mut world = world(300);
    let process = world.start(Fuse::new(None));
    world.teams.script(7, [Script::Answer(Verdict::Disallowed)]);
    for (text, blocked) in [("x", 1), ("y", 0)] {
        let id = process.service.accept(key(text), to_all(text)).await.unwrap().id;
        let status = world.wait_for(&process.service, &id, LONG).await.unwrap();
        assert_eq!(
            (status.state, status.counts.delivered, status.counts.blocked),
            (NotificationState::Finished, 300 - blocked, blocked)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_chat_that_was_opened_again_is_stored_and_its_person_gets_one_message_a_time() {
    let mut world = world(4);
    let process = world.start(Fuse::new(None));
    world.teams.script(2, [Script::Lost]);
    for text in ["x", "y"] {
        let id = process.service.accept(key(text), to_all(text)).await.unwrap().id;
        let status = world.wait_for(&process.service, &id, LONG).await.unwrap();
        assert_eq!((status.total, status.counts.delivered), (4, 4));
    }
    let installed = world.references.installed();
    assert_eq!(installed.len(), 4);
    assert!(
        installed
            .iter()
            .any(|target| target.key.root.as_str() == "a:2-again")
    );
    // Both are known, as after a crash between the two writes.
    world.references.install_person(&bot(), &tenant(), 2);
    let id = process.service.accept(key("z"), to_all("z")).await.unwrap().id;
    let status = world.wait_for(&process.service, &id, LONG).await.unwrap();
    assert_eq!(
        (status.total, status.counts.delivered, status.counts.gone),
        (4, 4, 0)
    );
    assert_eq!(world.teams.accepted(2), 3, "one a notification");
    assert_eq!(world.teams.repeated(), 0);
}

/// Refuses the credentials until then.
fn refused_until(end: Duration, people: usize) -> World {
    let storm = Storm {
        from: Duration::ZERO,
        to: end,
        tenant: None,
        verdict: Verdict::Unauthorized,
    };
    let latency = Latency::Constant(Duration::from_millis(50));
    let world = World::new(1, latency, |teams| teams.stormy(vec![storm]));
    world.install(people);
    world
}

#[tokio::test(start_paused = true)]
async fn what_an_earlier_version_stopped_for_the_tenant_is_read_and_resumed() {
    let mut world = refused_until(Duration::from_secs(60), 20);
    let process = world.start(Fuse::new(None));
    let id = process.service.accept(key("a"), to_all("x")).await.unwrap().id;
    world.pass(Duration::from_secs(5)).await;
    // Its words for such a stop.
    let name = format!("notifications/{id}/notification.json");
    let Read::Found(object) = world.objects.read(&name, ReadIf::Any).await.unwrap() else {
        panic!("stored");
    };
    let mut stored: serde_json::Value = serde_json::from_slice(&object.body).unwrap();
    stored["stops"] =
        serde_json::json!([{ "tenant": tenant(), "reason": "tenant-refused", "at": "2026-11-22T07:00:00Z" }]);
    let body = stored.to_string().into();
    world
        .objects
        .write(&name, body, &object.metadata, WriteIf::Any)
        .await
        .unwrap();
    world.pass(Duration::from_secs(300)).await;
    let status = process.service.status(&id).await.unwrap();
    assert_eq!((status.state, status.pending), (NotificationState::Stopped, 20));
    assert!(status.reason.unwrap().contains("administrator"), "{status:?}");
    process.service.resume(&id).await.unwrap();
    let status = world.wait_for(&process.service, &id, LONG).await.unwrap();
    assert_eq!(
        (status.state, status.counts.delivered),
        (NotificationState::Finished, 20)
    );
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_obeyed_to_the_second_and_uses_up_no_attempt() {
    let mut world = world(1);
    let process = world.start(Fuse::new(None));
    let wait = Duration::from_secs(7);
    let again = |_| {
        Script::Answer(Verdict::Throttled {
            retry_after: Some(wait),
        })
    };
    world.teams.script(0, (0..8).map(again));
    let id = process.service.accept(key("a"), to_all("x")).await.unwrap().id;
    let status = world.wait_for(&process.service, &id, LONG).await.unwrap();
    assert_eq!((status.counts.delivered, status.resent), (1, 0));
    let calls = world.teams.calls();
    assert_eq!(calls.len(), 9);
    for pair in calls.windows(2) {
        let gap = pair[1].began.since(pair[0].began);
        assert!(
            gap >= wait && gap <= wait + Duration::from_millis(1_200),
            "{gap:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_ambiguous_post_is_repeated_and_counted_or_reported() {
    for (on_uncertain, accepted, delivered, uncertain, resent) in [
        (OnUncertain::Resend, 2, 1, 0, 1),
        (OnUncertain::Report, 1, 0, 1, 0),
    ] {
        let mut world = world(1);
        let process = world.start(Fuse::new(None));
        world.teams.script(0, [Script::AcceptedUnheard]);
        let mut request = to_all("x");
        request.on_uncertain = on_uncertain;
        let id = process.service.accept(key("a"), request).await.unwrap().id;
        let status = world.wait_for(&process.service, &id, LONG).await.unwrap();
        assert_eq!(world.teams.accepted(0), accepted);
        assert_eq!(
            (status.counts.delivered, status.counts.uncertain),
            (delivered, uncertain)
        );
        assert_eq!(status.resent, resent);
    }
}

#[tokio::test(start_paused = true)]
async fn without_an_audience_the_unnamed_limit_holds() {
    let mut world = world(30);
    world.settings.unnamed_limit = 20;
    let process = world.start(Fuse::new(None));
    let id = process
        .service
        .accept(key("a"), request("x", None))
        .await
        .unwrap()
        .id;
    let status = world.wait_for(&process.service, &id, LONG).await.unwrap();
    assert_eq!((status.state, status.total), (NotificationState::Stopped, 0));
    assert!(status.reason.unwrap().contains("audience"));
    assert_eq!(world.teams.total(), 0);
}

#[tokio::test(start_paused = true)]
async fn unknown_targets_are_rejected_recipients() {
    let mut world = world(3);
    let process = world.start(Fuse::new(None));
    let id = process
        .service
        .submit(key("a"), to_people("x", [1, 77]))
        .await
        .unwrap()
        .id;
    let status = world.wait_for(&process.service, &id, LONG).await.unwrap();
    assert_eq!(
        (status.total, status.counts.delivered, status.counts.rejected),
        (2, 1, 1)
    );
    let rows: Vec<_> = process
        .service
        .report(&id)
        .await
        .unwrap()
        .try_collect()
        .await
        .unwrap();
    let unknown = rows.iter().find(|row| row.outcome == "rejected").unwrap();
    assert_eq!(unknown.code.as_deref(), Some("unknown-target"));
}

#[tokio::test(start_paused = true)]
async fn a_cancel_stops_within_two_windows_and_the_rest_is_cancelled() {
    let mut world = world(2_000);
    let process = world.start(Fuse::new(None));
    let id = process.service.accept(key("a"), to_all("x")).await.unwrap().id;
    world.pass(Duration::from_secs(10)).await;
    process.service.cancel(&id).await.unwrap();
    let posted = world.teams.total();
    let status = world.wait_for(&process.service, &id, LONG).await.unwrap();
    assert_eq!(status.state, NotificationState::Cancelled);
    assert_eq!(status.counts.delivered + status.counts.cancelled, 2_000);
    assert!(status.counts.delivered <= posted + 100);
    assert!(matches!(
        process.service.cancel(&id).await,
        Err(ServiceError::State(_)) | Ok(_)
    ));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_sent_in_time_is_skipped() {
    let mut world = world(2_000);
    let process = world.start(Fuse::new(None));
    let mut request = to_all("x");
    let start: jiff::Timestamp = jiff::Timestamp::from_second(1_800_000_010).unwrap();
    request.expires_at = Some(start);
    let id = process.service.accept(key("a"), request).await.unwrap().id;
    let status = world.wait_for(&process.service, &id, LONG).await.unwrap();
    assert_eq!(status.state, NotificationState::Finished);
    assert_eq!(status.counts.delivered + status.counts.skipped, 2_000);
    assert!(
        (400..=600).contains(&status.counts.delivered),
        "{}",
        status.counts.delivered
    );
}

#[tokio::test(start_paused = true)]
async fn an_alert_overtakes_a_broadcast_within_one_window() {
    let mut world = world(5_000);
    let process = world.start(Fuse::new(None));
    process.service.accept(key("a"), to_all("x")).await.unwrap();
    world.pass(Duration::from_secs(20)).await;
    let mut alert = to_people("now", [17]);
    alert.priority = Priority::Urgent;
    let before = world.clock.now();
    let id = process.service.submit(key("b"), alert).await.unwrap().id;
    let status = world.wait_for(&process.service, &id, LONG).await.unwrap();
    assert_eq!(status.counts.delivered, 1);
    // A window is formed while the one before it is posted: whatever the moment, at most that one goes first.
    let calls = world.teams.calls();
    let after = |conversation: &str| {
        let call = calls
            .iter()
            .find(|call| call.conversation.as_str() == conversation && call.began >= before);
        call.unwrap().began.since(before)
    };
    let waited = after("a:17");
    assert!(waited <= Duration::from_millis(2_100), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_timer_waits_for_its_previous_notification() {
    let mut world = world(200);
    let process = world.start(Fuse::new(None));
    let at = |second: i64| jiff::Timestamp::from_second(1_800_000_000 + second).unwrap();
    let first = process
        .service
        .accept_timer("timerTrigger", at(0), to_all("x"))
        .await
        .unwrap();
    let TimerRun::Accepted(first) = first else {
        panic!("accepted")
    };
    let again = process
        .service
        .accept_timer("timerTrigger", at(0), to_all("x"))
        .await
        .unwrap();
    assert!(matches!(again, TimerRun::Accepted(same) if same.id == first.id));
    let second = process
        .service
        .accept_timer("timerTrigger", at(30), to_all("x"))
        .await
        .unwrap();
    assert_eq!(second, TimerRun::Skipped(first.id.clone()));
    world.wait_for(&process.service, &first.id, LONG).await.unwrap();
    let third = process
        .service
        .accept_timer("timerTrigger", at(60), to_all("x"))
        .await
        .unwrap();
    assert!(matches!(third, TimerRun::Accepted(_)));
}

#[tokio::test(start_paused = true)]
async fn refused_credentials_are_waited_for_and_it_goes_on_by_itself() {
    let mut world = refused_until(Duration::from_secs(200), 50);
    let process = world.start(Fuse::new(None));
    let id = process.service.accept(key("a"), to_all("x")).await.unwrap().id;
    world.pass(Duration::from_secs(150)).await;
    let status = process.service.status(&id).await.unwrap();
    assert_eq!((status.state, status.pending), (NotificationState::Sending, 50));
    let [wait] = &status.waiting[..] else {
        panic!("{:?}", status.waiting);
    };
    assert_eq!(
        (&wait.tenant, wait.waiting.cause),
        (&tenant(), Cause::Credentials)
    );
    // Whoever was on the way when the first refusal came, and four probes.
    let calls = world.teams.calls().len();
    assert!(calls <= 20, "{calls}");
    let status = world.wait_for(&process.service, &id, LONG).await.unwrap();
    assert_eq!((status.counts.delivered, status.waiting.len()), (50, 0));
    let took = world.now();
    assert!(took <= Duration::from_secs(200 + 62 + 5), "{took:?}");
    assert_eq!(world.teams.repeated(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_resume_probes_at_once_and_a_human_s_wait_is_a_stop_after_half_an_hour() {
    let storm = Storm {
        from: Duration::ZERO,
        to: Duration::from_secs(2_400),
        tenant: None,
        verdict: Verdict::Disallowed,
    };
    let latency = Latency::Constant(Duration::from_millis(50));
    let mut world = World::new(1, latency, |teams| teams.stormy(vec![storm]));
    world.install(50);
    let process = world.start(Fuse::new(None));
    let id = process.service.accept(key("a"), to_all("x")).await.unwrap().id;
    world.pass(Duration::from_secs(1_500)).await;
    let status = process.service.status(&id).await.unwrap();
    assert_eq!(status.state, NotificationState::Sending);
    world.pass(Duration::from_secs(901)).await;
    let status = process.service.status(&id).await.unwrap();
    assert_eq!((status.state, status.pending), (NotificationState::Stopped, 50));
    assert!(
        status.reason.unwrap().contains("Teams admin center"),
        "{status:?}"
    );
    let next = status.waiting[0].waiting.next;
    process.service.resume(&id).await.unwrap();
    world.pass(Duration::from_secs(5)).await;
    let status = process.service.status(&id).await.unwrap();
    assert_eq!(
        status.counts.delivered, 50,
        "the next probe was due at {next}: {status:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_timer_is_not_kept_waiting_by_what_waits() {
    let mut world = refused_until(Duration::from_secs(100), 8);
    let process = world.start(Fuse::new(None));
    let at = |second| world_time(second);
    let run = async |second, text| {
        let run = process
            .service
            .accept_timer("timerTrigger", at(second), to_all(text))
            .await;
        match run.unwrap() {
            TimerRun::Accepted(accepted) => accepted.id,
            TimerRun::Skipped(id) => panic!("skipped for {id}"),
        }
    };
    let first = run(0, "x").await;
    world.pass(Duration::from_secs(60)).await;
    let second = run(60, "y").await;
    let status = world.wait_for(&process.service, &first, LONG).await.unwrap();
    assert_eq!((status.counts.skipped, status.counts.delivered), (8, 0));
    let status = world.wait_for(&process.service, &second, LONG).await.unwrap();
    assert_eq!(status.counts.delivered, 8);
}

fn world_time(second: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(second).unwrap()
}
