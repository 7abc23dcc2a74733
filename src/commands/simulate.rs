//! `handler simulate`: one large notification in virtual time, as a table. Everything of it is the crate `simulator`.

use super::{CommandError, say};
use crate::cli::SimulateArgs;
use simulator::{Latency, Options, Summary, simulate};
use std::{str::FromStr, time::Duration};

/// Runs the simulation. An error when anyone has no outcome at its end.
pub(crate) async fn run(args: &SimulateArgs) -> Result<(), CommandError> {
    let summary: Summary = simulate(Options {
        recipients: args.recipients,
        seed: args.seed,
        latency: args.latency.0,
    })
    .await;
    say(summary.to_string().trim_end());
    match (&summary.failure, summary.pending) {
        (Some(failure), _) => Err(failure.clone().into()),
        (None, 0) => Ok(()),
        (None, pending) => Err(format!("{pending} recipients have no outcome").into()),
    }
}

/// How long Teams takes, as it is written on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answers(Latency);

impl FromStr for Answers {
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

    #[test]
    fn a_latency_is_one_number_or_two() {
        let read = |text: &str| text.parse::<Answers>().map(|answers| answers.0);
        assert_eq!(read("80"), Ok(Latency::STEADY));
        assert_eq!(read("80ms/600ms"), Ok(Latency::VARYING));
        for wrong in ["", "fast", "-1", "600/80", "0/5", "80/", "99999999"] {
            let error = read(wrong).unwrap_err();
            assert!(error.contains("80/600"), "{error}");
        }
    }
}
