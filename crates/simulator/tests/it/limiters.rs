//! Teams' limiter, in each of the ways that it may count, while owners come, go and die: nobody is lost, 429s stay few,
//! and what was learnt is kept.
//!
//! The schedules' notifications are too small to learn from; here a seed is one of some thousand people.

use crate::{basics::key, stage::on_all_processors};
use notify::{ports::Ports, worker::Slice};
use simulator::{
    fuse::Fuse,
    planted,
    seed::Seed,
    teams::{Latency, LimiterModel},
    time,
    world::{Launch, World, to_all},
};
use std::{convert::identity, sync::Mutex, time::Duration};

const PEOPLE: usize = 6_000;
/// Seeds of a plain test run: each model with several latencies and ends.
const SEEDS: usize = 12;
/// 429s of the first tries, which each lane has once, and what a thousand posts may bring besides.
const FIRST_TRIES: u64 = 10;
const LONGEST_RUN: Duration = Duration::from_secs(3_600);

/// What a seed means.
#[derive(Debug)]
struct Run {
    model: LimiterModel,
    latency: Latency,
    slice: Duration,
    /// When a process dies without a word; another one comes a second later.
    deaths: Vec<Duration>,
}

impl Run {
    fn of(number: usize) -> Self {
        let mut seed = Seed::new(number as u64 + 1);
        let median = Duration::from_millis(40 + seed.below(80));
        Self {
            model: LimiterModel::ALL[number % 4],
            latency: Latency::LogNormal {
                median,
                p99: median.mul_f64(5.0 + 3.0 * seed.unit()),
            },
            slice: Duration::from_secs(26 + seed.below(30)),
            deaths: (0..seed.below(3))
                .map(|_| Duration::from_millis(2_000 + seed.below(100_000)))
                .collect(),
        }
    }
}

/// Plays a seed; what was broken, if anything was.
fn play(number: usize, ports: fn(Ports) -> Ports) -> Result<(), String> {
    time::run(|clock| async move {
        let mut run = Run::of(number);
        run.deaths.sort_unstable_by(|one, other| other.cmp(one));
        let mut world = World::on(clock, number as u64, run.latency, |teams| {
            teams.limited_as(50, run.model)
        });
        world.slice = Slice(run.slice);
        world.settings.lease = Duration::from_secs(15);
        world.install(PEOPLE);
        let launch = || Launch {
            ports,
            ..Launch::plain(Fuse::new(None))
        };
        let observer = world.observer();
        let mut process = world.launch(launch());
        let accepted = process.service.accept(key("a"), to_all("x")).await;
        let id = accepted.map_err(|error| error.to_string())?.id;
        let status = loop {
            world.pass(Duration::from_millis(500)).await;
            if run.deaths.pop_if(|at| *at <= world.now()).is_some() {
                process.kill();
                world.pass(Duration::from_secs(1)).await;
                process = world.launch(launch());
            }
            let status = observer.status(&id).await.map_err(|error| error.to_string())?;
            if status.notification.finished_at.is_some() {
                break status;
            }
            if world.now() > LONGEST_RUN {
                return Err(format!("not at its end: {:?}", status.counts));
            }
        };
        let (teams, settled) = (&world.teams, status.counts.delivered + status.counts.uncertain);
        if settled != PEOPLE as u64 || teams.repeated() > status.resent {
            return Err(format!("{:?}, {} resent", status.counts, status.resent));
        }
        if teams.most_in_a_second() > 50 {
            return Err(format!("{} posts in a second", teams.most_in_a_second()));
        }
        let few = FIRST_TRIES + teams.calls().len() as u64 / 1_000;
        if teams.throttled() > few {
            return Err(format!("{} answers 429, {run:?}", teams.throttled()));
        }
        Ok(())
    })
    .map_err(|error| error.to_string())?
}

#[test]
fn each_model_bears_what_is_tried_and_nobody_is_lost() {
    let broken = Mutex::new(Vec::new());
    on_all_processors(SEEDS, |number| {
        if let Err(what) = play(number, identity) {
            broken.lock().unwrap().push(format!("seed {number}: {what}"));
        }
    });
    assert!(broken.lock().unwrap().is_empty(), "{broken:#?}");
}

/// The words are those of the promise that the bug breaks.
fn is_found(bug: fn(Ports) -> Ports, words: &str) {
    let found = (0..SEEDS).find_map(|number| play(number, bug).err().filter(|what| what.contains(words)));
    println!("{}", found.unwrap_or_else(|| panic!("not found: {words}")));
}

#[test]
fn a_429_that_takes_nothing_back_is_found() {
    is_found(planted::throttles_unheard, "answers 429");
}

#[test]
fn a_note_that_forgets_what_teams_refused_is_found() {
    is_found(planted::always_bold, "answers 429");
}

#[test]
fn a_rate_limiter_that_counts_too_short_seconds_is_found() {
    is_found(planted::clock_too_fast, "posts in a second");
}

/// The share of 50 a second of so many posts, in what comes after so many.
fn share(model: LimiterModel, latency: Latency, posts: usize, after: usize) -> f64 {
    let calls = time::run(|clock| async move {
        let mut world = World::on(clock, 5, latency, |teams| teams.limited_as(50, model));
        world.install(posts);
        let process = world.start(Fuse::new(None));
        let accepted = process.service.accept(key("a"), to_all("x")).await;
        let id = accepted.unwrap().id;
        world.wait_for(&process.service, &id, LONGEST_RUN).await.unwrap();
        assert_eq!(world.teams.total(), posts as u64);
        world.teams.calls()
    });
    let mut accepted: Vec<_> = calls.unwrap().iter().filter_map(|call| call.accepted).collect();
    accepted.sort_unstable();
    let rest = &accepted[after..];
    (rest.len() - 1) as f64 / rest[rest.len() - 1].since(rest[0]).as_secs_f64() / 50.0
}

#[test]
fn a_token_bucket_gives_its_whole_rate_once_that_is_learnt() {
    for size in [50, 10] {
        let share = share(LimiterModel::TokenBucket(size), Latency::VARYING, 8_000, 2_500);
        assert!(share >= 0.99, "a bucket of {size}: {share}");
    }
}

#[test]
fn at_constant_latency_each_model_gives_its_whole_rate_from_the_start() {
    for model in LimiterModel::ALL {
        for ms in [0, 80, 700] {
            let latency = Latency::Constant(Duration::from_millis(ms));
            let share = share(model, latency, 1_500, 100);
            assert!(share >= 0.99, "{model:?} at {ms} ms: {share}");
        }
    }
}
