//! `cargo run -p simulator`: one large notification to a simulated Teams in virtual time, and what it took, as a table.

use clap::Parser;
use simulator::{Latency, LimiterModel, Options, Summary, simulate};
use std::{io::Write, process::ExitCode, str::FromStr, time::Duration};

/// Sends one large notification to a simulated Teams in virtual time and prints what it took
#[derive(Debug, Parser)]
#[command(name = "simulator", version)]
struct Cli {
    /// People who get it, 1 to 1000000
    #[arg(long, default_value_t = 10_000, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    recipients: u64,
    /// The same seed is the same run
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// How long Teams takes, in milliseconds: a constant, or median/p99 of a log-normal latency
    #[arg(long, default_value = "80", value_name = "MS[/MS]")]
    latency: LatencyArgument,
    /// How Teams counts: in any second, in seconds of the clock, or in a bucket of 50 or 10 tokens
    #[arg(long, default_value = "sliding", value_name = "MODEL", value_parser = limiter)]
    limiter: LimiterModel,
}

/// A way to count, as it is written on the command line.
fn limiter(text: &str) -> Result<LimiterModel, String> {
    match text {
        "sliding" => Ok(LimiterModel::SlidingSecond),
        "fixed" => Ok(LimiterModel::FixedSecond),
        "bucket50" => Ok(LimiterModel::TokenBucket(50)),
        "bucket10" => Ok(LimiterModel::TokenBucket(10)),
        _ => Err("give sliding, fixed, bucket50 or bucket10".to_owned()),
    }
}

/// Ends with 1 when anyone has no outcome.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let summary: Summary = simulate(Options {
        recipients: cli.recipients,
        seed: cli.seed,
        latency: cli.latency.0,
        limiter: cli.limiter,
    })
    .await;
    // Whoever closed the pipe wants no more of it.
    let _ = writeln!(std::io::stdout(), "{}", summary.to_string().trim_end());
    let failure = match (&summary.failure, summary.pending) {
        (Some(failure), _) => failure.clone(),
        (None, 0) => return ExitCode::SUCCESS,
        (None, pending) => format!("{pending} recipients have no outcome"),
    };
    let _ = writeln!(std::io::stderr(), "{failure}");
    ExitCode::FAILURE
}

/// How long Teams takes, as it is written on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct LatencyArgument(Latency);

impl FromStr for LatencyArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "{text:?}: give milliseconds, or median/p99 of a log-normal latency: for instance 80 or 80/600"
            )
        };
        let millis = |text: &str| -> Option<Duration> {
            let text = text.trim();
            let number: u64 = text.strip_suffix("ms").unwrap_or(text).trim().parse().ok()?;
            (number <= 60_000).then(|| Duration::from_millis(number))
        };
        match text.split_once('/') {
            None => millis(text)
                .map(|latency| Self(Latency::Constant(latency)))
                .ok_or_else(wrong),
            Some((median, p99)) => match (millis(median), millis(p99)) {
                (Some(median), Some(p99)) if !median.is_zero() && p99 >= median => {
                    Ok(Self(Latency::LogNormal { median, p99 }))
                }
                _ => Err(wrong()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A word in capitals stands for a number.
    #[test]
    fn the_command_lines_of_the_guides_are_understood() {
        const BEFORE: &str = "cargo run --release -p simulator -- ";
        let guides = [
            include_str!("../../../README.md"),
            include_str!("../../../docs/benchmarks.md"),
        ];
        let mut read = 0;
        for line in guides.iter().flat_map(|guide| guide.split(BEFORE).skip(1)) {
            let line = line.split(['`', '#', '\n']).next().unwrap();
            let words = line
                .split_whitespace()
                .map(|word| if word == "N" { "1000" } else { word });
            let cli = Cli::try_parse_from(["simulator"].into_iter().chain(words));
            assert!(cli.is_ok(), "{line}: {cli:?}");
            read += 1;
        }
        assert_eq!(read, 4);
    }

    #[test]
    fn a_latency_is_one_number_or_two() {
        let read = |text: &str| text.parse::<LatencyArgument>().map(|argument| argument.0);
        assert_eq!(read("80"), Ok(Latency::STEADY));
        assert_eq!(read("80ms/600ms"), Ok(Latency::VARYING));
        for wrong in ["", "fast", "-1", "600/80", "0/5", "80/", "99999999"] {
            let error = read(wrong).unwrap_err();
            assert!(error.contains("80/600"), "{error}");
        }
    }
}
