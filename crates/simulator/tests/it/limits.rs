//! Rates, throttling, faults and size.

use crate::basics::{LONG, key};
use simulator::{
    fuse::Fuse,
    teams::Latency,
    world::{World, to_all},
};
use std::{num::NonZeroU32, time::Duration};

#[tokio::test(start_paused = true)]
async fn the_ceiling_is_held_with_the_limiter_at_the_receiver() {
    let mut world = World::new(3, Latency::Constant(Duration::from_millis(80)), |teams| {
        teams.limited(50)
    });
    world.install(12_000);
    let process = world.start(Fuse::new(None));
    let id = process.service.accept(key("a"), to_all("x")).await.unwrap().id;
    let status = world.wait_for(&process.service, &id, LONG).await.unwrap();
    assert_eq!(status.counts.delivered, 12_000);
    assert_eq!(world.teams.throttled(), 0);
    let calls = world.teams.calls();
    let took = calls.last().unwrap().began.since(calls[0].began).as_secs_f64();
    let share = 12_000.0 / took / 50.0;
    println!("share of the limit: {:.2} %", share * 100.0);
    assert!(share >= 0.99);
}

#[tokio::test(start_paused = true)]
async fn varying_latency_costs_little() {
    let latency = Latency::LogNormal {
        median: Duration::from_millis(80),
        p99: Duration::from_millis(600),
    };
    let mut world = World::new(4, latency, |teams| teams.limited(50));
    world.install(12_000);
    let process = world.start(Fuse::new(None));
    let id = process.service.accept(key("a"), to_all("x")).await.unwrap().id;
    let status = world.wait_for(&process.service, &id, LONG).await.unwrap();
    assert_eq!(status.counts.delivered, 12_000);
    let calls = world.teams.calls();
    let took = calls.last().unwrap().began.since(calls[0].began).as_secs_f64();
    let share = 12_000.0 / took / 50.0;
    println!(
        "share of the limit: {:.2} %, 429s: {}",
        share * 100.0,
        world.teams.throttled()
    );
    assert!(share >= 0.93);
    assert!(world.teams.throttled() <= 12);
}

#[tokio::test(start_paused = true)]
async fn faults_at_a_fifth_lose_nobody() {
    for seed in 0..10 {
        println!("seed {seed}");
        let mut world = World::new(seed, Latency::Constant(Duration::from_millis(60)), |teams| {
            teams.faulty(0.2)
        });
        world.install(400);
        let process = world.start(Fuse::new(None));
        let id = process.service.accept(key("a"), to_all("x")).await.unwrap().id;
        let status = world.wait_for(&process.service, &id, LONG).await.unwrap();
        assert_eq!((status.total, status.pending), (400, 0));
        assert!(world.teams.repeated() <= status.resent);
        assert!(world.teams.most_in_a_second() <= 50);
        let proof = process.service.verify(&id).await.unwrap();
        assert_eq!(
            (proof.counted.counts, proof.counted.resent),
            (status.counts, status.resent)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_lifted_rate_is_used() {
    let mut world = World::new(5, Latency::Constant(Duration::from_millis(50)), |teams| teams);
    world.settings.rate = NonZeroU32::new(100_000).unwrap();
    world.install(50_000);
    let process = world.start(Fuse::new(None));
    let real = std::time::Instant::now();
    let id = process.service.accept(key("a"), to_all("x")).await.unwrap().id;
    let status = world.wait_for(&process.service, &id, LONG).await.unwrap();
    assert_eq!(status.counts.delivered, 50_000);
    let calls = world.teams.calls();
    let took = calls.last().unwrap().began.since(calls[0].began).as_secs_f64();
    println!(
        "{:.0} posts a second, {:.1} µs real time a recipient",
        50_000.0 / took,
        real.elapsed().as_secs_f64() * 1e6 / 50_000.0
    );
    assert!(50_000.0 / took >= 5_000.0);
}
