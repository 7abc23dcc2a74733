//! A timer's tick. Unknown properties are ignored (`Schedule` is obsolete and differs between schedules); a date that
//! can't be parsed is `None`, because a tick must not be lost because of it.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::Trigger;
use crate::envelope::{Envelope, EnvelopeError, Payload, RawObject};

/// One tick of a timer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timer {
    /// Set by the host: this run replaces one or more occurrences that were missed while it was down. True only on
    /// the first run after the listener starts.
    pub is_past_due: bool,
    /// The recorded history. `None` when the host has none: `useMonitor` false, or a schedule that fires more often
    /// than once a minute.
    pub schedule_status: Option<ScheduleStatus>,
}

/// The state of a timer that the host stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ScheduleStatus {
    /// Last run; `None`: never ran (the host writes year 1).
    pub last: Option<Timestamp>,
    /// The occurrence that is being fired now, not the following one.
    pub next: Option<Timestamp>,
    /// When the host last wrote this record; `None`: never.
    pub last_updated: Option<Timestamp>,
}

impl Timer {
    /// The scheduled time of this tick, where the host sends one.
    pub fn occurrence(&self) -> Option<Timestamp> {
        self.schedule_status.and_then(|status| status.next)
    }
}

impl Trigger for Timer {
    fn decode(envelope: &Envelope, binding: Option<&str>) -> Result<Self, EnvelopeError> {
        let (name, payload) = envelope.trigger(binding)?;
        let object =
            RawObject::parse(&payload.text())
                .ok()
                .flatten()
                .ok_or_else(|| EnvelopeError::WrongShape {
                    binding: name.to_owned(),
                    expected: "a timer: an object with `IsPastDue` and `ScheduleStatus`",
                    found: payload.kind().to_owned(),
                })?;
        let is_past_due = object
            .get("IsPastDue")
            .is_some_and(|raw| Payload::new(raw).text().eq_ignore_ascii_case("true"));
        let schedule_status = object
            .get("ScheduleStatus")
            .and_then(|raw| RawObject::parse(&Payload::new(raw).text()).ok().flatten())
            .map(|status| ScheduleStatus {
                last: date(&status, "Last"),
                next: date(&status, "Next"),
                last_updated: date(&status, "LastUpdated"),
            });
        Ok(Self {
            is_past_due,
            schedule_status,
        })
    }
}

fn date(status: &RawObject, name: &str) -> Option<Timestamp> {
    instant(&Payload::new(status.get(name)?).text())
}

/// A date as .NET writes it: with offset, with `Z`, or without either (then UTC). Year 1 means never.
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    if text.starts_with("0001-01-01") {
        return None;
    }
    text.parse().ok().or_else(|| {
        let local: DateTime = text.parse().ok()?;
        local.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tick(data: &str) -> Result<Timer, EnvelopeError> {
        let body = format!(r#"{{"Data":{{"tick":{data}}},"Metadata":{{}}}}"#);
        Timer::decode(&Envelope::parse(body.as_bytes()).unwrap(), None)
    }

    #[test]
    fn the_hosts_own_form() {
        let timer = tick(
            r#"{"Schedule":{"AdjustForDST":true},"ScheduleStatus":{"Last":"2026-11-21T07:00:00.0012345+00:00",
               "Next":"2026-11-22T08:00:00+01:00","LastUpdated":"2026-11-21T07:00:00.0012345+00:00"},"IsPastDue":true}"#,
        )
        .unwrap();
        assert!(timer.is_past_due);
        assert_eq!(timer.occurrence().unwrap().to_string(), "2026-11-22T07:00:00Z");
        let status = timer.schedule_status.unwrap();
        assert_eq!(status.last.unwrap().to_string(), "2026-11-21T07:00:00.0012345Z");
        assert_eq!(status.last, status.last_updated);
    }

    #[test]
    fn the_first_run_ever_has_no_last() {
        let timer = tick(
            r#"{"ScheduleStatus":{"Last":"0001-01-01T00:00:00+00:00","Next":"2026-11-22T07:00:00",
               "LastUpdated":"0001-01-01T00:00:00"},"IsPastDue":false}"#,
        )
        .unwrap();
        let status = timer.schedule_status.unwrap();
        assert_eq!((status.last, status.last_updated), (None, None));
        assert_eq!(status.next.unwrap().to_string(), "2026-11-22T07:00:00Z");
        assert!(!timer.is_past_due);
    }

    #[test]
    fn without_a_monitor_there_is_no_status() {
        for data in [
            r#"{"ScheduleStatus":null,"IsPastDue":false}"#,
            "{}",
            r#"{"New":1,"isPastDue":"False"}"#,
        ] {
            assert_eq!(
                tick(data).unwrap(),
                Timer {
                    is_past_due: false,
                    schedule_status: None
                },
                "{data}"
            );
        }
    }

    #[test]
    fn other_spellings_are_read() {
        assert!(tick(r#"{"isPastDue":true}"#).unwrap().is_past_due);
        assert!(tick(r#"{"IsPastDue":"True"}"#).unwrap().is_past_due);
        assert!(tick(r#""{\"IsPastDue\":true}""#).unwrap().is_past_due);
        let odd = tick(r#"{"ScheduleStatus":{"Last":"yesterday","Next":5},"IsPastDue":true}"#).unwrap();
        assert_eq!(odd.schedule_status, Some(ScheduleStatus::default()));
    }

    #[test]
    fn what_is_no_timer_is_refused_by_name() {
        assert_eq!(
            tick(r#""\"hello\"""#).unwrap_err().to_string(),
            "`Data.tick` is a string, expected a timer: an object with `IsPastDue` and `ScheduleStatus`"
        );
    }
}
