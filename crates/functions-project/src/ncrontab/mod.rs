//! The schedule of a timer trigger: NCRONTAB or a TimeSpan, as the .NET timer extension reads them.
//!
//! The grammar is NCRONTAB's, not cron's: weekdays are 0–6 with Sunday = 0, ranges are swapped instead
//! of wrapped, and a restricted day *and* a restricted weekday must both match. Parsing is our own;
//! stepping is left to the `cron` crate on a normalised expression. No time zones: the host's clock is
//! UTC. Nothing about functions, files or settings may come in here.

mod error;
mod field;
mod occurrences;
#[cfg(test)]
mod tests;
mod timespan;

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

pub use error::{FieldName, ScheduleError};
use field::Fields;
use occurrences::Occurrences;
pub use timespan::{TimeSpanError, parse_timespan};

/// When a timer fires: a cron expression in NCRONTAB's grammar, or a fixed interval.
///
/// ```
/// use functions_project::ncrontab::Schedule;
///
/// let weekdays = Schedule::parse("0 30 9 * * Mon-Fri").unwrap();
/// let friday: jiff::Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
/// assert_eq!(weekdays.next_after(friday).unwrap().to_string(), "2026-11-23T09:30:00Z");
///
/// let error = Schedule::parse("0 0 9 * * 7").unwrap_err();
/// assert!(error.to_string().contains("weekday"));
/// ```
#[derive(Clone, Debug)]
pub struct Schedule {
    text: String,
    recurrence: Recurrence,
}

#[derive(Clone, Debug)]
enum Recurrence {
    Cron(Box<Cron>),
    Interval(Duration),
}

#[derive(Clone, Debug)]
struct Cron {
    fields: Fields,
    occurrences: Occurrences,
}

impl Schedule {
    /// Reads six blank-separated fields (`second minute hour day month weekday`), five (the second is
    /// then 0), or a TimeSpan such as `00:30:00`.
    ///
    /// # Errors
    /// [`ScheduleError`] names the field, its position in the text, what is accepted, and where the
    /// mistake is a usual one, how to write what was meant.
    pub fn parse(text: &str) -> Result<Self, ScheduleError> {
        let trimmed = text.trim();
        if timespan::looks_like_timespan(trimmed) {
            let interval = parse_timespan(trimmed).map_err(|source| ScheduleError::Interval {
                text: text.to_owned(),
                source,
            })?;
            if interval.is_zero() {
                return Err(ScheduleError::ZeroInterval {
                    text: text.to_owned(),
                });
            }
            return Ok(Self {
                text: text.to_owned(),
                recurrence: Recurrence::Interval(interval),
            });
        }
        let fields = Fields::parse(text)?;
        let occurrences = Occurrences::new(&fields).map_err(|reason| ScheduleError::NotSteppable {
            text: text.to_owned(),
            reason,
        })?;
        Ok(Self {
            text: text.to_owned(),
            recurrence: Recurrence::Cron(Box::new(Cron { fields, occurrences })),
        })
    }

    /// The first occurrence strictly after `time`, in UTC; for an interval, `time` plus the interval.
    /// `None` when the expression never comes true (31 February) or lies beyond the year 2100.
    #[must_use]
    pub fn next_after(&self, time: Timestamp) -> Option<Timestamp> {
        match &self.recurrence {
            Recurrence::Cron(cron) => cron.occurrences.next_after(time),
            Recurrence::Interval(interval) => time
                .checked_add(jiff::SignedDuration::try_from(*interval).ok()?)
                .ok(),
        }
    }

    /// Whether the schedule fires more often than once a minute; the host then keeps no status for it.
    #[must_use]
    pub fn is_sub_minute(&self) -> bool {
        match &self.recurrence {
            Recurrence::Cron(cron) => cron.fields.has_several_seconds(),
            Recurrence::Interval(interval) => *interval < Duration::from_secs(60),
        }
    }

    /// Whether this is a fixed interval (a TimeSpan) and not a cron expression.
    #[must_use]
    pub fn is_interval(&self) -> bool {
        matches!(self.recurrence, Recurrence::Interval(_))
    }

    /// The text that was parsed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl std::str::FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}
