//! Time zones by their Windows or IANA names.

use crate::budget::Budget;
use crate::eval::Fail;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::collections::HashMap;
use std::sync::OnceLock;

/// The names, from the CLDR table that the reference ships.
const NAMES: &str = include_str!("zones.txt");

/// Windows and IANA names, each mapped to an IANA name; the first line with a name wins.
fn names() -> &'static HashMap<&'static str, &'static str> {
    static TABLE: OnceLock<HashMap<&'static str, &'static str>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = HashMap::new();
        for line in NAMES.lines().filter(|line| !line.starts_with('#')) {
            let (windows, iana) = line.split_once('=').unwrap_or((line, line));
            table.entry(windows).or_insert(iana);
            table.entry(iana).or_insert(iana);
        }
        table
    })
}

/// The zone with this exact name, if it is in the table.
pub(super) fn find(budget: &Budget, name: &str) -> Result<Option<TimeZone>, Fail> {
    // The cost of reading a zone's rules.
    budget.steps(64)?;
    Ok(names().get(name).and_then(|iana| TimeZone::get(iana).ok()))
}

/// The milliseconds of 400 years, after which the calendar repeats.
const CYCLE: i64 = 146_097 * 86_400_000;

/// The same instant within the years that the library knows, and what was added: far from now, rules repeat with the
/// calendar.
fn within(ms: i64) -> (i64, i64) {
    let cycles = match ms {
        253_000_000_000_000.. => -((ms - 253_000_000_000_000) / CYCLE + 1),
        ..=-376_000_000_000_000 => (-376_000_000_000_000 - ms) / CYCLE + 1,
        _ => 0,
    };
    (ms + cycles * CYCLE, cycles * CYCLE)
}

/// Minutes east of UTC at an instant.
pub(super) fn offset_minutes(zone: &TimeZone, ms: i64) -> i64 {
    Timestamp::from_millisecond(within(ms).0)
        .map_or(0, |t| i64::from(zone.to_offset(t).seconds()).div_euclid(60))
}

/// The instant at which clocks in the zone show the local time `ms` (counted as if it were UTC). A time
/// that clocks skip is taken as if they had not been changed yet.
pub(super) fn from_local(zone: &TimeZone, ms: i64) -> i64 {
    let (near, added) = within(ms);
    let Some(local) = local(near) else { return ms };
    zone.to_ambiguous_zoned(local)
        .compatible()
        .map_or(ms, |z| z.timestamp().as_millisecond() - added)
}

fn local(ms: i64) -> Option<DateTime> {
    Some(jiff::tz::Offset::UTC.to_datetime(Timestamp::from_millisecond(ms).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_go_on_beyond_the_years_of_the_library() {
        let zone = TimeZone::get("America/New_York").unwrap();
        for cycles in [1, 20, 21, 22, 600, -30, -600] {
            let summer = 1_720_000_000_000 + cycles * CYCLE;
            let (minutes, seconds) = if cycles > 0 {
                (-240, 14_400)
            } else {
                (-297, 17_762)
            };
            assert_eq!(offset_minutes(&zone, summer), minutes, "{cycles}");
            assert_eq!(from_local(&zone, summer) - summer, seconds * 1_000, "{cycles}");
        }
    }
}
