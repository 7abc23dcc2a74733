//! .NET's TimeSpan text, as host.json and timer schedules write durations.

use std::time::Duration;

use thiserror::Error;

/// Why a text is not a TimeSpan.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("\"{text}\" is not [d.]hh:mm:ss[.fffffff], such as 00:05:00")]
pub struct TimeSpanError {
    text: String,
}

/// Whether a schedule is meant as a TimeSpan and not as a cron expression.
pub(super) fn looks_like_timespan(text: &str) -> bool {
    text.contains(':') && !text.contains(' ')
}

/// Reads `[d.]hh:mm[:ss[.fffffff]]`. An hour part above 23 is read as days, as the timer extension does
/// (`24:00:00` is 24 days). Negative spans are refused.
///
/// # Errors
/// [`TimeSpanError`] when the text has another shape or a minute or second above 59.
pub fn parse_timespan(text: &str) -> Result<Duration, TimeSpanError> {
    parse(text.trim()).ok_or_else(|| TimeSpanError {
        text: text.to_owned(),
    })
}

fn parse(text: &str) -> Option<Duration> {
    let (clock, fraction) = match text.rfind(':') {
        Some(colon) => match text[colon..].find('.') {
            Some(dot) => (&text[..colon + dot], fraction_nanos(&text[colon + dot + 1..])?),
            None => (text, 0),
        },
        None => return number(text).map(|days| Duration::from_secs(days * 86_400)),
    };
    let (days, clock) = match clock.split_once('.') {
        Some((days, clock)) => (number(days)?, clock),
        None => (0, clock),
    };
    let parts: Vec<u64> = clock.split(':').map(number).collect::<Option<_>>()?;
    let (days, hours, minutes, seconds) = match parts[..] {
        [hours, minutes] => (days, hours, minutes, 0),
        [hours, minutes, seconds] if hours > 23 && days == 0 => {
            // .NET reads "24:10:05" as 24 days, 10 hours, 5 minutes.
            return days_first(hours, minutes, seconds);
        }
        [hours, minutes, seconds] => (days, hours, minutes, seconds),
        [days_part, hours, minutes, seconds] if days == 0 => (days_part, hours, minutes, seconds),
        _ => return None,
    };
    if hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    Some(Duration::new(
        ((days * 24 + hours) * 60 + minutes) * 60 + seconds,
        fraction,
    ))
}

fn days_first(days: u64, hours: u64, minutes: u64) -> Option<Duration> {
    (hours <= 23 && minutes <= 59).then(|| Duration::from_secs(((days * 24 + hours) * 60 + minutes) * 60))
}

fn number(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.len() <= 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn fraction_nanos(text: &str) -> Option<u32> {
    let plain = !text.is_empty() && text.len() <= 7 && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| format!("{text:0<9}").parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_forms_of_dotnet() {
        for (text, seconds) in [
            ("00:05:00", 300.0),
            ("1:02", 3720.0),
            ("1.00:00:01", 86_401.0),
            ("00:00:00.25", 0.25),
            ("7", 604_800.0),
            ("24:00:00", 24.0 * 86_400.0),
            ("1:2:3:4", 93_784.0),
        ] {
            assert_eq!(
                parse_timespan(text).map(|span| span.as_secs_f64()),
                Ok(seconds),
                "{text}"
            );
        }
    }

    #[test]
    fn refuses_the_rest_with_an_example() {
        for text in [
            "",
            ":",
            "00:60:00",
            "00:00:60",
            "-00:01:00",
            "a:b",
            "1:2:3:4:5",
            "00:00:00.",
            "99999999999:00",
        ] {
            let error = parse_timespan(text).unwrap_err().to_string();
            assert!(error.contains("hh:mm:ss"), "{text}: {error}");
        }
    }
}
