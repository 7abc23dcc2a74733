//! From the end of a throttle storm back to the ceiling.

use crate::basics::{LONG, key};
use notify::ports::Verdict;
use simulator::{
    fuse::Fuse,
    teams::{Drought, Latency, ScriptedTeams, Storm},
    world::{World, to_all},
};
use std::time::Duration;

/// The aim: so soon after the end the ceiling is reached again.
const SOON: Duration = Duration::from_secs(30);
/// In which time 95 % of the ceiling must be accepted for that.
const WINDOW: Duration = Duration::from_secs(5);
/// 95 % of 50 a second.
const ENOUGH: usize = 238;
const BEGINS: Duration = Duration::from_secs(20);

/// Everything is answered 429 for so many seconds.
fn refusing(
    seconds: u64,
    retry_after: Option<u64>,
) -> (Duration, impl FnOnce(ScriptedTeams) -> ScriptedTeams) {
    let to = BEGINS + Duration::from_secs(seconds);
    let retry_after = retry_after.map(Duration::from_secs);
    let verdict = Verdict::Throttled { retry_after };
    let storm = Storm {
        from: BEGINS,
        to,
        tenant: None,
        verdict,
    };
    (to, move |teams: ScriptedTeams| {
        teams.limited(50).stormy(vec![storm])
    })
}

/// The limiter takes fewer for so many seconds.
fn lowered(limit: usize, seconds: u64) -> (Duration, impl FnOnce(ScriptedTeams) -> ScriptedTeams) {
    let to = BEGINS + Duration::from_secs(seconds);
    let drought = Drought {
        from: BEGINS,
        to,
        limit,
    };
    (to, move |teams: ScriptedTeams| {
        teams.limited(50).dry(vec![drought])
    })
}

/// Time from the end of a storm until the last five seconds carried 95 % of the ceiling. Everybody is reached once.
async fn recovery(
    latency: Latency,
    (end, storm): (Duration, impl FnOnce(ScriptedTeams) -> ScriptedTeams),
) -> Duration {
    let mut world = World::new(6, latency, storm);
    world.install(9_000);
    let process = world.start(Fuse::new(None));
    let id = process.service.accept(key("a"), to_all("x")).await.unwrap().id;
    let status = world.wait_for(&process.service, &id, LONG).await.unwrap();
    assert_eq!((status.counts.delivered, status.resent), (9_000, 0));
    assert_eq!(world.teams.repeated(), 0);
    let calls = world.teams.calls();
    let accepted = calls.iter().filter_map(|call| call.accepted);
    let mut after: Vec<Duration> = accepted
        .map(|at| at.since_origin())
        .filter(|at| *at >= end)
        .collect();
    after.sort_unstable();
    let full = after
        .windows(ENOUGH)
        .find(|window| window[ENOUGH - 1] - window[0] <= WINDOW);
    let Some(full) = full else {
        panic!("the ceiling is never reached again");
    };
    full[ENOUGH - 1] - end
}

async fn is_soon(
    name: &str,
    latency: Latency,
    storm: (Duration, impl FnOnce(ScriptedTeams) -> ScriptedTeams),
) {
    let took = recovery(latency, storm).await;
    println!(
        "{name}: 95 % of the ceiling {:.1} s after its end",
        took.as_secs_f64()
    );
    assert!(took <= SOON, "{name}: {took:?}");
}

#[tokio::test(start_paused = true)]
async fn after_refusals_the_ceiling_is_back_within_half_a_minute() {
    for (seconds, retry_after) in [
        (5, Some(1)),
        (5, Some(5)),
        (5, None),
        (30, Some(1)),
        (60, Some(2)),
    ] {
        let name = format!("{seconds} s of refusals, Retry-After {retry_after:?}");
        is_soon(&name, Latency::STEADY, refusing(seconds, retry_after)).await;
        is_soon(
            &format!("{name}, varying latency"),
            Latency::VARYING,
            refusing(seconds, retry_after),
        )
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_lowered_limit_the_ceiling_is_back_within_half_a_minute() {
    for (limit, seconds) in [(10, 60), (25, 60), (40, 30), (45, 120)] {
        let name = format!("{seconds} s of {limit} a second");
        is_soon(&name, Latency::STEADY, lowered(limit, seconds)).await;
        is_soon(
            &format!("{name}, varying latency"),
            Latency::VARYING,
            lowered(limit, seconds),
        )
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn after_long_refusals_without_retry_after_the_ceiling_is_back_within_half_a_minute() {
    for seconds in [15, 20, 30, 33, 40, 50, 60, 90] {
        let name = format!("{seconds} s of refusals without Retry-After");
        is_soon(&name, Latency::STEADY, refusing(seconds, None)).await;
    }
}
