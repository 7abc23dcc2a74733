//! Seconds from the end of an outage of twenty minutes until a notification's first message, over a storage queue that is
//! polled, as under the Functions host.

use notify::{
    identity::NotificationSource,
    ids::ConversationId,
    ports::Verdict,
    request::{Priority, Request},
    worker::Slice,
};
use simulator::{
    Latency,
    fuse::Fuse,
    queue::StorageQueue,
    seed::Seed,
    tally::Tally,
    teams::Storm,
    time::{self, VirtualClock},
    wire::{Trouble, Wire},
    world::{Launch, Process, WakeUpsTo, World, to_people},
};
use std::{sync::Arc, time::Duration};

const OUTAGE: Duration = Duration::from_secs(20 * 60);
/// People of the broadcast that waits; who gets the alert is the next one.
const PEOPLE: usize = 200;
const SEEDS: u64 = 60;
const LATENCY: Latency = Latency::Constant(Duration::from_millis(80));
/// Longer than any recovery should take.
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// When the notification is accepted whose first message is waited for.
#[derive(Clone, Copy)]
enum Accepted {
    /// In the outage's first minute; nothing else is under way.
    First,
    /// In its last minute, while a broadcast waits since its first.
    Last,
    /// A second after its end, while a broadcast still waits.
    After,
}

impl Accepted {
    const ALL: [(Self, &str); 3] = [
        (Self::First, "in its first minute"),
        (Self::Last, "in its last minute, a broadcast waits"),
        (Self::After, "1 s after its end, a broadcast waits"),
    ];

    fn at(self, seed: &mut Seed) -> Duration {
        let within = Duration::from_secs(60).mul_f64(seed.unit());
        match self {
            Self::First => within,
            Self::Last => OUTAGE - within,
            Self::After => OUTAGE + Duration::from_secs(1),
        }
    }
}

/// Prints the table.
pub(crate) fn measure() -> Result<(), String> {
    println!("Seconds from the end of an outage of 20 minutes to the first message, {SEEDS} seeds each:\n");
    println!("| Teams answers | accepted | priority | median | worst |\n|---|---|---|---:|---:|");
    for (answer, verdict) in [
        ("503 (service)", Verdict::NotNow { retry_after: None }),
        ("403, unexplained (refused)", Verdict::Failed),
    ] {
        for (accepted, words) in Accepted::ALL {
            for priority in [Priority::Normal, Priority::Urgent] {
                let mut seconds = (1..=SEEDS)
                    .map(|seed| one(seed, &verdict, accepted, priority))
                    .collect::<Result<Vec<f64>, String>>()?;
                seconds.sort_by(f64::total_cmp);
                let median = seconds[seconds.len() / 2];
                let worst = seconds[seconds.len() - 1];
                println!("| {answer} | {words} | {priority:?} | {median:.1} | {worst:.1} |");
            }
        }
    }
    println!();
    Ok(())
}

/// Of one seed, which decides when notifications are accepted and how long the stores take.
fn one(seed: u64, verdict: &Verdict, accepted: Accepted, priority: Priority) -> Result<f64, String> {
    let verdict = verdict.clone();
    let ran = time::run(|clock| run(clock, seed, verdict, accepted, priority));
    ran.map_err(|error| error.to_string())?
        .map_err(|problem| format!("seed {seed}: {problem}"))
}

async fn run(
    clock: Arc<VirtualClock>,
    seed: u64,
    verdict: Verdict,
    accepted: Accepted,
    priority: Priority,
) -> Result<f64, String> {
    let storm = Storm {
        from: Duration::ZERO,
        to: OUTAGE,
        tenant: None,
        verdict,
    };
    let mut world = World::on(clock, seed, LATENCY, |teams| {
        teams.limited(50).stormy(vec![storm])
    });
    world.install(PEOPLE + 1);
    let process = launch(&mut world, seed);
    let mut chance = Seed::new(seed);
    let to_everybody = |text| to_people(text, 0..PEOPLE);
    let (mut request, wanted) = match accepted {
        Accepted::First => (to_everybody("measured"), None),
        Accepted::Last | Accepted::After => {
            let broadcast_at = Accepted::First.at(&mut chance);
            accept(&world, &process, broadcast_at, ("a", to_everybody("broadcast"))).await?;
            let one_person = to_people("measured", [PEOPLE]);
            (one_person, Some(ConversationId::from(format!("a:{PEOPLE}"))))
        }
    };
    request.priority = priority;
    let at = accepted.at(&mut chance);
    accept(&world, &process, at, ("b", request)).await?;
    world.pass(OUTAGE.saturating_sub(world.now())).await;
    while world.now() < OUTAGE + LIMIT {
        world.pass(Duration::from_secs(1)).await;
        let calls = world.teams.calls();
        let mut accepted = calls
            .iter()
            .filter(|call| wanted.as_ref().is_none_or(|wanted| call.conversation == *wanted))
            .filter_map(|call| call.accepted);
        if let Some(first) = accepted.next() {
            return Ok((first.since_origin() - OUTAGE).as_secs_f64());
        }
    }
    Err(format!("nothing was delivered within {LIMIT:?}"))
}

fn launch(world: &mut World, seed: u64) -> Process {
    world.slice = Slice(Duration::from_secs(9 * 60));
    let tally: Arc<Tally> = Arc::default();
    let trouble = Trouble {
        latency: (Duration::from_millis(4), Duration::from_millis(25)),
        ..Trouble::default()
    };
    let wire = Wire::new(world.clock.clone(), trouble, seed ^ 0x57_0e, tally.clone());
    let queue = Arc::new(StorageQueue::new(world.clock.clone(), tally));
    world.launch(Launch {
        wire: Some(Arc::new(wire)),
        wake_ups: WakeUpsTo::Queue {
            queue,
            longest_poll: Duration::from_secs(5),
        },
        ..Launch::plain(Fuse::new(None))
    })
}

async fn accept(
    world: &World,
    process: &Process,
    at: Duration,
    (key, request): (&str, Request),
) -> Result<(), String> {
    world.pass(at.saturating_sub(world.now())).await;
    let source = NotificationSource::Key(key.to_owned());
    let accepted = process.service.accept(source, request).await;
    accepted.map(drop).map_err(|error| error.to_string())
}
