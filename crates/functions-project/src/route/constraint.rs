//! Inline route constraints of ASP.NET, such as `int` or `length(2,8)`.

use super::template::RouteError;

#[derive(Clone, Debug)]
pub(super) enum Constraint {
    Int,
    Long,
    Bool,
    Guid,
    Alpha,
    DateTime,
    Number,
    Length(usize, usize),
    Range(i64, i64),
    Regex(regex_lite::Regex),
    Required,
}

/// Splits `name:int:min(1)` at colons outside parentheses.
pub(super) fn split(text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut depth = 0_i32;
    for letter in text.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            ':' if depth <= 0 => {
                pieces.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = pieces.last_mut() {
            last.push(letter);
        }
    }
    pieces
}

impl Constraint {
    pub(super) fn parse(text: &str) -> Result<Self, RouteError> {
        read(text).ok_or_else(|| RouteError::Constraint(text.to_owned()))
    }

    pub(super) fn allows(&self, value: &str) -> bool {
        match self {
            Self::Int => value.parse::<i32>().is_ok(),
            Self::Long => value.parse::<i64>().is_ok(),
            Self::Bool => value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false"),
            Self::Guid => uuid::Uuid::try_parse(value).is_ok(),
            Self::Alpha => value.bytes().all(|byte| byte.is_ascii_alphabetic()),
            Self::DateTime => is_date(value),
            Self::Number => value.parse::<f64>().is_ok(),
            Self::Length(low, high) => (*low..=*high).contains(&value.encode_utf16().count()),
            Self::Range(low, high) => value
                .parse::<i64>()
                .is_ok_and(|number| (*low..=*high).contains(&number)),
            Self::Regex(regex) => regex.is_match(value),
            Self::Required => !value.is_empty(),
        }
    }
}

fn read(text: &str) -> Option<Constraint> {
    let (name, argument) = match text.split_once('(') {
        Some((name, rest)) => (name, Some(rest.strip_suffix(')')?)),
        None => (text, None),
    };
    let numbers = |argument: &str| {
        argument
            .split(',')
            .map(|part| part.trim().parse::<i64>().ok())
            .collect::<Option<Vec<_>>>()
    };
    let size = |number: i64| usize::try_from(number).ok();
    match (name.to_ascii_lowercase().as_str(), argument) {
        ("int", None) => Some(Constraint::Int),
        ("long", None) => Some(Constraint::Long),
        ("bool", None) => Some(Constraint::Bool),
        ("guid", None) => Some(Constraint::Guid),
        ("alpha", None) => Some(Constraint::Alpha),
        ("datetime", None) => Some(Constraint::DateTime),
        ("decimal" | "double" | "float", None) => Some(Constraint::Number),
        ("required", None) => Some(Constraint::Required),
        ("regex", Some(pattern)) => {
            // ASP.NET matches without regard to case.
            regex_lite::RegexBuilder::new(pattern)
                .case_insensitive(true)
                .build()
                .ok()
                .map(Constraint::Regex)
        }
        (name, Some(argument)) => match (name, numbers(argument)?.as_slice()) {
            ("length", [both]) => Some(Constraint::Length(size(*both)?, size(*both)?)),
            ("length", [low, high]) => Some(Constraint::Length(size(*low)?, size(*high)?)),
            ("minlength", [low]) => Some(Constraint::Length(size(*low)?, usize::MAX)),
            ("maxlength", [high]) => Some(Constraint::Length(0, size(*high)?)),
            ("min", [low]) => Some(Constraint::Range(*low, i64::MAX)),
            ("max", [high]) => Some(Constraint::Range(i64::MIN, *high)),
            ("range", [low, high]) => Some(Constraint::Range(*low, *high)),
            _ => None,
        },
        _ => None,
    }
}

fn is_date(value: &str) -> bool {
    value.parse::<jiff::civil::DateTime>().is_ok()
        || value.parse::<jiff::civil::Date>().is_ok()
        || value.parse::<jiff::Timestamp>().is_ok()
        || ["%m/%d/%Y", "%m-%d-%Y"]
            .iter()
            .any(|format| jiff::civil::Date::strptime(format, value).is_ok())
}
