//! Formats instants: a .NET-like format is translated to dayjs tokens, then rendered by dayjs's rules.

use super::calendar::fields;
use crate::number::push_padded;
use std::fmt::Write as _;

/// The format when none is given.
pub(super) const DEFAULT: &str = "YYYY-MM-DDTHH:mm:ss.SSS[Z]";

/// `toISOString`.
pub(super) fn iso(ms: i64) -> String {
    let f = fields(ms);
    let mut out = String::with_capacity(27);
    let _ = match f.year {
        0..=9_999 => write!(out, "{:04}", f.year),
        year if year < 0 => write!(out, "-{:06}", -year),
        year => write!(out, "+{year:06}"),
    };
    let _ = write!(
        out,
        "-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        f.month, f.day, f.hour, f.minute, f.second, f.milli
    );
    out
}

/// The dayjs format for a .NET-like one; the text itself where it cannot be translated.
pub(super) fn translate(format: &str) -> String {
    match format {
        "" => DEFAULT.to_owned(),
        "r" | "R" | "u" | "U" => format.to_owned(),
        "o" | "O" => convert("YYYY-MM-DDTHH:mm:ss.SSS0000Z").unwrap_or_default(),
        _ => match convert(format) {
            // dayjs has a default of its own.
            Some(nothing) if nothing.is_empty() => "YYYY-MM-DDTHH:mm:ss[Z]".to_owned(),
            Some(converted) => converted,
            None => format.to_owned(),
        },
    }
}

/// The dayjs token for a run of a format letter.
fn token(letter: char, run: usize) -> Option<&'static str> {
    Some(match (letter, run) {
        ('d', 1) => "D",
        ('d', 2) => "DD",
        ('d', 3) => "ddd",
        ('d', _) => "dddd",
        ('f' | 'F', 3..) => "SSS",
        ('h', 1) => "h",
        ('h', _) => "hh",
        ('H', 1) => "H",
        ('H', _) => "HH",
        ('m', 1) => "m",
        ('m', _) => "mm",
        ('M', 1) => "M",
        ('M', 2) => "MM",
        ('M', 3) => "MMM",
        ('M', _) => "MMMM",
        ('s', 1) => "s",
        ('s', _) => "ss",
        ('t', _) => "A",
        ('y', 1 | 2) => "YY",
        ('y', _) => "YYYY",
        ('z', 1 | 2) => "ZZ",
        ('z', _) => "Z",
        _ => return None,
    })
}

fn convert(format: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            'd' | 'f' | 'F' | 'g' | 'h' | 'H' | 'm' | 'M' | 's' | 't' | 'y' | 'z' => {
                let mut run = 1;
                while chars.next_if_eq(&c).is_some() {
                    run += 1;
                }
                out.push_str(token(c, run)?);
            }
            'K' => out.push('Z'),
            '\'' | '`' => loop {
                match chars.next()? {
                    close if close == c => break,
                    other => out.push(other),
                }
            },
            '\\' => out.push(chars.next()?),
            '%' => {}
            other => out.push(other),
        }
    }
    Some(out)
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

/// Renders local time `ms` (counted as if UTC) that is `offset` minutes east of UTC.
pub(super) fn render(ms: i64, offset: i64, format: &str) -> String {
    let f = fields(ms);
    let zone = |colon: &str| {
        let sign = if offset < 0 { '-' } else { '+' };
        format!("{sign}{:02}{colon}{:02}", offset.abs() / 60, offset.abs() % 60)
    };
    let half = if f.hour < 12 { "AM" } else { "PM" };
    let hour12 = if f.hour % 12 == 0 { 12 } else { f.hour % 12 };
    let mut out = String::with_capacity(format.len() + 16);
    let mut rest = format;
    // After the last closing bracket there are no more literals.
    let closed = format.rfind(']').unwrap_or(0);
    while let Some(c) = rest.chars().next() {
        if format.len() - rest.len() < closed
            && let Some((text, len)) = bracketed(rest)
        {
            out.push_str(text);
            rest = &rest[len..];
            continue;
        }
        let most = match c {
            'Y' if rest.starts_with("YYYY") => 4,
            'Y' if rest.starts_with("YY") => 2,
            'M' | 'd' => 4,
            'D' | 'H' | 'h' | 'm' | 's' | 'Z' => 2,
            'A' | 'a' => 1,
            'S' if rest.starts_with("SSS") => 3,
            _ => 0,
        };
        let run = rest.chars().take(most).take_while(|other| *other == c).count();
        let month = MONTHS[(f.month - 1) as usize % 12];
        let day = DAYS[f.weekday as usize % 7];
        match (c, run) {
            ('Y', 4) if f.year >= 0 => push_padded(&mut out, f.year, 4),
            ('Y', 4) => out.push_str(&format!("{:0>4}", f.year)),
            ('Y', 2) => {
                let year = f.year.to_string();
                out.push_str(&year[year.len().saturating_sub(2)..]);
            }
            ('M', 1) => push_padded(&mut out, f.month, 1),
            ('M', 2) => push_padded(&mut out, f.month, 2),
            ('M', 3) => out.push_str(&month[..3]),
            ('M', _) => out.push_str(month),
            ('D', 1) => push_padded(&mut out, f.day, 1),
            ('D', _) => push_padded(&mut out, f.day, 2),
            ('d', 1) => push_padded(&mut out, f.weekday, 1),
            ('d', 2) => out.push_str(&day[..2]),
            ('d', 3) => out.push_str(&day[..3]),
            ('d', _) => out.push_str(day),
            ('H', 1) => push_padded(&mut out, f.hour, 1),
            ('H', _) => push_padded(&mut out, f.hour, 2),
            ('h', 1) => push_padded(&mut out, hour12, 1),
            ('h', _) => push_padded(&mut out, hour12, 2),
            ('m', 1) => push_padded(&mut out, f.minute, 1),
            ('m', _) => push_padded(&mut out, f.minute, 2),
            ('s', 1) => push_padded(&mut out, f.second, 1),
            ('s', _) => push_padded(&mut out, f.second, 2),
            ('S', 3) => push_padded(&mut out, f.milli, 3),
            ('A', _) => out.push_str(half),
            ('a', _) => out.push_str(&half.to_lowercase()),
            ('Z', 1) => out.push_str(&zone(":")),
            ('Z', _) => out.push_str(&zone("")),
            _ => out.push(c),
        }
        rest = &rest[run.max(1) * c.len_utf8()..];
    }
    out
}

/// A literal in brackets, and its length including them.
fn bracketed(text: &str) -> Option<(&str, usize)> {
    let inner = text.strip_prefix('[')?;
    let end = inner.find(']').filter(|end| *end > 0)?;
    Some((&inner[..end], end + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn translates_runs_and_literals() {
        assert_eq!(translate("yyyy-MM-dd HH:mm"), "YYYY-MM-DD HH:mm");
        assert_eq!(translate("ff"), "ff");
        assert_eq!(translate("yyyy'year"), "yyyy'year");
        assert_eq!(translate("'at' h tt"), "at h A");
    }

    #[test]
    fn renders_like_dayjs() {
        let ms = 1_688_461_687_006;
        assert_eq!(render(ms, 0, DEFAULT), "2023-07-04T09:08:07.006Z");
        assert_eq!(render(ms, 0, "ddd d MMM YY h:mm a"), "Tue 2 Jul 23 9:08 am");
        assert_eq!(render(ms, 330, "Z ZZ"), "+05:30 +0530");
    }
}
