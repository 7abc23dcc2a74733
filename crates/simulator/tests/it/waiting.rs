//! A tenant that waits: what it costs, whom it asks, how soon it goes on, and that nobody else waits with it.

use crate::{
    basics::{LONG, key},
    requests::counted_process,
};
use notify::{
    evidence::Cause,
    ids::{ConversationId, TenantId},
    ports::Verdict,
    request::Priority,
    settings::AllowedTenants,
    status::NotificationState,
};
use simulator::{
    fuse::Fuse,
    teams::{Latency, Script, Storm},
    world::{World, bot, tenant, to_all, to_people},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

const LATENCY: Latency = Latency::Constant(Duration::from_millis(60));

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// Answers everything so until then.
fn outage(until: Duration, verdict: Verdict, people: usize) -> World {
    let storm = Storm {
        from: Duration::ZERO,
        to: until,
        tenant: None,
        verdict,
    };
    let world = World::new(9, LATENCY, |teams| teams.stormy(vec![storm]));
    world.install(people);
    world
}

fn away() -> Verdict {
    Verdict::NotNow { retry_after: None }
}

#[tokio::test(start_paused = true)]
async fn a_probe_costs_at_most_fifteen_requests_and_the_time_between_none() {
    let world = outage(secs(3_600), Verdict::Failed, 100);
    let (service, requests) = counted_process(&world);
    let id = service.accept(key("a"), to_all("x")).await.unwrap().id;
    world.pass(secs(300)).await;
    let _ = requests.take();
    let probes_before = world.teams.calls().len();
    world.pass(secs(600)).await;
    let probes = world.teams.calls().len() - probes_before;
    assert!((9..=11).contains(&probes), "{probes} probes in ten minutes");
    // What the reconciler lists belongs to no tenant.
    let mut of_lane = requests.take();
    of_lane.retain(|(_, name)| name.contains(tenant().as_str()) || name.contains(id.as_str()));
    let each = of_lane.len().div_ceil(probes);
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for (operation, name) in &of_lane {
        let name = name
            .replace(tenant().as_str(), "TENANT")
            .replace(id.as_str(), "ID");
        *kinds.entry(format!("{operation:?} {name}")).or_default() += 1;
    }
    assert!(each <= 15, "{each} requests a probe: {kinds:#?}");
}

#[tokio::test(start_paused = true)]
async fn every_probe_is_another_conversation_across_owners() {
    let mut world = outage(secs(1_200), Verdict::Failed, 40);
    let process = world.start(Fuse::new(None));
    let id = process.service.accept(key("a"), to_all("x")).await.unwrap().id;
    world.pass(secs(30)).await;
    let before = world.teams.calls().len();
    world.pass(secs(700)).await;
    let probes: Vec<ConversationId> = world.teams.calls()[before..]
        .iter()
        .map(|call| call.conversation.clone())
        .collect();
    let different: BTreeSet<&ConversationId> = probes.iter().collect();
    assert!(probes.len() >= 10, "{}", probes.len());
    assert_eq!(different.len(), probes.len(), "{probes:?}");
    let status = world.wait_for(&process.service, &id, LONG).await.unwrap();
    assert_eq!(status.counts.delivered, 40);
}

#[tokio::test(start_paused = true)]
async fn after_twenty_minutes_a_normal_one_goes_on_within_a_minute_and_an_urgent_one_is_tried_at_once() {
    let end = secs(1_200);
    for (priority, within) in [(Priority::Normal, secs(62)), (Priority::Urgent, secs(5))] {
        let mut world = outage(end, away(), 200);
        let process = world.start(Fuse::new(None));
        let id = process.service.accept(key("a"), to_all("x")).await.unwrap().id;
        world.pass(end + secs(1) - world.now()).await;
        assert_eq!(world.teams.total(), 0);
        let mut request = to_people("y", [1]);
        request.priority = priority;
        let alert = process.service.accept(key("b"), request).await.unwrap().id;
        let status = world.wait_for(&process.service, &alert, LONG).await.unwrap();
        assert_eq!(status.counts.delivered, 1);
        let took = world.now() - end;
        println!("{priority:?}: accepted 1 s after the end of the outage, delivered {took:?} after it");
        assert!(took <= within, "{priority:?}: {took:?}");
        let status = world.wait_for(&process.service, &id, LONG).await.unwrap();
        assert_eq!((status.counts.delivered, world.teams.repeated()), (200, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_kill_at_any_moment_of_a_wait_forgets_nothing() {
    for killed_at in [1, 2, 5, 14, 16, 30, 46, 50, 100, 110] {
        let mut world = outage(secs(400), Verdict::Unauthorized, 60);
        let process = world.start(Fuse::new(None));
        let id = process.service.accept(key("a"), to_all("x")).await.unwrap().id;
        world.pass(secs(killed_at)).await;
        process.kill();
        let second = world.start(Fuse::new(None));
        world.pass(secs(200)).await;
        let status = second.service.status(&id).await.unwrap();
        assert_eq!(
            (status.pending, status.waiting.len()),
            (60, 1),
            "killed after {killed_at} s"
        );
        assert_eq!(status.waiting[0].waiting.cause, Cause::Credentials);
        let status = world.wait_for(&second.service, &id, LONG).await.unwrap();
        assert_eq!(status.counts.delivered, 60, "killed after {killed_at} s");
        // Each owner asks as many as it takes to know, and then one after the other.
        let calls = world.teams.calls().len() - 60;
        assert!(calls <= 40, "killed after {killed_at} s: {calls} calls in vain");
    }
}

#[tokio::test(start_paused = true)]
async fn one_tenant_s_refusal_is_no_other_s() {
    let other = TenantId::from("7e4a3333-3333-4333-8333-000000000003");
    let storm = Storm {
        from: Duration::ZERO,
        to: secs(500),
        tenant: Some(other.clone()),
        verdict: Verdict::Unauthorized,
    };
    let mut world = World::new(9, LATENCY, |teams| teams.stormy(vec![storm]));
    world.settings.tenants = AllowedTenants::Only(BTreeSet::from([tenant(), other.clone()]));
    world.install(30);
    (30..60).for_each(|n| world.references.install_person(&bot(), &other, n));
    let process = world.start(Fuse::new(None));
    let id = process.service.accept(key("a"), to_all("x")).await.unwrap().id;
    world.pass(secs(20)).await;
    let status = process.service.status(&id).await.unwrap();
    assert_eq!((status.counts.delivered, status.pending), (30, 30));
    assert_eq!(status.state, NotificationState::Sending);
    let tenants: Vec<_> = status.waiting.iter().map(|wait| &wait.tenant).collect();
    assert_eq!(tenants, [&other]);
    // Also after the process is replaced.
    process.kill();
    let second = world.start(Fuse::new(None));
    let next = second
        .service
        .accept(key("b"), to_people("y", [3]))
        .await
        .unwrap()
        .id;
    let status = world.wait_for(&second.service, &next, secs(60)).await.unwrap();
    assert_eq!(status.counts.delivered, 1);
    let status = world.wait_for(&second.service, &id, LONG).await.unwrap();
    assert_eq!(status.counts.delivered, 60);
}

#[tokio::test(start_paused = true)]
async fn a_cancel_and_an_expiry_hold_while_a_tenant_waits() {
    let mut world = outage(secs(10_000), Verdict::Failed, 20);
    let process = world.start(Fuse::new(None));
    let id = process.service.accept(key("a"), to_all("x")).await.unwrap().id;
    let mut short = to_all("y");
    short.expires_at = simulator::time::beginning().checked_add(secs(150)).ok();
    let expiring = process.service.accept(key("b"), short).await.unwrap().id;
    world.pass(secs(100)).await;
    process.service.cancel(&id).await.unwrap();
    world.pass(secs(5)).await;
    let status = process.service.status(&id).await.unwrap();
    assert_eq!(
        (status.state, status.counts.cancelled),
        (NotificationState::Cancelled, 20)
    );
    world.pass(secs(50)).await;
    let status = process.service.status(&expiring).await.unwrap();
    assert_eq!(
        (status.state, status.counts.skipped),
        (NotificationState::Finished, 20)
    );
}

#[tokio::test(start_paused = true)]
async fn whom_the_app_is_not_allowed_for_stops_nobody_else_and_ends_blocked() {
    let mut world = World::new(9, LATENCY, |teams| teams);
    world.install(300);
    let process = world.start(Fuse::new(None));
    let scripts = || vec![Script::Answer(Verdict::Disallowed); 3];
    (0..300).step_by(5).for_each(|n| world.teams.script(n, scripts()));
    let id = process.service.accept(key("a"), to_all("x")).await.unwrap().id;
    let status = world.wait_for(&process.service, &id, secs(60)).await.unwrap();
    assert_eq!((status.counts.delivered, status.counts.blocked), (240, 60));
    assert!(status.waiting.is_empty());
}
