//! Date and time functions. All use UTC except the two time zone functions.

mod calendar;
mod parts;
mod read;
mod render;

use super::{Call, Check, Function, Run, Types, Verify, zones};
use crate::eval::{Fail, Outcome, kind};
use crate::syntax::shortened;
use crate::value::Val;
use calendar::{DAY, add_months, clip, fields, in_range};

const S: Types = Types::STRING;
const N: Types = Types::NUMBER;
const MORE: &[Types] = &[S, S];

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "formatDateTime",
        S,
        Check::order(&[S], MORE),
        Run::Eager(Verify::Nothing, format_date_time),
    ),
    Function::new(
        "formatEpoch",
        S,
        Check::order(&[N], MORE),
        Run::Eager(Verify::Nothing, format_epoch),
    ),
    Function::new(
        "formatTicks",
        S,
        Check::order(&[N], MORE),
        Run::Eager(Verify::Nothing, format_ticks),
    ),
    Function::new(
        "addDays",
        S,
        Check::order(&[S, N], MORE),
        Run::Eager(Verify::Nothing, |c, v| add(c, v, DAY)),
    ),
    Function::new(
        "addHours",
        S,
        Check::order(&[S, N], MORE),
        Run::Eager(Verify::Nothing, |c, v| add(c, v, 3_600_000)),
    ),
    Function::new(
        "addMinutes",
        S,
        Check::order(&[S, N], MORE),
        Run::Eager(Verify::Nothing, |c, v| add(c, v, 60_000)),
    ),
    Function::new(
        "addSeconds",
        S,
        Check::order(&[S, N], MORE),
        Run::Eager(Verify::Nothing, |c, v| add(c, v, 1_000)),
    ),
    Function::new(
        "addToTime",
        S,
        Check::order(&[S, N, S], MORE),
        Run::Eager(Verify::Nothing, |c, v| shift_time(c, v, Sign::Plus)),
    ),
    Function::new(
        "subtractFromTime",
        S,
        Check::order(&[S, N, S], MORE),
        Run::Eager(Verify::Nothing, |c, v| shift_time(c, v, Sign::Minus)),
    ),
    Function::new(
        "getFutureTime",
        S,
        Check::order(&[N, S], MORE),
        Run::Eager(Verify::Nothing, |c, v| shift_now(c, v, Sign::Plus)),
    )
    .impure(),
    Function::new(
        "getPastTime",
        S,
        Check::order(&[N, S], MORE),
        Run::Eager(Verify::Nothing, |c, v| shift_now(c, v, Sign::Minus)),
    )
    .impure(),
    Function::new(
        "utcNow",
        S,
        Check::order(&[], MORE),
        Run::Eager(Verify::Nothing, |c, v| {
            written(
                c,
                Some(c.cx.environment.now_ms()),
                0,
                &format_of(v, 2, render::DEFAULT),
            )
        }),
    )
    .impure(),
    Function::new(
        "startOfDay",
        S,
        Check::order(&[S], MORE),
        Run::Eager(Verify::Nothing, |c, v| start(c, v, |ms| ms - ms.rem_euclid(DAY))),
    ),
    Function::new(
        "startOfHour",
        S,
        Check::order(&[S], MORE),
        Run::Eager(Verify::Nothing, |c, v| {
            start(c, v, |ms| ms - ms.rem_euclid(3_600_000))
        }),
    ),
    Function::new(
        "startOfMonth",
        S,
        Check::order(&[S], MORE),
        Run::Eager(Verify::Nothing, |c, v| {
            start(c, v, |ms| {
                calendar::days(fields(ms).year, fields(ms).month, 1) * DAY
            })
        }),
    ),
    Function::new(
        "convertFromUTC",
        S,
        Check::order(&[S, S], MORE),
        Run::Eager(Verify::Nothing, from_utc),
    ),
    Function::new(
        "convertToUTC",
        S,
        Check::order(&[S, S], MORE),
        Run::Eager(Verify::Nothing, to_utc),
    ),
    parts::DATE,
    parts::YEAR,
    parts::MONTH,
    parts::DAY_OF_MONTH,
    parts::DAY_OF_WEEK,
    parts::DAY_OF_YEAR,
    parts::TIME_OF_DAY,
    parts::DIFF,
    parts::TICKS,
    parts::TICKS_TO_DAYS,
    parts::TICKS_TO_HOURS,
    parts::TICKS_TO_MINUTES,
    parts::IS_DATE_TIME,
];

/// 0001-01-01 to 1970-01-01 in ticks of 100 ns.
const EPOCH_TICKS: i128 = 621_355_968_000_000_000;

/// The dayjs format among the arguments, of which at most `most` are allowed: the last but one with a
/// locale after it, or the last.
fn format_of(values: &[Val<'_>], most: usize, default: &str) -> String {
    let chosen = if values.len() == most {
        match (&values[most - 2], &values[most - 1]) {
            (Val::String(format), Val::String(_)) => Some(format),
            _ => None,
        }
    } else if values.len() + 1 == most {
        match values.last() {
            Some(Val::String(format)) => Some(format),
            _ => None,
        }
    } else {
        None
    };
    chosen.map_or_else(|| default.to_owned(), |format| render::translate(format))
}

fn written<'d>(call: &Call<'_, 'd>, ms: Option<i64>, offset: i64, format: &str) -> Outcome<'d> {
    let budget = call.budget();
    // A format letter may expand to six characters (a zone), and formatting is slower than copying.
    budget.bytes(format.len().saturating_mul(32))?;
    budget.check_available(format.len().saturating_mul(6))?;
    match ms {
        Some(ms) => call.text(render::render(ms + offset * 60_000, offset, format)),
        None => call.text("Invalid Date"),
    }
}

/// The instant of an argument in the strict ISO form.
fn timestamp(call: &Call<'_, '_>, value: &Val<'_>) -> Result<i64, Fail> {
    match value.text() {
        Some(text) => match read::strict(text) {
            Some(ms) => Ok(ms),
            None => call.fail(format!(
                "'{}' is not a time like 2018-03-15T13:00:00.000Z",
                shortened(text, 64)
            )),
        },
        None => call.fail(format!(
            "a time like 2018-03-15T13:00:00.000Z was expected, but one argument is {}",
            kind(value)
        )),
    }
}

fn format_date_time<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let Some(text) = values[0].text() else {
        return call.fail(format!("a time was expected, but {}", call.found(0, &values[0])));
    };
    let Some(plain) = read::any(text) else {
        return call.fail(format!("'{}' is not a date or time", shortened(text, 64)));
    };
    let ms = if text.ends_with('Z') {
        plain
    } else {
        read::any(&format!("{text}Z")).unwrap_or(plain)
    };
    written(call, Some(ms), 0, &format_of(values, 3, render::DEFAULT))
}

fn format_epoch<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let Some(seconds) = values[0].number() else {
        return call.fail(format!(
            "a number of seconds was expected, but {}",
            call.found(0, &values[0])
        ));
    };
    match clip(seconds * 1_000.0) {
        Some(ms) => written(call, Some(ms), 0, &format_of(values, 3, render::DEFAULT)),
        None => call.fail("the time is out of range"),
    }
}

fn format_ticks<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let ticks = match &values[0] {
        Val::BigInt(n) => Some(**n),
        Val::Number(n) if n.fract() == 0.0 && n.abs() < 1e30 => Some(*n as i128),
        Val::String(s) if s.trim().is_empty() => Some(0),
        Val::String(s) => s.parse().ok(),
        _ => None,
    };
    let ms = ticks
        .map(|ticks| (ticks - EPOCH_TICKS) / 10_000)
        .and_then(|ms| clip(ms as f64));
    match ms {
        Some(ms) => written(call, Some(ms), 0, &format_of(values, 3, render::DEFAULT)),
        None => call.fail(format!(
            "a count of ticks was expected, but {}",
            call.found(0, &values[0])
        )),
    }
}

fn add<'d>(call: &Call<'_, 'd>, values: &[Val<'d>], unit: i64) -> Outcome<'d> {
    let Some(count) = values[1].number() else {
        return call.fail(format!(
            "a number was expected, but {}",
            call.found(1, &values[1])
        ));
    };
    let ms = timestamp(call, &values[0])?;
    // The field plus the count is truncated, as in the reference.
    let f = fields(ms);
    let field = match unit {
        DAY => f.day,
        3_600_000 => f.hour,
        60_000 => f.minute,
        _ => f.second,
    };
    let moved = (field as f64 + count).trunc() - field as f64;
    let result = clip(ms as f64 + moved * unit as f64);
    written(call, result, 0, &format_of(values, 4, render::DEFAULT))
}

#[derive(Clone, Copy, PartialEq)]
enum Sign {
    Plus,
    Minus,
}

/// Moves an instant by a count of units. `None`: no such unit.
fn moved(ms: i64, count: f64, unit: &str, sign: Sign) -> Option<Option<i64>> {
    let count = if sign == Sign::Minus { -count } else { count };
    let unit = match unit {
        "Second" => 1_000,
        "Minute" => 60_000,
        "Hour" => 3_600_000,
        "Day" => DAY,
        "Week" => 7 * DAY,
        "Month" => return Some(add_months(ms, count)),
        "Year" => return Some(add_months(ms, count * 12.0)),
        _ => return None,
    };
    Some(clip(ms as f64 + count * unit as f64))
}

fn no_unit<'d>(call: &Call<'_, 'd>, unit: &str) -> Outcome<'d> {
    call.fail(format!(
        "'{}' is not one of Second, Minute, Hour, Day, Week, Month, Year",
        shortened(unit, 64)
    ))
}

fn shift_time<'d>(call: &Call<'_, 'd>, values: &[Val<'d>], sign: Sign) -> Outcome<'d> {
    let (Val::String(_), Some(count), Val::String(unit)) = (&values[0], values[1].integer(), &values[2])
    else {
        return call.fail("a time, an integer and a unit such as 'Day' were expected");
    };
    let format = format_of(values, 5, render::DEFAULT);
    let unit_known = moved(0, 0.0, unit, sign).is_some();
    if !unit_known && sign == Sign::Minus {
        return no_unit(call, unit);
    }
    let ms = timestamp(call, &values[0])?;
    // An unknown unit adds milliseconds, as in the reference.
    let result = moved(ms, count, unit, sign).unwrap_or_else(|| clip(ms as f64 + count));
    written(call, result, 0, &format)
}

fn shift_now<'d>(call: &Call<'_, 'd>, values: &[Val<'d>], sign: Sign) -> Outcome<'d> {
    let (Some(count), Val::String(unit)) = (values[0].integer(), &values[1]) else {
        return call.fail("an integer and a unit such as 'Day' were expected");
    };
    let format = format_of(values, 4, render::DEFAULT);
    match moved(call.cx.environment.now_ms(), count, unit, sign) {
        Some(result) => written(call, result, 0, &format),
        None => no_unit(call, unit),
    }
}

fn start<'d>(call: &Call<'_, 'd>, values: &[Val<'d>], cut: fn(i64) -> i64) -> Outcome<'d> {
    let format = format_of(values, 3, render::DEFAULT);
    written(call, in_range(cut(timestamp(call, &values[0])?)), 0, &format)
}

fn zone(call: &Call<'_, '_>, values: &[Val<'_>]) -> Result<jiff::tz::TimeZone, Fail> {
    let (Val::String(_), Val::String(name)) = (&values[0], &values[1]) else {
        return call.fail("a time and a time zone were expected");
    };
    match zones::find(call.budget(), name)? {
        Some(zone) => Ok(zone),
        None => call.fail(format!(
            "'{}' is not a time zone such as 'Europe/Paris' or 'Pacific Standard Time'",
            shortened(name, 64)
        )),
    }
}

fn from_utc<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let format = format_of(values, 4, "YYYY-MM-DDTHH:mm:ss.SSS0000");
    let zone = zone(call, values)?;
    let ms = timestamp(call, &values[0])?;
    written(call, Some(ms), zones::offset_minutes(&zone, ms), &format)
}

fn to_utc<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let format = format_of(values, 4, render::DEFAULT);
    let zone = zone(call, values)?;
    let text = values[0].text().unwrap_or("");
    match read::local(text) {
        // The reference passes through a string without milliseconds.
        Some(local) => written(
            call,
            in_range(zones::from_local(&zone, local).div_euclid(1_000) * 1_000),
            0,
            &format,
        ),
        None => call.fail(format!("'{}' is not a date or time", shortened(text, 64))),
    }
}

/// The second date relative to the first, in words ("tomorrow", "next Monday").
pub(super) fn read_back<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let today = timestamp(call, &values[0])?.div_euclid(DAY);
    let ms = timestamp(call, &values[1])?;
    let f = fields(ms);
    let day = ms.div_euclid(DAY);
    let weekday = [
        "Sunday",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
    ][f.weekday as usize % 7];
    let week_start = today - fields(today * DAY).weekday;
    call.text(match day - today {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        _ => match (day - week_start).div_euclid(7) {
            0 => format!("this {weekday}"),
            1 => format!("next {weekday}"),
            -1 => format!("last {weekday}"),
            _ => {
                let suffix = match f.day % 10 {
                    1 => "st",
                    2 => "nd",
                    3 => "rd",
                    _ => "th",
                };
                // The reference's word for the second month.
                let month = if f.month == 2 {
                    "Februrary".to_owned()
                } else {
                    render::render(ms, 0, "MMMM")
                };
                format!("{}{suffix} {month} {}", f.day, f.year)
            }
        },
    })
}

/// Year, month and day of an instant.
pub(super) fn date_of(ms: i64) -> (i64, i64, i64) {
    let f = fields(ms);
    (f.year, f.month, f.day)
}

/// Hour, minute and second of an instant.
pub(super) fn time_of(ms: i64) -> (i64, i64, i64) {
    let f = fields(ms);
    (f.hour, f.minute, f.second)
}

/// A date whose day may lie past the end of its month, as `YYYY-MM-DD`.
pub(super) fn rolled(year: i64, month: i64, day: i64) -> String {
    render::render(calendar::days(year, month, day) * DAY, 0, "YYYY-MM-DD")
}
