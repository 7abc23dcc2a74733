//! NCRONTAB's grammar: `item ("," item)*`, an item is `base ["/" step]`, a base is `*`, a value or a range.

use super::error::{FieldName, ScheduleError};

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&str; 7] = [
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
];

const NAMES: [FieldName; 6] = [
    FieldName::Second,
    FieldName::Minute,
    FieldName::Hour,
    FieldName::Day,
    FieldName::Month,
    FieldName::Weekday,
];

/// The values a field allows, one bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Allowed(u64);

impl Allowed {
    pub(super) fn values(self) -> impl Iterator<Item = u32> {
        (0..64).filter(move |value| self.0 >> value & 1 == 1)
    }
}

/// All six fields of an expression.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    pub(super) second: Allowed,
    pub(super) minute: Allowed,
    pub(super) hour: Allowed,
    pub(super) day: Allowed,
    pub(super) month: Allowed,
    pub(super) weekday: Allowed,
}

impl Fields {
    pub(super) fn parse(text: &str) -> Result<Self, ScheduleError> {
        // NCRONTAB splits at spaces only; a tab is a mistake inside a field.
        let words: Vec<(usize, &str)> = words(text);
        let names = match words.len() {
            0 => return Err(ScheduleError::Empty),
            5 => &NAMES[1..],
            6 => &NAMES[..],
            found => {
                return Err(ScheduleError::FieldCount {
                    text: text.to_owned(),
                    found,
                    hint: count_hint(text.trim(), found),
                });
            }
        };
        let mut allowed = [Allowed(1); 6];
        let first = 6 - names.len();
        for (index, (&name, &(start, word))) in names.iter().zip(&words).enumerate() {
            allowed[first + index] = parse_field(name, word).map_err(|wrong| ScheduleError::Field {
                text: text.to_owned(),
                field: name,
                position: index + 1,
                count: words.len(),
                column: text[..start + wrong.offset].chars().count() + 1,
                what: wrong.what,
                hint: wrong.hint,
            })?;
        }
        let [second, minute, hour, day, month, weekday] = allowed;
        Ok(Self {
            second,
            minute,
            hour,
            day,
            month,
            weekday,
        })
    }

    pub(super) fn has_several_seconds(&self) -> bool {
        self.second.0.count_ones() > 1
    }
}

fn words(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut offset = 0;
    for word in text.split(' ') {
        if !word.trim().is_empty() {
            found.push((offset, word));
        }
        offset += word.len() + 1;
    }
    found
}

fn count_hint(text: &str, found: usize) -> Option<String> {
    if let Some(name) = text.strip_prefix('@') {
        let instead = match name.to_ascii_lowercase().as_str() {
            "yearly" | "annually" => "0 0 0 1 1 *",
            "monthly" => "0 0 0 1 * *",
            "weekly" => "0 0 0 * * 0",
            "daily" | "midnight" => "0 0 0 * * *",
            "hourly" => "0 0 * * * *",
            "minutely" => "0 * * * * *",
            _ => return Some("names beginning with @ are not supported".to_owned()),
        };
        return Some(format!("@{name} is not supported, write \"{instead}\""));
    }
    (found == 7).then(|| "a year field is not supported, leave it out".to_owned())
}

/// What is wrong in one field, and how many bytes into it.
struct Wrong {
    offset: usize,
    what: String,
    hint: Option<String>,
}

impl Wrong {
    fn new(offset: usize, what: impl Into<String>) -> Self {
        Self {
            offset,
            what: what.into(),
            hint: None,
        }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    fn after(mut self, bytes: usize) -> Self {
        self.offset += bytes;
        self
    }
}

fn bounds(field: FieldName) -> (u32, u32) {
    match field {
        FieldName::Second | FieldName::Minute => (0, 59),
        FieldName::Hour => (0, 23),
        FieldName::Day => (1, 31),
        FieldName::Month => (1, 12),
        FieldName::Weekday => (0, 6),
    }
}

fn names(field: FieldName) -> &'static [&'static str] {
    match field {
        FieldName::Month => &MONTHS,
        FieldName::Weekday => &WEEKDAYS,
        _ => &[],
    }
}

fn parse_field(field: FieldName, text: &str) -> Result<Allowed, Wrong> {
    let mut bits = 0;
    let mut offset = 0;
    for item in text.split(',') {
        if item.is_empty() {
            return Err(Wrong::new(offset, "a comma without a value beside it"));
        }
        bits |= parse_item(field, item).map_err(|wrong| wrong.after(offset))?;
        offset += item.len() + 1;
    }
    Ok(Allowed(bits))
}

fn parse_item(field: FieldName, item: &str) -> Result<u64, Wrong> {
    let (min, max) = bounds(field);
    let (base, step) = match item.split_once('/') {
        None => (item, None),
        Some(("", _)) => {
            return Err(Wrong::new(0, format!("\"{item}\" has nothing before the slash"))
                .hint("for every n-th value write */n"));
        }
        Some((base, step)) => (
            base,
            Some(parse_step(step).map_err(|wrong| wrong.after(base.len() + 1))?),
        ),
    };
    let (from, to) = if base == "*" {
        (min, max)
    } else if let Some((from, to)) = base.split_once('-').filter(|(from, _)| !from.is_empty()) {
        let first = parse_value(field, from)?;
        let last = parse_value(field, to).map_err(|wrong| wrong.after(from.len() + 1))?;
        // NCRONTAB swaps a reversed range; it does not wrap around.
        (first.min(last), first.max(last))
    } else {
        let value = parse_value(field, base)?;
        (value, if step.is_some() { max } else { value })
    };
    let mut bits = 0;
    let mut value = from;
    while value <= to {
        bits |= 1 << value;
        // A step of 0 counts as 1.
        value = value.saturating_add(step.unwrap_or(1).max(1));
    }
    Ok(bits)
}

fn parse_step(text: &str) -> Result<u32, Wrong> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // Larger than any field: only the first value is left, whatever the exact number.
        return Ok(text.parse().unwrap_or(u32::MAX));
    }
    Err(Wrong::new(
        0,
        format!("the step \"{text}\" is not a whole number"),
    ))
}

fn parse_value(field: FieldName, text: &str) -> Result<u32, Wrong> {
    let (min, max) = bounds(field);
    if text.is_empty() {
        return Err(Wrong::new(0, "a value is missing"));
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return match text.parse::<u32>() {
            Ok(value) if (min..=max).contains(&value) => Ok(value),
            Ok(7) if field == FieldName::Weekday => {
                Err(Wrong::new(0, "7 is no weekday").hint("Sunday is 0, Saturday is 6"))
            }
            Ok(24) if field == FieldName::Hour => {
                Err(Wrong::new(0, "24 is out of range").hint("midnight is 0"))
            }
            _ => Err(Wrong::new(0, format!("{text} is out of range"))),
        };
    }
    let lower = text.to_lowercase();
    let known = names(field);
    if let Some(index) = known.iter().position(|name| name.starts_with(&lower)) {
        return Ok(u32::try_from(index).unwrap_or(0) + min);
    }
    Err(unknown(field, text))
}

fn unknown(field: FieldName, text: &str) -> Wrong {
    let wrong = Wrong::new(0, format!("\"{text}\" is not a value of this field"));
    let upper = text.to_ascii_uppercase();
    if text.contains(char::is_whitespace) {
        wrong.hint("separate the fields with spaces, not with tabs or line breaks")
    } else if text == "?" {
        wrong.hint("? is not supported, write *; a restricted day and a restricted weekday must both match")
    } else if text.starts_with('-') {
        wrong.hint("negative numbers are not supported")
    } else if upper == "L"
        || upper.ends_with('W')
        || upper.contains('#')
        || (upper.ends_with('L') && upper.len() <= 2)
    {
        wrong.hint("L, W and # are not supported")
    } else if text.starts_with('@') {
        wrong.hint("names beginning with @ are not supported")
    } else if text.contains('*') {
        wrong.hint("* stands alone or before a step, such as */5")
    } else if names(field).is_empty() && text.chars().all(char::is_alphabetic) {
        wrong.hint("names are accepted for month and weekday only; check the order of the fields")
    } else {
        wrong
    }
}
