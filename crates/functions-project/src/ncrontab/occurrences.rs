//! Steps a parsed expression with the `cron` crate.
//!
//! `cron` numbers weekdays from Sunday = 1 and reads steps and ranges otherwise than NCRONTAB, so it
//! only ever sees explicit lists. It steps in UTC, where it has no trouble with clock changes.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use jiff::Timestamp;

use super::field::{Allowed, Fields};

#[derive(Clone, Debug)]
pub(super) struct Occurrences {
    schedule: cron::Schedule,
}

impl Occurrences {
    pub(super) fn new(fields: &Fields) -> Result<Self, String> {
        let normalised = format!(
            "{} {} {} {} {} {}",
            list(fields.second, 0),
            list(fields.minute, 0),
            list(fields.hour, 0),
            list(fields.day, 0),
            list(fields.month, 0),
            list(fields.weekday, 1),
        );
        cron::Schedule::from_str(&normalised)
            .map(|schedule| Self { schedule })
            .map_err(|error| error.to_string())
    }

    pub(super) fn next_after(&self, time: Timestamp) -> Option<Timestamp> {
        let nanos = u32::try_from(time.subsec_nanosecond()).unwrap_or(0);
        let start: DateTime<Utc> = DateTime::from_timestamp(time.as_second(), nanos)?;
        let next = self.schedule.after(&start).next()?;
        Timestamp::from_second(next.timestamp()).ok()
    }
}

fn list(allowed: Allowed, shift: u32) -> String {
    let values: Vec<String> = allowed
        .values()
        .map(|value| (value + shift).to_string())
        .collect();
    values.join(",")
}
