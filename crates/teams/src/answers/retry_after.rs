//! How long to wait before the next request, as the service says in `Retry-After`.

use http::{HeaderMap, header::RETRY_AFTER};
use jiff::Timestamp;
use std::time::{Duration, SystemTime};

/// Longest wait that is accepted. Teams asks for seconds, minutes at most; a wrong number must not stop a tenant for
/// years.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// Reads `Retry-After` (seconds or a date, RFC 9110), else the millisecond headers of Azure's services. A date in the
/// past means no wait; the longest wait is a day.
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::trim)
    };
    let standard = text(RETRY_AFTER.as_str()).and_then(|text| seconds(text).or_else(|| date(text, now)));
    let milliseconds = |name| Some(Duration::from_millis(text(name)?.parse().ok()?));
    standard
        .or_else(|| milliseconds("retry-after-ms"))
        .or_else(|| milliseconds("x-ms-retry-after-ms"))
        .map(|wait| wait.min(LONGEST))
}

fn seconds(text: &str) -> Option<Duration> {
    // Fractions are not in the standard, but harmless to accept.
    let seconds = text.parse::<f64>().ok().filter(|seconds| !seconds.is_nan())?;
    Duration::try_from_secs_f64(seconds.min(LONGEST.as_secs_f64())).ok()
}

fn date(text: &str, now: Timestamp) -> Option<Duration> {
    let at = httpdate::parse_http_date(text).ok()?;
    Some(at.duration_since(SystemTime::from(now)).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&'static str, &str)]) -> Option<Duration> {
        let headers = pairs
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()));
        retry_after(&headers.collect(), Timestamp::from_second(784_111_770).unwrap())
    }

    #[test]
    fn seconds_dates_and_milliseconds_are_exact() {
        assert_eq!(read(&[("retry-after", "7")]), Some(Duration::from_secs(7)));
        assert_eq!(read(&[("retry-after", "0")]), Some(Duration::ZERO));
        assert_eq!(read(&[("retry-after", "1.5")]), Some(Duration::from_millis(1500)));
        for date in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(
                read(&[("retry-after", date)]),
                Some(Duration::from_secs(7)),
                "{date}"
            );
        }
        assert_eq!(
            read(&[("retry-after", "Sun, 06 Nov 1994 08:49:00 GMT")]),
            Some(Duration::ZERO)
        );
        assert_eq!(
            read(&[("x-ms-retry-after-ms", "250")]),
            Some(Duration::from_millis(250))
        );
        assert_eq!(
            read(&[("retry-after", "7"), ("retry-after-ms", "250")]),
            Some(Duration::from_secs(7))
        );
    }

    #[test]
    fn nothing_silences_a_tenant_for_more_than_a_day() {
        let digits = "9".repeat(40);
        for text in [
            "86401",
            "18446744073709551615",
            digits.as_str(),
            "1e400",
            "Fri, 31 Dec 9999 23:59:59 GMT",
        ] {
            assert_eq!(read(&[("retry-after", text)]), Some(LONGEST), "{text}");
        }
        assert_eq!(read(&[("retry-after-ms", "18446744073709551615")]), Some(LONGEST));
        assert_eq!(read(&[("retry-after", "660")]), Some(Duration::from_secs(660)));
    }

    #[test]
    fn nothing_or_nonsense_is_absent() {
        assert_eq!(read(&[]), None);
        for text in ["soon", "-1", "", "NaN", "-inf"] {
            assert_eq!(read(&[("retry-after", text)]), None, "{text}");
        }
    }
}
