//! The proleptic Gregorian calendar in UTC, in milliseconds since 1970 as JavaScript counts.

pub(super) const DAY: i64 = 86_400_000;

/// The farthest instant from 1970 that JavaScript dates reach, in milliseconds.
pub(super) const FARTHEST: i64 = 8_640_000_000_000_000;

/// Calendar and clock fields of an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) year: i64,
    /// From 1.
    pub(super) month: i64,
    pub(super) day: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    pub(super) milli: i64,
    /// From 0, Sunday.
    pub(super) weekday: i64,
}

/// Days from 1970-01-01 to the date; the day may lie outside its month.
pub(super) fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468 + day - 1
}

pub(super) fn fields(ms: i64) -> Fields {
    let day_count = ms.div_euclid(DAY);
    let in_day = ms.rem_euclid(DAY);
    let shifted = day_count + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    Fields {
        year: year_of_era + era * 400 + i64::from(month <= 2),
        month,
        day: day_of_year - (153 * shifted_month + 2) / 5 + 1,
        hour: in_day / 3_600_000,
        minute: in_day / 60_000 % 60,
        second: in_day / 1_000 % 60,
        milli: in_day % 1_000,
        weekday: (day_count + 4).rem_euclid(7),
    }
}

pub(super) fn days_in_month(year: i64, month: i64) -> i64 {
    let (next_year, next_month) = if month == 12 {
        (year + 1, 1)
    } else {
        (year, month + 1)
    };
    days(next_year, next_month, 1) - days(year, month, 1)
}

/// Adds whole months; the day is clamped to the month's last. `None` if out of range.
pub(super) fn add_months(ms: i64, months: f64) -> Option<i64> {
    if months.abs() > 1e7 {
        return None;
    }
    let from = fields(ms);
    let total = from.year * 12 + from.month - 1 + months as i64;
    let (year, month) = (total.div_euclid(12), total.rem_euclid(12) + 1);
    let day = from.day.min(days_in_month(year, month));
    in_range(days(year, month, day).checked_mul(DAY)? + ms.rem_euclid(DAY))
}

pub(super) fn in_range(ms: i64) -> Option<i64> {
    (-FARTHEST..=FARTHEST).contains(&ms).then_some(ms)
}

/// A number of milliseconds as JavaScript clips it to a date.
pub(super) fn clip(ms: f64) -> Option<i64> {
    (ms.is_finite() && ms.abs() <= FARTHEST as f64).then_some(ms.trunc() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_fields_are_inverse() {
        for ms in (-FARTHEST..FARTHEST).step_by(7_777_777_777_777) {
            let f = fields(ms);
            assert_eq!(days(f.year, f.month, f.day), ms.div_euclid(DAY));
            assert!((1..=12).contains(&f.month) && (1..=31).contains(&f.day));
        }
        assert_eq!(fields(0).weekday, 4);
        assert_eq!(days(2000, 2, 30), days(2000, 3, 1));
    }
}
