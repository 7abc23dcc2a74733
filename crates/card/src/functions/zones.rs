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

/// Minutes east of UTC at an instant.
pub(super) fn offset_minutes(zone: &TimeZone, ms: i64) -> i64 {
    Timestamp::from_millisecond(ms).map_or(0, |t| i64::from(zone.to_offset(t).seconds()).div_euclid(60))
}

/// The instant at which clocks in the zone show the local time `ms` (counted as if it were UTC). A time
/// that clocks skip is taken as if they had not been changed yet.
pub(super) fn from_local(zone: &TimeZone, ms: i64) -> i64 {
    let Some(local) = local(ms) else { return ms };
    zone.to_ambiguous_zoned(local)
        .compatible()
        .map_or(ms, |z| z.timestamp().as_millisecond())
}

fn local(ms: i64) -> Option<DateTime> {
    Some(jiff::tz::Offset::UTC.to_datetime(Timestamp::from_millisecond(ms).ok()?))
}
