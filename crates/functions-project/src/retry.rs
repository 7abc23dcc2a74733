//! `retry` of a function.json or host.json: attempts within one invocation.

use std::time::Duration;

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

pub(super) fn read(parent: &Section<'_>) -> Result<Option<Retry>, Problem> {
    let Some((map, pointer)) = parent.object("retry")? else {
        return Ok(None);
    };
    let section = Section::new(parent.file(), Some(map), &pointer);
    let required = |name: &str| {
        section
            .timespan(name)?
            .ok_or_else(|| section.problem(name, "is missing; a duration such as 00:00:30 is expected"))
    };
    let delay = match section
        .text("strategy")?
        .map(|text| text.to_ascii_lowercase())
        .as_deref()
    {
        Some("fixeddelay") => RetryDelay::Fixed(required("delayInterval")?),
        Some("exponentialbackoff") => {
            let (minimum, maximum) = (required("minimumInterval")?, required("maximumInterval")?);
            if minimum > maximum {
                return Err(section.problem("minimumInterval", "is longer than maximumInterval"));
            }
            RetryDelay::Exponential { minimum, maximum }
        }
        other => {
            let what = other.map_or_else(|| "is missing".to_owned(), |other| format!("is \"{other}\""));
            return Err(section.problem(
                "strategy",
                format!("{what}; fixedDelay or exponentialBackoff is accepted"),
            ));
        }
    };
    let count = section
        .whole("maxRetryCount", -1..=i64::from(i32::MAX))?
        .ok_or_else(|| {
            section.problem(
                "maxRetryCount",
                "is missing; a whole number is expected, -1 for no limit",
            )
        })?;
    Ok(Some(Retry {
        max_retries: u32::try_from(count).ok(),
        delay,
    }))
}
