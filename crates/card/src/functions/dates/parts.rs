//! Date and time parts, differences, and ticks (units of 100 ns since the year 1).

use super::calendar::{DAY, days, fields};
use super::{EPOCH_TICKS, read, render, timestamp};
use crate::eval::Outcome;
use crate::functions::{Call, Check, Eager, Function, Run, Types, Verify};
use crate::syntax::shortened;
use crate::value::Val;

const S: Types = Types::STRING;
const N: Types = Types::NUMBER;
const ONE: Check = Check::each(1, 1, S);

const fn of_text(name: &'static str, returns: Types, run: Eager) -> Function {
    Function::new(name, returns, ONE, Run::Eager(Verify::String, run))
}

pub(super) const DATE: Function = of_text("date", S, |c, v| {
    c.text(render::render(timestamp(c, &v[0])?, 0, "M/DD/YYYY"))
});
pub(super) const YEAR: Function = of_text("year", N, |c, v| part(c, v, |ms| fields(ms).year));
pub(super) const MONTH: Function = of_text("month", N, |c, v| part(c, v, |ms| fields(ms).month));
pub(super) const DAY_OF_MONTH: Function = of_text("dayOfMonth", N, |c, v| part(c, v, |ms| fields(ms).day));
pub(super) const DAY_OF_WEEK: Function = of_text("dayOfWeek", N, |c, v| part(c, v, |ms| fields(ms).weekday));
pub(super) const DAY_OF_YEAR: Function = of_text("dayOfYear", N, |c, v| {
    part(c, v, |ms| ms.div_euclid(DAY) - days(fields(ms).year, 1, 1) + 1)
});
pub(super) const TIME_OF_DAY: Function = of_text("getTimeOfDay", S, time_of_day);
pub(super) const DIFF: Function = Function::new(
    "dateTimeDiff",
    N,
    Check::each(2, 2, S),
    Run::Eager(Verify::Nothing, |c, v| {
        let ms = timestamp(c, &v[0])? - timestamp(c, &v[1])?;
        Ok(Val::Number(ms as f64 * 10_000.0))
    }),
);
pub(super) const TICKS: Function = Function::new(
    "ticks",
    N,
    ONE,
    Run::Eager(Verify::Nothing, |c, v| {
        Ok(Val::BigInt(Box::new(
            EPOCH_TICKS + i128::from(timestamp(c, &v[0])?) * 10_000,
        )))
    }),
);
pub(super) const TICKS_TO_DAYS: Function = of_ticks("ticksToDays", |c, v| ticks_to(c, v, DAY));
pub(super) const TICKS_TO_HOURS: Function = of_ticks("ticksToHours", |c, v| ticks_to(c, v, 3_600_000));
pub(super) const TICKS_TO_MINUTES: Function = of_ticks("ticksToMinutes", |c, v| ticks_to(c, v, 60_000));
pub(super) const IS_DATE_TIME: Function = Function::new(
    "isDateTime",
    Types::BOOLEAN,
    Check::any(1),
    Run::Eager(Verify::Nothing, |_, v| {
        Ok(Val::Bool(
            v[0].text().is_some_and(|text| read::strict(text).is_some()),
        ))
    }),
);

const fn of_ticks(name: &'static str, run: Eager) -> Function {
    Function::new(name, N, Check::each(1, 1, N), Run::Eager(Verify::Nothing, run))
}

fn part<'d>(call: &Call<'_, 'd>, values: &[Val<'d>], take: fn(i64) -> i64) -> Outcome<'d> {
    Ok(Val::Number(take(timestamp(call, &values[0])?) as f64))
}

fn time_of_day<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let text = values[0].text().unwrap_or("");
    let time = match read::strict(text) {
        Some(ms) => read::hhmm(ms),
        None => match read::any(text) {
            None => return call.fail(format!("'{}' is not a date or time", shortened(text, 64))),
            // A local time is accepted only in the format of the zone functions.
            Some(ms) if render::render(ms, 0, "YYYY-MM-DDTHH:mm:ss.SSS0000") == text => read::hhmm(ms),
            Some(_) => return Ok(Val::Undefined),
        },
    };
    call.text(match time {
        0 => "midnight",
        1..1200 => "morning",
        1200 => "noon",
        1201..1800 => "afternoon",
        1800..=2200 => "evening",
        _ => "night",
    })
}

fn ticks_to<'d>(call: &Call<'_, 'd>, values: &[Val<'d>], unit_ms: i64) -> Outcome<'d> {
    let ticks = match &values[0] {
        Val::BigInt(n) => **n as f64,
        other => match other.integer() {
            Some(n) => n,
            None => {
                return call.fail(format!(
                    "a whole count of ticks was expected, but `{}` is not one",
                    call.show(0)
                ));
            }
        },
    };
    Ok(Val::Number(ticks / (unit_ms as f64 * 10_000.0)))
}
