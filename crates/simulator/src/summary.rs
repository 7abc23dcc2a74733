//! What a simulated run took, as a table.

use crate::{
    simulate::Options,
    tally::{Operation, Tally},
    teams::{Call, Latency, LimiterModel, ScriptedTeams},
};
use notify::{
    outcome::{Counts, Outcome},
    status::Status,
};
use std::{fmt, time::Duration};

/// The result of a simulation. Prints itself as a table.
#[derive(Clone, Debug)]
pub struct Summary {
    /// What was asked for.
    pub options: Options,
    /// Why there is no result, if there is none.
    pub failure: Option<String>,
    /// From the first post to the last.
    pub sending: Duration,
    /// From acceptance to the first post.
    pub first_post: Duration,
    /// From the 99th percent of the posts to the last one.
    pub last_percent: Duration,
    /// Recipients by outcome.
    pub counts: Counts,
    /// Recipients without an outcome.
    pub pending: u64,
    /// Messages posted again after an ambiguous attempt.
    pub resent: u64,
    /// Messages that Teams accepted twice.
    pub twice: u64,
    /// Requests that Teams' limiter refused.
    pub throttled: u64,
    /// When Teams accepted requests, since the run began, in order.
    pub accepted: Vec<Duration>,
    /// The most requests that began within any second.
    pub most_in_a_second: usize,
    /// The most posts under way at once.
    pub most_in_flight: usize,
    /// Storage operations by kind.
    pub operations: Vec<(Operation, u64)>,
    /// Real time that it took.
    pub real: Duration,
}

/// Requests a second that Teams takes.
const LIMIT: f64 = 50.0;
/// Messages a month for which costs are given.
const MONTH: f64 = 9_000_000.0;

impl Summary {
    pub(crate) fn of_failure(options: Options, failure: String) -> Self {
        Self {
            options,
            failure: Some(failure),
            sending: Duration::ZERO,
            first_post: Duration::ZERO,
            last_percent: Duration::ZERO,
            counts: Counts::default(),
            pending: options.recipients,
            resent: 0,
            twice: 0,
            throttled: 0,
            accepted: Vec::new(),
            most_in_a_second: 0,
            most_in_flight: 0,
            operations: Vec::new(),
            real: Duration::ZERO,
        }
    }

    pub(crate) fn of_run(
        options: Options,
        teams: &ScriptedTeams,
        status: &Status,
        tally: &Tally,
        accepted: Duration,
        real: Duration,
    ) -> Self {
        let calls = teams.calls();
        let at = |call: Option<&Call>| call.map_or(accepted, |call| call.began.since_origin());
        let (first, last) = (at(calls.first()), at(calls.last()));
        let hundredth = at(calls.get(calls.len() - calls.len().div_ceil(100)));
        Self {
            options,
            failure: None,
            sending: last - first,
            first_post: first - accepted,
            last_percent: last - hundredth,
            counts: status.counts,
            pending: status.pending,
            resent: status.resent,
            twice: teams.repeated(),
            throttled: teams.throttled(),
            accepted: accepted_at(&calls),
            most_in_a_second: teams.most_in_a_second(),
            most_in_flight: teams.most_in_flight(),
            operations: Operation::ALL.map(|kind| (kind, tally.of(kind))).to_vec(),
            real,
        }
    }

    /// Messages delivered a second, from the first post to the last.
    pub fn rate(&self) -> f64 {
        let seconds = self.sending.as_secs_f64();
        if seconds > 0.0 {
            self.counts.delivered as f64 / seconds
        } else {
            0.0
        }
    }

    /// The rate as a share of Teams' limit, from 0 to 1.
    pub fn share_of_the_limit(&self) -> f64 {
        self.rate() / LIMIT
    }

    /// List price of the storage operations of this run, in US dollars.
    pub fn storage_price(&self) -> f64 {
        let prices = self.operations.iter();
        prices
            .map(|(kind, count)| *count as f64 / 10_000.0 * kind.price())
            .sum()
    }
}

fn accepted_at(calls: &[Call]) -> Vec<Duration> {
    let accepted = calls.iter().filter_map(|call| call.accepted);
    let mut accepted: Vec<Duration> = accepted.map(|at| at.since_origin()).collect();
    accepted.sort_unstable();
    accepted
}

fn line(f: &mut fmt::Formatter<'_>, name: &str, value: impl fmt::Display) -> fmt::Result {
    writeln!(f, "{name:<28} {value}")
}

fn minutes(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 120.0 {
        format!("{seconds:.2} s")
    } else {
        format!("{:.0} min {:04.1} s", (seconds / 60.0).floor(), seconds % 60.0)
    }
}

fn latency(latency: Latency) -> String {
    match latency {
        Latency::Constant(time) => format!("{} ms, constant", time.as_millis()),
        Latency::LogNormal { median, p99 } => format!(
            "log-normal, median {} ms, p99 {} ms",
            median.as_millis(),
            p99.as_millis()
        ),
    }
}

fn counting(limiter: LimiterModel) -> String {
    match limiter {
        LimiterModel::SlidingSecond => "in any second".to_owned(),
        LimiterModel::FixedSecond => "in seconds of the clock".to_owned(),
        LimiterModel::TokenBucket(size) => format!("in a bucket of {size} tokens"),
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        line(f, "recipients", self.options.recipients)?;
        line(f, "seed", self.options.seed)?;
        line(f, "latency of Teams", latency(self.options.latency))?;
        line(f, "Teams counts", counting(self.options.limiter))?;
        if let Some(failure) = &self.failure {
            return line(f, "failed", failure);
        }
        line(f, "acceptance to first post", minutes(self.first_post))?;
        line(f, "sending", minutes(self.sending))?;
        line(f, "last percent", minutes(self.last_percent))?;
        line(
            f,
            "rate",
            format!(
                "{:.2}/s, {:.2} % of {LIMIT}/s",
                self.rate(),
                self.share_of_the_limit() * 100.0
            ),
        )?;
        line(f, "most in any second", self.most_in_a_second)?;
        line(f, "most in flight", self.most_in_flight)?;
        line(f, "answers 429", self.throttled)?;
        for outcome in Outcome::ALL {
            let count = self.counts.of(outcome);
            if count > 0 || matches!(outcome, Outcome::Delivered | Outcome::Uncertain) {
                line(f, outcome.as_str(), count)?;
            }
        }
        line(f, "without an outcome", self.pending)?;
        line(f, "resent", self.resent)?;
        line(f, "accepted twice", self.twice)?;
        for (kind, count) in &self.operations {
            line(f, kind.name(), count)?;
        }
        let price = self.storage_price();
        line(f, "price of these operations", format!("${price:.4}"))?;
        if self.options.recipients > 0 {
            let month = price * MONTH / self.options.recipients as f64;
            line(f, "… for 9 million messages", format!("${month:.2}"))?;
        }
        line(f, "real time", minutes(self.real))
    }
}
