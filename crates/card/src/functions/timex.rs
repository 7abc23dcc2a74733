//! TIMEX expressions such as `XXXX-07-04` or `PT1H`: classification, and their values.

use super::{Call, Check, Function, Run, Types, Verify, zones};
use crate::budget::Budget;
use crate::eval::{Fail, Outcome};
use crate::syntax::shortened;
use crate::value::Val;
use std::collections::HashMap;

/// The longest text that can be a TIMEX expression, in bytes.
const MAX_TIMEX_BYTES: usize = 256;

const S: Types = Types::STRING;
const B: Types = Types::BOOLEAN;
const ONE: Check = Check::any(1);
const NAME_ZONE: Check = Check::each(1, 2, S);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "isDefinite",
        B,
        ONE,
        Run::Eager(Verify::Nothing, |c, v| test(c, v, Timex::definite)),
    ),
    Function::new(
        "isTime",
        B,
        ONE,
        Run::Eager(Verify::Nothing, |c, v| test(c, v, |t| t.time.is_some())),
    ),
    Function::new(
        "isDuration",
        B,
        ONE,
        Run::Eager(Verify::Nothing, |c, v| test(c, v, |t| t.seconds.is_some())),
    ),
    Function::new(
        "isDate",
        B,
        ONE,
        Run::Eager(Verify::Nothing, |c, v| test(c, v, Timex::date)),
    ),
    Function::new(
        "isTimeRange",
        B,
        ONE,
        Run::Eager(Verify::Nothing, |c, v| test(c, v, |t| t.part_of_day)),
    ),
    Function::new(
        "isDateRange",
        B,
        ONE,
        Run::Eager(Verify::Nothing, |c, v| test(c, v, Timex::date_range)),
    ),
    Function::new(
        "isPresent",
        B,
        ONE,
        Run::Eager(Verify::Nothing, |c, v| test(c, v, |t| t.now)),
    ),
    Function::new("resolve", S, ONE, Run::Eager(Verify::Nothing, resolve)),
    Function::new(
        "dateReadBack",
        S,
        Check::order(&[S, S], &[]),
        Run::Eager(Verify::String, super::dates::read_back),
    ),
    Function::new(
        "getNextViableDate",
        S,
        NAME_ZONE,
        Run::Eager(Verify::Nothing, |c, v| viable_date(c, v, Direction::Next)),
    )
    .impure(),
    Function::new(
        "getPreviousViableDate",
        S,
        NAME_ZONE,
        Run::Eager(Verify::Nothing, |c, v| viable_date(c, v, Direction::Previous)),
    )
    .impure(),
    Function::new(
        "getNextViableTime",
        S,
        NAME_ZONE,
        Run::Eager(Verify::Nothing, |c, v| viable_time(c, v, Direction::Next)),
    )
    .impure(),
    Function::new(
        "getPreviousViableTime",
        S,
        NAME_ZONE,
        Run::Eager(Verify::Nothing, |c, v| viable_time(c, v, Direction::Previous)),
    )
    .impure(),
];

/// The components of a TIMEX expression.
#[derive(Default, Debug)]
struct Timex {
    now: bool,
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    weekday: Option<i64>,
    week: bool,
    season: bool,
    time: Option<(i64, i64, i64)>,
    part_of_day: bool,
    seconds: Option<f64>,
}

impl Timex {
    fn definite(&self) -> bool {
        self.year.is_some() && self.month.is_some() && self.day.is_some()
    }

    fn date(&self) -> bool {
        (self.month.is_some() && self.day.is_some()) || self.weekday.is_some()
    }

    fn date_range(&self) -> bool {
        ((self.year.is_some() || self.month.is_some()) && self.day.is_none()) || self.season || self.week
    }

    fn read(text: &str) -> Self {
        let mut timex = Timex::default();
        if text.len() > MAX_TIMEX_BYTES {
            return timex;
        }
        if text == "PRESENT_REF" {
            timex.now = true;
        } else if text.starts_with('P') {
            timex.seconds = duration(text);
        } else if let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
            if let [start, _, length] = inner.split(',').collect::<Vec<_>>()[..] {
                timex.date_time(start);
                timex.seconds = duration(length);
            }
        } else {
            timex.date_time(text);
        }
        timex
    }

    fn date_time(&mut self, text: &str) {
        let (date, time) = text.find('T').map_or((text, ""), |at| text.split_at(at));
        self.read_date(date);
        self.read_time(time);
    }

    fn read_date(&mut self, text: &str) {
        let season = |t: &str| matches!(t, "SP" | "SU" | "FA" | "WI");
        let n = |t: &str, len: usize| {
            (t.len() == len && t.bytes().all(|b| b.is_ascii_digit())).then(|| t.parse().unwrap_or(0))
        };
        let week = |t: &str| t.strip_prefix('W').and_then(|w| n(w, 2));
        match text.split('-').collect::<Vec<_>>()[..] {
            ["XXXX", "WXX", d] => self.weekday = n(d, 1),
            ["XXXX", m, "WXX", w, d] if n(m, 2).is_some() && n(w, 1).is_some() && n(d, 1).is_some() => {
                (self.month, self.weekday, self.week) = (n(m, 2), n(d, 1), true);
            }
            ["XXXX", m, w] if n(m, 2).is_some() && week(w).is_some() => {
                (self.month, self.week) = (n(m, 2), true)
            }
            ["XXXX", m, d] if n(m, 2).is_some() && n(d, 2).is_some() => {
                (self.month, self.day) = (n(m, 2), n(d, 2))
            }
            ["XXXX", m] => self.month = n(m, 2),
            [y, w, "WE"] if n(y, 4).is_some() && week(w).is_some() => {
                (self.year, self.week) = (n(y, 4), true)
            }
            [y, m, d] if n(y, 4).is_some() && n(m, 2).is_some() && n(d, 2).is_some() => {
                (self.year, self.month, self.day) = (n(y, 4), n(m, 2), n(d, 2));
            }
            [y, s] if n(y, 4).is_some() && season(s) => (self.year, self.season) = (n(y, 4), true),
            [y, w] if n(y, 4).is_some() && week(w).is_some() => (self.year, self.week) = (n(y, 4), true),
            [y, m] if n(y, 4).is_some() && n(m, 2).is_some() => (self.year, self.month) = (n(y, 4), n(m, 2)),
            [s] if season(s) => self.season = true,
            [y] => self.year = n(y, 4),
            _ => {}
        }
    }

    fn read_time(&mut self, text: &str) {
        let Some(text) = text.strip_prefix('T') else {
            return;
        };
        if matches!(text, "DT" | "NI" | "MO" | "AF" | "EV") {
            self.part_of_day = true;
            return;
        }
        let two =
            |t: &str| (t.len() == 2 && t.bytes().all(|b| b.is_ascii_digit())).then(|| t.parse().unwrap_or(0));
        let parts: Option<Vec<i64>> = text.split(':').map(two).collect();
        self.time = match parts.as_deref() {
            Some([h]) => Some((*h, 0, 0)),
            Some([h, m]) => Some((*h, *m, 0)),
            Some([h, m, s]) => Some((*h, *m, *s)),
            _ => None,
        };
    }

    /// The components given by the properties of an object.
    fn from_properties(budget: &Budget, map: &crate::value::Map<'_>) -> Result<Self, Fail> {
        // Some twenty names are looked up.
        budget.items(map.len().saturating_mul(20))?;
        let properties: HashMap<String, Val<'_>> = map
            .iter(budget)?
            .filter(|(key, _)| key.len() < 16)
            .map(|(key, value)| (key.to_string(), value))
            .collect();
        let get = |key: &str| properties.get(key);
        let n = |key: &str| get(key).and_then(|v| v.integer()).map(|n| n as i64);
        let amount = |key: &str, unit: f64| get(key).and_then(|v| v.number()).map(|n| n * unit);
        let units = [
            ("years", 31_536_000.0),
            ("months", 2_592_000.0),
            ("weeks", 604_800.0),
            ("days", 86_400.0),
            ("hours", 3_600.0),
            ("minutes", 60.0),
            ("seconds", 1.0),
        ];
        Ok(Timex {
            now: get("now").is_some(),
            year: n("year"),
            month: n("month"),
            day: n("dayOfMonth"),
            weekday: n("dayOfWeek"),
            week: get("weekOfYear").is_some() || get("weekOfMonth").is_some(),
            season: get("season").is_some(),
            time: n("hour").map(|h| (h, n("minute").unwrap_or(0), n("second").unwrap_or(0))),
            part_of_day: get("partOfDay").is_some(),
            seconds: units.into_iter().find_map(|(key, unit)| amount(key, unit)),
        })
    }
}

/// Seconds of a duration such as `P2D` or `PT1.5H`.
fn duration(text: &str) -> Option<f64> {
    let (units, text) = match text.strip_prefix("PT") {
        Some(rest) => ([("H", 3_600.0), ("M", 60.0), ("S", 1.0), ("", 0.0)], rest),
        None => {
            let units = [
                ("Y", 31_536_000.0),
                ("M", 2_592_000.0),
                ("W", 604_800.0),
                ("D", 86_400.0),
            ];
            (units, text.strip_prefix('P')?)
        }
    };
    let (number, seconds) = units
        .into_iter()
        .filter(|(unit, _)| !unit.is_empty())
        .find_map(|(unit, s)| Some((text.strip_suffix(unit)?, s)))?;
    let valid = number.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && number.ends_with(|c: char| c.is_ascii_digit());
    if valid {
        number.parse::<f64>().ok().map(|n| n * seconds)
    } else {
        None
    }
}

fn parse(call: &Call<'_, '_>, value: &Val<'_>) -> Result<Timex, Fail> {
    match value {
        Val::String(text) => Ok(Timex::read(text)),
        Val::Object(map) if map.len() > 0 => Timex::from_properties(call.budget(), map),
        Val::Array(items) if items.len() > 0 => Ok(Timex::default()),
        Val::Bytes(bytes) if !bytes.is_empty() => Ok(Timex::default()),
        other => call.fail(format!(
            "a TIMEX string was expected, but {}",
            call.found(0, other)
        )),
    }
}

fn test<'d>(call: &Call<'_, 'd>, values: &[Val<'d>], holds: fn(&Timex) -> bool) -> Outcome<'d> {
    Ok(Val::Bool(holds(&parse(call, &values[0])?)))
}

fn clock((h, m, s): (i64, i64, i64)) -> String {
    format!("{h:02}:{m:02}:{s:02}")
}

fn resolve<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let t = parse(call, &values[0])?;
    let vague = || call.fail("this time has no value of its own; name the year too");
    let date = || {
        format!(
            "{:04}-{:02}-{:02}",
            t.year.unwrap_or(0),
            t.month.unwrap_or(0),
            t.day.unwrap_or(0)
        )
    };
    if t.part_of_day || (t.seconds.is_some() && (t.date() || t.time.is_some())) {
        return Ok(Val::Undefined);
    }
    if t.definite() {
        return call.text(match t.time {
            Some(time) => format!("{} {}", date(), clock(time)),
            None => date(),
        });
    }
    if t.season {
        return call.text("not resolved");
    }
    if t.date_range() {
        return if t.year.is_some() {
            Ok(Val::Undefined)
        } else {
            vague()
        };
    }
    if t.now {
        return call.text("undefined ");
    }
    if t.date() {
        return vague();
    }
    match (t.seconds, t.time) {
        (Some(seconds), _) => call.text(crate::number::number_text(seconds)),
        (_, Some(time)) => call.text(clock(time)),
        (None, None) => call.fail("the string is not a TIMEX such as '2023-07-04', 'T12' or 'PT1H'"),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Direction {
    Next,
    Previous,
}

/// The time now, in the zone of the second argument if there is one.
fn now(call: &Call<'_, '_>, values: &[Val<'_>]) -> Result<i64, Fail> {
    let ms = call.cx.environment.now_ms();
    match values.get(1) {
        Some(Val::String(name)) => match zones::find(call.budget(), name)? {
            Some(zone) => Ok(ms + zones::offset_minutes(&zone, ms) * 60_000),
            None => call.fail(format!("'{}' is not a time zone", shortened(name, 64))),
        },
        _ => Ok(ms),
    }
}

fn viable_date<'d>(call: &Call<'_, 'd>, values: &[Val<'d>], side: Direction) -> Outcome<'d> {
    let t = parse(call, &values[0])?;
    let (Some(month @ 1..), Some(day @ 1..), None | Some(0)) = (t.month, t.day, t.year) else {
        return call.fail("a month and a day were expected, as in 'XXXX-10-31'");
    };
    let (this_year, this_month, this_day) = super::dates::date_of(now(call, values)?);
    let before = (month, day) < (this_month, this_day);
    let mut year = match (side, before) {
        (Direction::Next, true) => this_year + 1,
        (Direction::Previous, false) => this_year - 1,
        _ => this_year,
    };
    let leap = |y: i64| (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    while (month, day) == (2, 29) && !leap(year) {
        year += if side == Direction::Next { 1 } else { -1 };
    }
    call.text(super::dates::rolled(year, month, day))
}

fn viable_time<'d>(call: &Call<'_, 'd>, values: &[Val<'d>], side: Direction) -> Outcome<'d> {
    let wrong = || call.fail("minutes and seconds were expected, as in 'TXX:15:28'");
    let Some(text) = values[0].text() else {
        return wrong();
    };
    let parsed = text
        .strip_prefix("TXX:")
        .filter(|rest| rest.len() < MAX_TIMEX_BYTES)
        .map(|rest| Timex::read(&format!("T00:{rest}")));
    let Some((_, minute @ 0..60, second @ 0..60)) = parsed.and_then(|t| t.time) else {
        return wrong();
    };
    let (hour, this_minute, this_second) = super::dates::time_of(now(call, values)?);
    let before = (minute, second) < (this_minute, this_second);
    let hour = match (side, before) {
        (Direction::Next, true) => (hour + 1) % 24,
        (Direction::Previous, false) => (hour + 23) % 24,
        _ => hour,
    };
    call.text(match (minute, second) {
        (0, 0) => format!("T{hour:02}"),
        (_, 0) => format!("T{hour:02}:{minute:02}"),
        _ => format!("T{hour:02}:{minute:02}:{second:02}"),
    })
}
