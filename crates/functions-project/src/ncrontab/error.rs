//! What can be wrong with a schedule, said so that its author can mend it.

use std::fmt;

use thiserror::Error;

use super::timespan::TimeSpanError;

/// A field of an NCRONTAB expression, in its written order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldName {
    /// 0–59; left out in a five-field expression.
    Second,
    /// 0–59.
    Minute,
    /// 0–23.
    Hour,
    /// Day of the month, 1–31.
    Day,
    /// 1–12 or an English name.
    Month,
    /// 0–6 with Sunday = 0, or an English name.
    Weekday,
}

impl FieldName {
    /// What the field accepts, for a message.
    #[must_use]
    pub fn accepted(self) -> &'static str {
        match self {
            Self::Second | Self::Minute => "0-59",
            Self::Hour => "0-23",
            Self::Day => "1-31",
            Self::Month => "1-12 or the start of an English month name such as Jan",
            Self::Weekday => "0-6 with Sunday = 0, or the start of an English weekday name such as Mon",
        }
    }
}

impl fmt::Display for FieldName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day of month",
            Self::Month => "month",
            Self::Weekday => "weekday",
        })
    }
}

/// Why a text is not a schedule.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// Nothing but blanks.
    #[error(
        "the schedule is empty; write six fields (second minute hour day month weekday), such as \"0 30 9 * * 1-5\""
    )]
    Empty,
    /// Neither five nor six fields.
    #[error(
        "the schedule \"{text}\" has {found} field{}; 6 are accepted (second minute hour day month weekday), or 5 with the second left out, or a TimeSpan such as 00:30:00{}",
        if *found == 1 { "" } else { "s" },
        hint_suffix(hint.as_deref())
    )]
    FieldCount {
        /// The whole expression.
        text: String,
        /// How many blank-separated fields it has.
        found: usize,
        /// How to write what was probably meant.
        hint: Option<String>,
    },
    /// One field is wrong.
    #[error(
        "the {field} field (field {position} of {count}, column {column}) of the schedule \"{text}\" is wrong: {what}; accepted: {}{}",
        field.accepted(),
        hint_suffix(hint.as_deref())
    )]
    Field {
        /// The whole expression.
        text: String,
        /// Which field.
        field: FieldName,
        /// Its place in the expression, from 1.
        position: usize,
        /// How many fields the expression has.
        count: usize,
        /// Column of the wrong part, from 1, in characters.
        column: usize,
        /// What is wrong.
        what: String,
        /// How to write what was probably meant.
        hint: Option<String>,
    },
    /// It has colons like a TimeSpan, but is none.
    #[error("the schedule \"{text}\" is no TimeSpan: {source}")]
    Interval {
        /// The whole text.
        text: String,
        /// What is wrong with it.
        source: TimeSpanError,
    },
    /// A TimeSpan of no length would fire without end.
    #[error(
        "the schedule \"{text}\" is an interval of zero; write one of at least one second, such as 00:00:30"
    )]
    ZeroInterval {
        /// The whole text.
        text: String,
    },
    /// The stepping crate refused the normalised expression: a defect in this crate, not in the text.
    #[error("the schedule \"{text}\" could not be stepped: {reason}")]
    NotSteppable {
        /// The whole text.
        text: String,
        /// The stepping crate's reason.
        reason: String,
    },
}

fn hint_suffix(hint: Option<&str>) -> String {
    hint.map_or_else(String::new, |hint| format!(" ({hint})"))
}
