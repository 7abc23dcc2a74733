//! `retry` of a function.json or host.json: attempts within one invocation.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::configuration::ConfigurationSection;
use crate::problem::Problem;
use crate::section::Section;

/// A retry policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Attempts after the first; `None` = without end (`-1`).
    pub max_retries: Option<u32>,
    /// The pause before each.
    pub delay: RetryDelay,
}

/// The pause between attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryDelay {
    /// Always the same.
    Fixed(Duration),
    /// Doubling from the first to the second.
    Exponential {
        /// The first pause.
        minimum: Duration,
        /// The longest pause.
        maximum: Duration,
    },
}

impl Retry {
    /// The pause before retry `number`, counted from 1.
    #[must_use]
    pub fn delay_before(&self, number: u32) -> Duration {
        match self.delay {
            RetryDelay::Fixed(delay) => delay,
            RetryDelay::Exponential { minimum, maximum } => minimum
                .saturating_mul(1 << number.saturating_sub(1).min(20))
                .min(maximum),
        }
    }
}

/// `retry` of a function.json.
pub(super) fn read(parent: &Section<'_>) -> Result<Option<Retry>, Problem> {
    let Some((map, pointer)) = parent.object("retry")? else {
        return Ok(None);
    };
    let section = Section::new(parent.file(), Some(map), &pointer);
    let written = WrittenRetry {
        strategy: section.text("strategy")?,
        count: section.whole("maxRetryCount", COUNTS)?,
        delay_interval: section.timespan("delayInterval")?,
        minimum_interval: section.timespan("minimumInterval")?,
        maximum_interval: section.timespan("maximumInterval")?,
    };
    checked(&written, &|name, message| section.problem(name, message)).map(Some)
}

/// `retry` at the root of host.json; an empty object is none.
pub(super) fn read_host(section: &ConfigurationSection<'_>) -> Result<Option<Retry>, Problem> {
    if !section.has_children() {
        return Ok(None);
    }
    let timespan = |name: &str| section.section(name).timespan();
    let written = WrittenRetry {
        strategy: section.section("strategy").filled().map(str::to_owned),
        count: section.section("maxRetryCount").whole(COUNTS)?,
        delay_interval: timespan("delayInterval")?,
        minimum_interval: timespan("minimumInterval")?,
        maximum_interval: timespan("maximumInterval")?,
    };
    checked(&written, &|name, message| section.section(name).problem(message)).map(Some)
}

const COUNTS: RangeInclusive<i64> = -1..=i32::MAX as i64;

struct WrittenRetry {
    strategy: Option<String>,
    count: Option<i64>,
    delay_interval: Option<Duration>,
    minimum_interval: Option<Duration>,
    maximum_interval: Option<Duration>,
}

fn checked(written: &WrittenRetry, problem: &dyn Fn(&str, String) -> Problem) -> Result<Retry, Problem> {
    let required = |name: &str, given: Option<Duration>| {
        given.ok_or_else(|| {
            let message = "is missing; a duration such as 00:00:30 is expected";
            problem(name, message.to_owned())
        })
    };
    let strategy = written.strategy.as_deref().map(str::to_ascii_lowercase);
    let delay = match strategy.as_deref() {
        Some("fixeddelay") => RetryDelay::Fixed(required("delayInterval", written.delay_interval)?),
        Some("exponentialbackoff") => {
            let minimum = required("minimumInterval", written.minimum_interval)?;
            let maximum = required("maximumInterval", written.maximum_interval)?;
            if minimum > maximum {
                return Err(problem(
                    "minimumInterval",
                    "is longer than maximumInterval".to_owned(),
                ));
            }
            RetryDelay::Exponential { minimum, maximum }
        }
        other => {
            let what = other.map_or_else(|| "is missing".to_owned(), |other| format!("is \"{other}\""));
            return Err(problem(
                "strategy",
                format!("{what}; fixedDelay or exponentialBackoff is accepted"),
            ));
        }
    };
    let count = written.count.ok_or_else(|| {
        let message = "is missing; a whole number is expected, -1 for no limit";
        problem("maxRetryCount", message.to_owned())
    })?;
    Ok(Retry {
        max_retries: u32::try_from(count).ok(),
        delay,
    })
}
