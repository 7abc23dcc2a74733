//! Time zones by their Windows or IANA names.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The names, from the CLDR table that the reference ships.
const NAMES: &str = include_str!("zones.txt");

/// The zone of that name (exact), if the functions know it.
pub(super) fn find(name: &str) -> Option<TimeZone> {
    let iana = NAMES
        .lines()
        .filter(|line| !line.starts_with('#'))
        .find_map(|line| match line.split_once('=') {
            Some((windows, iana)) if windows == name => Some(iana),
            None if line == name => Some(line),
            Some((_, iana)) if iana == name => Some(iana),
            _ => None,
        })?;
    TimeZone::get(iana).ok()
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
