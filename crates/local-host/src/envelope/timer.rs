//! A timer's TimerInfo: a real object, not a string.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Envelope;
use super::value::offset_date;
use functions_project::FunctionName;

/// `ScheduleStatus` of a monitored timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ScheduleStatus {
    /// The last run; `None` before the first, sent as year 1.
    pub(crate) last: Option<Timestamp>,
    /// The occurrence being fired.
    pub(crate) next: Timestamp,
    /// When the status was written.
    pub(crate) updated: Option<Timestamp>,
}

/// Why and when a timer fires.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimerFacts {
    pub(crate) adjusts_for_dst: bool,
    pub(crate) status: Option<ScheduleStatus>,
    pub(crate) past_due: bool,
}

pub(crate) fn timer_info(
    function: &FunctionName,
    trigger: &str,
    facts: &TimerFacts,
    now: Timestamp,
) -> Envelope {
    let status = facts.status.map_or(Value::Null, |status| {
        json!({"Last": date(status.last), "Next": offset_date(status.next), "LastUpdated": date(status.updated)})
    });
    let info = json!({
        "Schedule": {"AdjustForDST": facts.adjusts_for_dst},
        "ScheduleStatus": status,
        "IsPastDue": facts.past_due,
    });
    Envelope::new(function, trigger, info, now)
}

fn date(time: Option<Timestamp>) -> String {
    time.map_or_else(|| "0001-01-01T00:00:00+00:00".to_owned(), offset_date)
}
