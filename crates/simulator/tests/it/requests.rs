//! Which storage requests are made, and in which order: the order is what a crash may interrupt.

use crate::basics::{key, world};
use notify::{
    dispatch::in_process::{InProcessDispatcher, LocalQueue, local_queue},
    ids::NotificationId,
    maintenance::Maintenance,
    person::PersonKey,
    plan::Planned,
    ports::{ObjectStore, Ports, ReferenceStore, Verdict},
    service::NotificationService,
    worker::WorkerRun,
};
use simulator::{
    composer::PlainComposer,
    counting::{Counting, Request, Requests},
    fuse::Fuse,
    tally::Operation,
    teams::{Latency, Script},
    time::beginning,
    world::{World, bot, tenant, to_all, to_people},
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// A service whose requests are written down; nobody follows its wake-ups.
fn counted(world: &World) -> (NotificationService, Arc<Requests>) {
    let (service, requests, _) = counted_with_queue(world);
    (service, requests)
}

/// The same with what follows its wake-ups.
pub(crate) fn counted_process(world: &World) -> (NotificationService, Arc<Requests>) {
    let (service, requests, queue) = counted_with_queue(world);
    let dispatcher = InProcessDispatcher {
        service: service.clone(),
        clock: world.clock.clone(),
        slice: world.slice,
    };
    tokio::spawn(async move { dispatcher.run(queue).await });
    (service, requests)
}

fn counted_with_queue(world: &World) -> (NotificationService, Arc<Requests>, LocalQueue) {
    let requests: Arc<Requests> = Arc::default();
    let (wake_ups, queue) = local_queue();
    let ports = Ports {
        objects: Arc::new(Counting::<dyn ObjectStore> {
            inner: world.objects.clone(),
            requests: requests.clone(),
        }),
        references: Arc::new(Counting::<dyn ReferenceStore> {
            inner: world.references.store(),
            requests: requests.clone(),
        }),
        wake_ups: Arc::new(wake_ups),
        connector: world.teams.clone(),
        composer: Arc::new(PlainComposer::new(world.clock.clone())),
        clock: world.clock.clone(),
    };
    let service = NotificationService::new(ports, world.settings.clone());
    (service, requests, queue)
}

/// Names as they read without ids, tenants and times.
fn short((operation, name): &Request, id: &NotificationId) -> (Operation, String) {
    let name = name
        .replace(id.as_str(), "ID")
        .replace(bot().as_str(), "BOT")
        .replace(tenant().as_str(), "TENANT");
    let stamp = name
        .split(['/', '-'])
        .find(|part| part.len() == 15 && part.parse::<u64>().is_ok());
    match stamp {
        Some(stamp) => (*operation, name.replace(stamp, "TIME")),
        None => (*operation, name),
    }
}

fn all(requests: &[Request], id: &NotificationId) -> Vec<(Operation, String)> {
    requests.iter().map(|request| short(request, id)).collect()
}

/// The record of person `n`, who may want something else than everybody.
fn of_person(n: usize) -> String {
    let entra = PersonKey::of(&format!("e-{n}"));
    format!("persons/BOT/TENANT/{}", entra.hash())
}

fn named(requests: &[(Operation, &str)]) -> Vec<(Operation, String)> {
    let owned = |(operation, name): &(Operation, &str)| (*operation, (*name).to_owned());
    requests.iter().map(owned).collect()
}

#[tokio::test(start_paused = true)]
async fn a_broadcast_is_written_in_an_order_that_loses_nothing() {
    let world = world(10);
    let (service, requests) = counted(&world);
    let id = service.accept(key("a"), to_all("x")).await.unwrap().id;
    assert_eq!(service.plan(&id).await.unwrap(), Planned::Ready);
    let mut made = all(&requests.take(), &id);
    made.retain(|(operation, _)| {
        matches!(
            operation,
            Operation::Write | Operation::Append | Operation::Delete
        )
    });
    assert_eq!(
        made,
        named(&[
            (Operation::Write, "planning/ID"),
            (Operation::Write, "signals/BOT"),
            (Operation::Write, "notifications/ID/notification.json"),
            (Operation::Write, "notifications/ID/TENANT/audience/000000.ndjson"),
            (Operation::Write, "notifications/ID/notification.json"),
            (Operation::Write, "timeline/BOT/TIME-ID"),
            (Operation::Write, "lanes/BOT/TENANT/work/1-TIME-ID"),
            (Operation::Write, "lanes/BOT/TENANT/bell"),
            (Operation::Delete, "planning/ID"),
        ])
    );
}

#[tokio::test(start_paused = true)]
async fn a_named_person_is_planned_without_a_listing_and_a_late_wake_up_costs_one_request() {
    let world = world(10);
    let (service, requests) = counted(&world);
    let id = service.accept(key("a"), to_people("x", [3])).await.unwrap().id;
    assert_eq!(service.plan(&id).await.unwrap(), Planned::Ready);
    assert_eq!(
        all(&requests.take(), &id),
        named(&[
            (Operation::Write, "planning/ID"),
            (Operation::Write, "signals/BOT"),
            (Operation::Write, "notifications/ID/notification.json"),
            (Operation::Lease, "planning/ID"),
            (Operation::Read, "notifications/ID/notification.json"),
            (Operation::Read, "29:3"),
            (Operation::Read, &of_person(3)),
            (Operation::Write, "notifications/ID/TENANT/audience/000000.ndjson"),
            (Operation::Write, "notifications/ID/notification.json"),
            (Operation::Write, "timeline/BOT/TIME-ID"),
            (Operation::Write, "lanes/BOT/TENANT/work/1-TIME-ID"),
            (Operation::Write, "lanes/BOT/TENANT/bell"),
            (Operation::Delete, "planning/ID"),
        ])
    );
    assert_eq!(service.plan(&id).await.unwrap(), Planned::NothingToPlan);
    assert_eq!(
        all(&requests.take(), &id),
        named(&[(Operation::Lease, "planning/ID")])
    );
}

#[tokio::test(start_paused = true)]
async fn an_alert_to_one_person_is_sent_in_an_order_that_loses_nothing_and_reads_nothing_twice() {
    let world = world(10);
    let (service, requests) = counted(&world);
    let first = service.submit(key("a"), to_people("x", [3])).await.unwrap().id;
    world.pass(Duration::from_secs(2)).await;
    let of_the_first = all(&requests.take(), &first);
    let id = service.submit(key("b"), to_people("x", [4])).await.unwrap().id;
    world.pass(Duration::from_secs(2)).await;
    assert_eq!(
        all(&requests.take(), &id),
        named(&[
            (Operation::Write, "planning/ID"),
            (Operation::Write, "signals/BOT"),
            (Operation::Write, "notifications/ID/notification.json"),
            (Operation::Read, "29:4"),
            (Operation::Read, &of_person(4)),
            (Operation::Write, "notifications/ID/TENANT/audience/000000.ndjson"),
            (Operation::Write, "notifications/ID/notification.json"),
            (Operation::Lease, "lanes/BOT/TENANT/lease"),
            (Operation::Read, "lanes/BOT/TENANT/lease"),
            (Operation::Write, "notifications/ID/TENANT/ledger/000000"),
            (Operation::Append, "notifications/ID/TENANT/ledger/000000"),
            (Operation::Append, "notifications/ID/TENANT/ledger/000000"),
            (Operation::Write, "notifications/ID/notification.json"),
            (Operation::Write, "timeline/BOT/TIME-ID"),
            (Operation::Lease, "lanes/BOT/TENANT/lease"),
            (Operation::Read, "lanes/BOT/TENANT/bell"),
            (Operation::Delete, "planning/ID"),
        ])
    );
    // The first one of a lane makes the lease's object instead of reading it.
    assert_eq!(
        of_the_first[7..10],
        named(&[
            (Operation::Lease, "lanes/BOT/TENANT/lease"),
            (Operation::Write, "lanes/BOT/TENANT/lease"),
            (Operation::Lease, "lanes/BOT/TENANT/lease"),
        ])
    );
    assert_eq!(of_the_first.len(), 18);
    // A late wake-up costs one request.
    assert_eq!(service.plan(&id).await.unwrap(), Planned::NothingToPlan);
    assert_eq!(
        all(&requests.take(), &id),
        named(&[(Operation::Lease, "planning/ID")])
    );
    let status = service.status(&id).await.unwrap();
    assert_eq!((status.counts.delivered, status.pending), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn an_alert_that_is_not_sent_in_time_is_announced_and_one_in_a_lane_with_work_joins_it() {
    let mut world = World::new(1, Latency::Constant(Duration::from_secs(5)), |teams| teams);
    world.install(100);
    let process = world.start(Fuse::new(None));
    let (service, requests) = counted(&world);
    // One that was posted in time is waited for, and ended.
    let late = service.submit(key("z"), to_people("x", [5])).await.unwrap().id;
    world.pass(Duration::from_secs(10)).await;
    let ended = all(&requests.take(), &late);
    assert!(
        ended.iter().all(|(_, name)| !name.contains("/work/")),
        "{ended:?}"
    );

    let slow = service.submit(key("a"), to_people("x", 0..80)).await.unwrap().id;
    let status = world
        .wait_for(&process.service, &slow, Duration::from_secs(180))
        .await
        .unwrap();
    assert_eq!((status.counts.delivered, status.resent), (80, 0));
    let announced = all(&requests.take(), &slow);
    let work_item = (Operation::Write, "lanes/BOT/TENANT/work/1-TIME-ID".to_owned());
    let deleted = (Operation::Delete, "planning/ID".to_owned());
    let at = |wanted| announced.iter().position(|made| *made == wanted).unwrap();
    assert!(at(work_item) < at(deleted), "{announced:?}");

    // The broadcast's owner is another process: it sees the alert.
    let broadcast = process.service.accept(key("b"), to_all("x")).await.unwrap().id;
    world.pass(Duration::from_secs(1)).await;
    let alert = service.submit(key("c"), to_people("x", [4])).await.unwrap().id;
    for id in [&alert, &broadcast] {
        let status = world
            .wait_for(&process.service, id, Duration::from_secs(120))
            .await
            .unwrap();
        assert_eq!(status.pending, 0);
    }
    assert_eq!(world.teams.accepted(4), 3, "once by each");
}

/// Requests by kind.
fn counts(requests: &[Request]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for (operation, _) in requests {
        *counts.entry(operation.name()).or_default() += 1;
    }
    counts
}

/// The ticks of some minutes, as the reconciling timer gives them.
async fn ticks(world: &World, maintenance: &Maintenance, minutes: std::ops::Range<i64>) {
    for minute in minutes {
        let tick = beginning() + jiff::SignedDuration::from_mins(minute);
        maintenance.run(tick).await.unwrap();
        world.pass(Duration::from_secs(60)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_hour_reads_the_signal_each_minute_and_lists_six_times() {
    let world = world(10);
    let (service, requests) = counted(&world);
    let maintenance = Maintenance::new(service.clone());
    ticks(&world, &maintenance, 1..31).await;
    requests.take();
    ticks(&world, &maintenance, 31..91).await;
    let hour = requests.take();
    // Planning items, lanes, what stands still; and the oldest notifications, for retention.
    let expected = BTreeMap::from([(Operation::List.name(), 6 * 4), (Operation::Read.name(), 60)]);
    assert_eq!(counts(&hour), expected);
}

#[tokio::test(start_paused = true)]
async fn new_work_makes_the_next_tick_list_and_every_tick_until_it_is_done() {
    let world = world(10);
    let (service, requests) = counted(&world);
    let maintenance = Maintenance::new(service.clone());
    ticks(&world, &maintenance, 1..3).await;
    let other = world.observer();
    let id = other.accept(key("a"), to_all("x")).await.unwrap().id;
    let lists = |requests: &[Request]| counts(requests).get(Operation::List.name()).copied();
    for minute in 3..6 {
        requests.take();
        ticks(&world, &maintenance, minute..minute + 1).await;
        assert_eq!(lists(&requests.take()), Some(3), "minute {minute}");
    }
    other.plan(&id).await.unwrap();
    ticks(&world, &maintenance, 6..7).await;
    assert_eq!(lists(&requests.take()), Some(3), "the lane has work");
    let run = other
        .run_worker(&notify::lane::Lane::Connector(tenant()), world.slice)
        .await;
    run.unwrap();
    ticks(&world, &maintenance, 7..8).await;
    assert_eq!(lists(&requests.take()), Some(3), "nothing is left, as this shows");
    ticks(&world, &maintenance, 8..9).await;
    assert_eq!(lists(&requests.take()), None, "and now it is known");
}

/// Requests for the lane's own objects, without listings of all lanes.
fn of_the_lane(requests: &[Request]) -> usize {
    let lane = format!("lanes/{}/{}/", bot(), tenant());
    let own = |(operation, name): &&Request| *operation != Operation::List && name.starts_with(&lane);
    requests.iter().filter(own).count()
}

#[tokio::test(start_paused = true)]
async fn a_lane_that_must_rest_costs_nothing_until_its_time() {
    let world = world(10);
    let later = Verdict::NotNow {
        retry_after: Some(Duration::from_secs(300)),
    };
    world.teams.script(3, [Script::Answer(later)]);
    let (service, requests) = counted_process(&world);
    let asked = world.now();
    let id = service.accept(key("a"), to_people("x", [3, 4])).await.unwrap().id;
    world.pass(Duration::from_secs(20)).await;
    assert_eq!(world.teams.accepted(4), 1);
    requests.take();
    // Four ticks of the reconciler, each with its listing, and a wake-up from elsewhere.
    world.pass(Duration::from_secs(120)).await;
    assert_eq!(of_the_lane(&requests.take()), 0);
    let lane = notify::lane::Lane::Connector(tenant());
    let run = service.run_worker(&lane, world.slice).await.unwrap();
    assert_eq!(run, WorkerRun::Resting);
    world.pass(Duration::from_secs(120)).await;
    assert_eq!(world.teams.accepted(3), 0);
    let status = world
        .wait_for(&service, &id, Duration::from_secs(60))
        .await
        .unwrap();
    assert_eq!(status.counts.delivered, 2);
    let took = world.now() - asked;
    assert!(took < Duration::from_secs(305), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn new_work_ends_a_rest_and_so_does_a_cancellation() {
    let mut world = world(10);
    let later = Verdict::NotNow {
        retry_after: Some(Duration::from_secs(300)),
    };
    world.teams.script(3, [Script::Answer(later)]);
    let process = world.start(Fuse::new(None));
    let resting = process
        .service
        .accept(key("a"), to_people("x", [3]))
        .await
        .unwrap()
        .id;
    world.pass(Duration::from_secs(30)).await;
    let asked = world.now();
    let alert = process
        .service
        .submit(key("b"), to_people("x", [4]))
        .await
        .unwrap()
        .id;
    let status = world
        .wait_for(&process.service, &alert, Duration::from_secs(30))
        .await
        .unwrap();
    assert_eq!(status.counts.delivered, 1);
    assert!(world.now() - asked < Duration::from_secs(3));
    world.pass(Duration::from_secs(30)).await;
    process.service.cancel(&resting).await.unwrap();
    let status = world
        .wait_for(&process.service, &resting, Duration::from_secs(30))
        .await
        .unwrap();
    assert_eq!((status.counts.cancelled, world.teams.accepted(3)), (1, 0));
}
