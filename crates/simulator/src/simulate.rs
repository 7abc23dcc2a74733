//! One large notification, from its acceptance to its end, as the Functions host would run it: slices of nine minutes,
//! handed over through a storage queue that is polled, under Teams' documented limits.

use crate::{
    fuse::Fuse,
    queue::StorageQueue,
    summary::Summary,
    tally::Tally,
    teams::{Latency, LimiterModel},
    time,
    wire::{Trouble, Wire},
    world::{Launch, WakeUpsTo, World, to_all},
};
use notify::{identity::NotificationSource, ports::Clock, worker::Slice};
use std::{sync::Arc, time::Duration};

/// What to simulate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// People who have the bot installed; all of them get the notification.
    pub recipients: u64,
    /// Decides every latency; the same seed is the same run.
    pub seed: u64,
    /// How long Teams takes.
    pub latency: Latency,
    /// How Teams counts.
    pub limiter: LimiterModel,
}

/// Requests a second and tenant that Teams takes.
const LIMIT: usize = 50;
/// `functionTimeout` 10 minutes, less what a slice leaves of it.
const SLICE: Duration = Duration::from_secs(9 * 60);
/// A request to the stores takes so long.
const STORE: (Duration, Duration) = (Duration::from_millis(4), Duration::from_millis(25));
/// `maxPollingInterval` of the queue trigger.
const LONGEST_POLL: Duration = Duration::from_secs(5);
/// Between two polls.
const POLL_INTERVAL: Duration = Duration::from_secs(10);
/// More virtual time than any run needs: what has not ended by then never will.
const LONGEST_RUN: Duration = Duration::from_secs(14 * 24 * 3600);

/// Runs it, in virtual time, on a thread of its own.
pub async fn simulate(options: Options) -> Summary {
    let (answer, summary) = tokio::sync::oneshot::channel();
    let thread = std::thread::Builder::new()
        .name("simulation".to_owned())
        .spawn(move || {
            // Nobody listens any more only while the process ends.
            let _ = answer.send(time::run(|clock| run(clock, options)));
        });
    match thread {
        Ok(_) => match summary.await {
            Ok(Ok(summary)) => summary,
            Ok(Err(error)) => Summary::of_failure(options, error.to_string()),
            Err(_) => Summary::of_failure(options, "the simulation broke off".to_owned()),
        },
        Err(error) => Summary::of_failure(options, error.to_string()),
    }
}

async fn run(clock: Arc<dyn Clock>, options: Options) -> Summary {
    let real = std::time::Instant::now();
    let mut world = World::on(clock.clone(), options.seed, options.latency, |teams| {
        teams.limited_as(LIMIT, options.limiter)
    });
    world.slice = Slice(SLICE);
    world.install(usize::try_from(options.recipients).unwrap_or(usize::MAX));
    let tally: Arc<Tally> = Arc::default();
    let trouble = Trouble {
        latency: STORE,
        ..Trouble::default()
    };
    let wire = Arc::new(Wire::new(
        clock.clone(),
        trouble,
        options.seed ^ 0x57_0e,
        tally.clone(),
    ));
    let queue = Arc::new(StorageQueue::new(clock.clone(), tally.clone()));
    let process = world.launch(Launch {
        wire: Some(wire),
        wake_ups: WakeUpsTo::Queue {
            queue,
            longest_poll: LONGEST_POLL,
        },
        ..Launch::plain(Fuse::new(None))
    });
    let source = NotificationSource::Key("simulated".to_owned());
    let accepted = match process.service.accept(source, to_all("simulated")).await {
        Ok(accepted) => accepted,
        Err(error) => return Summary::of_failure(options, error.to_string()),
    };
    let accepted_after = world.now();
    let observer = world.observer();
    let status = loop {
        // A status reads what the tails of all ledgers say: not before it can be the end.
        if world.teams.total() < options.recipients && world.now() < LONGEST_RUN {
            world.pass(POLL_INTERVAL).await;
            continue;
        }
        match observer.status(&accepted.id).await {
            Ok(status) if status.notification.finished_at.is_some() => break status,
            Ok(_) if world.now() < LONGEST_RUN => world.pass(POLL_INTERVAL).await,
            Ok(_) => return Summary::of_failure(options, "it did not end".to_owned()),
            Err(error) => return Summary::of_failure(options, error.to_string()),
        }
    };
    Summary::of_run(
        options,
        &world.teams,
        &status,
        &tally,
        accepted_after,
        real.elapsed(),
    )
}
