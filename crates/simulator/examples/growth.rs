//! What a recipient costs, from a thousand to a million of them: processor time, allocations and storage operations.
//! `cargo run --release -p simulator --example growth -- 1000 10000 100000 1000000`
//!
//! Every allocation of the process is counted. The doubles' own share is counted in a second run of them alone (as many
//! people installed, as many posts at the same pace, nothing of the domain) and compared.

#![allow(clippy::print_stdout, reason = "an example prints")]

use notify::{
    content::{Alert, Body, Content},
    ports::{Connector, Listed, Moment, Selection},
    recipient::Recipient,
};
use simulator::{Latency, LimiterModel, Options, simulate, tally::Operation, time, world};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, Stats, StatsAlloc};
use std::{alloc::System, sync::Arc, time::Duration};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Recipients of all runs of a row together at least: a tick of processor time is 10 ms.
const ENOUGH: u64 = 100_000;

/// What runs took, all together.
#[derive(Clone, Copy, Default)]
struct Cost {
    processor: f64,
    allocations: f64,
    bytes: f64,
}

impl Cost {
    fn of(before: f64, stats: Stats) -> Self {
        Self {
            processor: processor_seconds() - before,
            allocations: (stats.allocations + stats.reallocations) as f64,
            bytes: stats.bytes_allocated as f64,
        }
    }

    fn add(&mut self, other: Self) {
        self.processor += other.processor;
        self.allocations += other.allocations;
        self.bytes += other.bytes;
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let named: Vec<u64> = std::env::args()
        .skip(1)
        .filter_map(|text| text.parse().ok())
        .collect();
    let sizes = match named.is_empty() {
        true => vec![1_000, 10_000, 100_000],
        false => named,
    };
    println!(
        "| recipients | CPU µs | of it the doubles | allocations | of them the doubles' | bytes allocated | of them the doubles' | storage operations |\n|---:|---:|---:|---:|---:|---:|---:|---:|"
    );
    for recipients in sizes {
        let runs = ENOUGH.div_ceil(recipients.max(1));
        let (mut whole, mut doubles, mut operations) = (Cost::default(), Cost::default(), 0);
        for seed in 1..=runs {
            let (before, region) = (processor_seconds(), Region::new(ALLOCATOR));
            let summary = simulate(Options {
                limiter: LimiterModel::SlidingSecond,
                recipients,
                seed,
                latency: Latency::STEADY,
            })
            .await;
            whole.add(Cost::of(before, region.change()));
            if let Some(failure) = &summary.failure {
                println!("seed {seed} failed: {failure}");
                return;
            }
            let counted = summary.operations.iter();
            operations += counted.map(|(_, count)| *count).sum::<u64>();
            let (before, region) = (processor_seconds(), Region::new(ALLOCATOR));
            let alone = std::thread::spawn(move || time::run(|clock| doubles_alone(clock, recipients)));
            if !matches!(alone.join(), Ok(Ok(()))) {
                println!("the doubles alone failed");
                return;
            }
            doubles.add(Cost::of(before, region.change()));
        }
        let each = |value: f64| value / (recipients * runs) as f64;
        println!(
            "| {recipients} | {:.1} | {:.1} | {:.2} | {:.2} | {:.0} | {:.0} | {:.4} |",
            each(whole.processor) * 1e6,
            each(doubles.processor) * 1e6,
            each(whole.allocations),
            each(doubles.allocations),
            each(whole.bytes),
            each(doubles.bytes),
            each(operations as f64),
        );
    }
    let kinds = Operation::ALL.map(Operation::name).join(", ");
    println!("\nAll figures are a recipient's. Storage operations are {kinds}.");
}

/// The doubles do what a run asks of them, at the same pace: installations, their listing, and the posts.
async fn doubles_alone(clock: Arc<time::VirtualClock>, recipients: u64) {
    let world = world::World::on(clock, 1, Latency::STEADY, |teams| teams.limited(50));
    world.install(usize::try_from(recipients).unwrap_or(usize::MAX));
    let selection = Selection {
        bot: world::bot(),
        tenant: Some(world::tenant()),
    };
    let content = Content {
        body: Body::Text("simulated".into()),
        summary: None,
        alert: Alert::Quiet,
    };
    let (mut from, mut sent) = (None, 0_u32);
    let references = world.references.store();
    loop {
        let Ok(page) = references.list(&selection, from.as_ref()).await else {
            return;
        };
        for listed in &page.targets {
            let at = Moment::at(Duration::from_millis(21) * sent);
            world.clock.sleep_until(at).await;
            let recipient = recipient(listed);
            let (teams, content) = (world.teams.clone(), content.clone());
            tokio::spawn(async move { teams.post(&recipient, &content).await });
            sent += 1;
        }
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    world.pass(Duration::from_secs(5)).await;
}

fn recipient(listed: &Listed) -> Recipient {
    let target = &listed.target;
    Recipient {
        n: 0,
        tenant: target.key.tenant.clone(),
        conversation: target.key.root.clone(),
        root: None,
        fallback: notify::recipient::Fallback::None,
        service_url: target.service_url.clone(),
        scope: target.scope,
        user: None,
        entra: None,
        team: None,
        name: None,
        locale: None,
        version: None,
        certainty: notify::recipient::Certainty::Known,
        block: notify::recipient::BlockMark::None,
        activity: None,
        settled: None,
    }
}

/// Seconds on a processor so far, user and system, of all threads of this process (Linux); 0 elsewhere.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}
