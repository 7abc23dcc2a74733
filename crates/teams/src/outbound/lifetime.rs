//! The lifetime of a token as token endpoints give it: in three properties, as numbers or strings.

use jiff::Timestamp;
use serde_json::Value;
use std::time::Duration;

/// How long before its end a token is renewed.
const RENEW_BEFORE_END: Duration = Duration::from_secs(300);
/// Tokens with a longer lifetime are renewed half way (managed identities give a day).
const LONG_LIVED: Duration = Duration::from_secs(2 * 3600);
/// Lifetime where the response has none.
const DEFAULT_LIFETIME: Duration = Duration::from_secs(600);

/// A token's lifetime, from the time of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lifetime {
    whole: Duration,
    refresh_in: Option<Duration>,
}

impl Lifetime {
    /// Reads `expires_in`, else `expires_on` (seconds since 1970 or a time), and `refresh_in`.
    pub(super) fn read(answer: &Value, now: Timestamp) -> Self {
        let seconds = |property: &str| answer.get(property).and_then(number).map(Duration::from_secs);
        let whole = seconds("expires_in")
            .or_else(|| until(answer.get("expires_on")?, now))
            .unwrap_or(DEFAULT_LIFETIME);
        Self {
            whole,
            refresh_in: seconds("refresh_in").filter(|refresh_in| *refresh_in > Duration::ZERO),
        }
    }

    /// When to renew.
    pub(super) fn renew_after(self) -> Duration {
        let own = if self.whole > LONG_LIVED || self.whole < RENEW_BEFORE_END * 2 {
            self.whole / 2
        } else {
            self.whole - RENEW_BEFORE_END
        };
        self.refresh_in.map_or(own, |refresh_in| refresh_in.min(own))
    }

    /// How long the token may be sent: less than its lifetime, as a request takes time.
    pub(super) fn usable_for(self) -> Duration {
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
        (lifetime.renew_after().as_secs(), lifetime.usable_for().as_secs())
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
