//! How long a token lives, as token endpoints tell it: in three ways, as numbers or as text.

use jiff::Timestamp;
use serde_json::Value;
use std::time::Duration;

/// Renewed so long before the end.
const AHEAD: Duration = Duration::from_secs(300);
/// Longer lives are renewed half way (managed identities give a day).
const LONG: Duration = Duration::from_secs(2 * 3600);
/// Where the answer doesn't tell.
const UNTOLD: Duration = Duration::from_secs(600);

/// A token's life from when it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lifetime {
    whole: Duration,
    advised: Option<Duration>,
}

impl Lifetime {
    /// Reads `expires_in`, else `expires_on` (seconds since 1970 or a time), and `refresh_in`.
    pub(super) fn read(answer: &Value, now: Timestamp) -> Self {
        let seconds = |member: &str| answer.get(member).and_then(number).map(Duration::from_secs);
        let whole = seconds("expires_in")
            .or_else(|| until(answer.get("expires_on")?, now))
            .unwrap_or(UNTOLD);
        Self {
            whole,
            advised: seconds("refresh_in").filter(|advised| *advised > Duration::ZERO),
        }
    }

    /// When to ask for the next.
    pub(super) fn renew_after(self) -> Duration {
        let own = if self.whole > LONG || self.whole < AHEAD * 2 {
            self.whole / 2
        } else {
            self.whole - AHEAD
        };
        self.advised.map_or(own, |advised| advised.min(own))
    }

    /// How long it may be sent: not to the very end, a request takes time.
    pub(super) fn usable(self) -> Duration {
        self.whole - (self.whole / 10).min(Duration::from_secs(60))
    }
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

fn until(value: &Value, now: Timestamp) -> Option<Duration> {
    let end = match number(value) {
        Some(seconds) => Timestamp::from_second(i64::try_from(seconds).ok()?).ok()?,
        None => value.as_str()?.trim().parse().ok()?,
    };
    Some(end.duration_since(now).try_into().unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(answer: &Value) -> (u64, u64) {
        let lifetime = Lifetime::read(answer, Timestamp::from_second(1_767_225_600).unwrap());
        (lifetime.renew_after().as_secs(), lifetime.usable().as_secs())
    }

    #[test]
    fn every_spelling_of_a_life_is_read() {
        assert_eq!(read(&json!({"expires_in": 3599})), (3299, 3539));
        assert_eq!(read(&json!({"expires_in": "3599"})), (3299, 3539));
        assert_eq!(read(&json!({"expires_on": "1767229200"})), (3300, 3540));
        assert_eq!(
            read(&json!({"expires_on": "2026-01-01T01:00:00+00:00"})),
            (3300, 3540)
        );
        assert_eq!(read(&json!({"expires_in": 86400})), (43200, 86340));
        assert_eq!(
            read(&json!({"expires_in": 86400, "refresh_in": 1000})),
            (1000, 86340)
        );
        assert_eq!(read(&json!({"expires_in": 100})), (50, 90));
        assert_eq!(read(&json!({})), (300, 540));
        assert_eq!(read(&json!({"expires_on": "1"})), (0, 0));
    }
}
