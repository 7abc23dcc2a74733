//! How much of 50 requests a second gets through, by the way in which Teams counts them and by latency, in virtual time:
//!
//! `cargo run --release -p simulator --example limiters -- 60000 3` (recipients, seeds; these are the defaults).
//!
//! Each run is one notification of a lane that has learnt nothing, as the Functions host would run it (see
//! `simulator::simulate`): slices of nine minutes, handed over through a storage queue. "share" is from the first request
//! accepted to the last, with all that learning cost; "later" leaves out the first five minutes, "lowest" is the lowest
//! share of a seed. "steady after" are the seconds until half a minute carries what the second half of the run carries,
//! less one percent.

#![allow(clippy::print_stdout, reason = "a command line speaks to its terminal")]

use simulator::{Latency, LimiterModel, Options, Summary, simulate};
use std::{num::ParseIntError, time::Duration};

const LIMIT: f64 = 50.0;
/// Left out of the share later on: most of what there is to learn is learnt by then.
const LEARNING: Duration = Duration::from_secs(300);
/// What is compared to the rest for "steady after".
const WINDOW: Duration = Duration::from_secs(30);

const fn varying(median: u64, p99: u64) -> Latency {
    Latency::LogNormal {
        median: Duration::from_millis(median),
        p99: Duration::from_millis(p99),
    }
}

const LATENCIES: [(&str, Latency); 7] = [
    ("0 ms, constant", Latency::Constant(Duration::ZERO)),
    ("80 ms, constant", Latency::STEADY),
    ("700 ms, constant", Latency::Constant(Duration::from_millis(700))),
    ("log-normal 50/300 ms", varying(50, 300)),
    ("log-normal 80/600 ms", Latency::VARYING),
    ("log-normal 120/500 ms", varying(120, 500)),
    ("log-normal 200/2000 ms", varying(200, 2_000)),
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), ParseIntError> {
    let mut numbers = std::env::args().skip(1);
    let recipients: u64 = numbers.next().map_or(Ok(60_000), |text| text.parse())?;
    let seeds: u64 = numbers.next().map_or(Ok(3), |text| text.parse())?;
    println!(
        "| latency | Teams counts | share | lowest | later | lowest | 429s | in any second | steady after |"
    );
    println!("|---|---|---:|---:|---:|---:|---:|---:|---:|");
    for (name, latency) in LATENCIES {
        for limiter in LimiterModel::ALL {
            let mut runs = Vec::new();
            for seed in 1..=seeds {
                let options = Options {
                    recipients,
                    seed,
                    latency,
                    limiter,
                };
                runs.push(Figures::of(&simulate(options).await));
            }
            println!("{}", row(name, limiter, &runs));
        }
    }
    Ok(())
}

/// What one run came to.
struct Figures {
    share: f64,
    later: f64,
    throttled: f64,
    most: usize,
    steady: Duration,
}

impl Figures {
    fn of(run: &Summary) -> Self {
        let accepted = &run.accepted;
        let throttled = run.throttled as f64;
        let end = accepted.last().copied().unwrap_or_default();
        let begin = accepted.first().copied().unwrap_or_default();
        let half = share(accepted, begin + (end - begin) / 2, end);
        let windows = accepted.iter().map(|at| (*at, *at + WINDOW));
        let mut steady = windows.filter(|(from, to)| share(accepted, *from, *to) >= half * 0.99);
        Self {
            share: share(accepted, begin, end),
            later: share(accepted, (begin + LEARNING).min(end), end),
            throttled: throttled / (throttled + accepted.len() as f64),
            most: run.most_in_a_second,
            steady: steady.next().map_or(end, |(from, _)| from) - begin,
        }
    }
}

/// The share of the limit that was accepted between two times; both are in order.
fn share(accepted: &[Duration], from: Duration, to: Duration) -> f64 {
    let until = accepted.partition_point(|at| *at < to);
    let count = until - accepted.partition_point(|at| *at < from);
    count as f64 / (to - from).as_secs_f64().max(f64::MIN_POSITIVE) / LIMIT
}

fn row(name: &str, limiter: LimiterModel, runs: &[Figures]) -> String {
    let mean = |figure: fn(&Figures) -> f64| runs.iter().map(figure).sum::<f64>() / runs.len() as f64 * 100.0;
    let lowest = |figure: fn(&Figures) -> f64| runs.iter().map(figure).fold(f64::INFINITY, f64::min) * 100.0;
    let counts = match limiter {
        LimiterModel::SlidingSecond => "any second".to_owned(),
        LimiterModel::FixedSecond => "seconds of the clock".to_owned(),
        LimiterModel::TokenBucket(size) => format!("a bucket of {size}"),
    };
    format!(
        "| {name} | {counts} | {:.2} % | {:.2} % | {:.2} % | {:.2} % | {:.3} % | {} | {:.0} s |",
        mean(|run| run.share),
        lowest(|run| run.share),
        mean(|run| run.later),
        lowest(|run| run.later),
        mean(|run| run.throttled),
        runs.iter().map(|run| run.most).max().unwrap_or_default(),
        mean(|run| run.steady.as_secs_f64()) / 100.0,
    )
}
