//! One segment of a route template: text, parameters, or both.

use super::constraint::{self, Constraint};
use super::template::{ParameterExtent, RouteError, RouteParameter, RouteValues};

#[derive(Clone, Debug)]
pub(super) enum Segment {
    /// Text and parameters in turn; never empty.
    Parts(Vec<Part>),
    /// `{*rest}`.
    CatchAll(RouteParameter),
}

#[derive(Clone, Debug)]
pub(super) enum Part {
    Text(String),
    Parameter(RouteParameter),
}

/// Splits a template at slashes outside braces.
pub(super) fn split(template: &str) -> Result<Vec<String>, RouteError> {
    let mut segments = vec![String::new()];
    let mut depth = 0_usize;
    let mut letters = template.chars().peekable();
    while let Some(letter) = letters.next() {
        let doubled = letters.peek() == Some(&letter);
        match letter {
            '{' | '}' if doubled => {
                letters.next();
                push(&mut segments, letter);
            }
            '{' => depth += 1,
            '}' => depth = depth.checked_sub(1).ok_or(RouteError::Braces)?,
            '/' if depth == 0 => {
                segments.push(String::new());
                continue;
            }
            '?' if depth == 0 => return Err(RouteError::Character('?')),
            _ => {}
        }
        if depth > 1 {
            return Err(RouteError::Braces);
        }
        push(&mut segments, letter);
    }
    if depth != 0 {
        return Err(RouteError::Braces);
    }
    if segments.iter().any(String::is_empty) {
        return Err(RouteError::EmptySegment);
    }
    Ok(segments)
}

fn push(segments: &mut [String], letter: char) {
    if let Some(last) = segments.last_mut() {
        last.push(letter);
    }
}

impl Segment {
    /// Its text, if it has no parameter.
    pub(super) fn literal(&self) -> Option<&str> {
        match self {
            Self::Parts(parts) => match parts.as_slice() {
                [Part::Text(text)] => Some(text),
                _ => None,
            },
            Self::CatchAll(_) => None,
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, RouteError> {
        let mut parts: Vec<Part> = Vec::new();
        let mut literal = String::new();
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            if matches!(letter, '{' | '}') && letters.peek() == Some(&letter) {
                letters.next();
                literal.push(letter);
            } else if letter == '{' {
                let inner = inside(&mut letters)?;
                if !literal.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut literal)));
                }
                if let Some(rest) = inner.strip_prefix("**").or_else(|| inner.strip_prefix('*')) {
                    let alone = parts.is_empty() && letters.peek().is_none();
                    return if alone {
                        Ok(Self::CatchAll(RouteParameter {
                            extent: ParameterExtent::CatchAll,
                            ..parameter(rest)?
                        }))
                    } else {
                        Err(RouteError::CatchAllNotLast)
                    };
                }
                if matches!(parts.last(), Some(Part::Parameter(_))) {
                    return Err(RouteError::Adjacent);
                }
                parts.push(Part::Parameter(parameter(&inner)?));
            } else {
                literal.push(letter);
            }
        }
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        Ok(Self::Parts(parts))
    }

    pub(super) fn parameters(&self) -> impl Iterator<Item = &RouteParameter> {
        let (parts, rest) = match self {
            Self::Parts(parts) => (parts.as_slice(), None),
            Self::CatchAll(parameter) => (&[][..], Some(parameter)),
        };
        parts
            .iter()
            .filter_map(|part| match part {
                Part::Parameter(parameter) => Some(parameter),
                Part::Text(_) => None,
            })
            .chain(rest)
    }

    /// What stands for the segment when the path ends before it; `None` = it must be there.
    pub(super) fn absent(&self) -> Option<(&RouteParameter, Option<String>)> {
        match self {
            Self::CatchAll(parameter) => Some((parameter, parameter.default.clone())),
            Self::Parts(parts) => match parts.as_slice() {
                [Part::Parameter(one)] if one.is_optional() || one.default.is_some() => {
                    Some((one, one.default.clone()))
                }
                _ => None,
            },
        }
    }

    pub(super) fn precedence(&self) -> u8 {
        match self {
            Self::CatchAll(parameter) => 5 - u8::from(!parameter.constraints.is_empty()),
            Self::Parts(parts) => match parts.as_slice() {
                [Part::Text(_)] => 0,
                [Part::Parameter(one)] if one.constraints.is_empty() => 3,
                [Part::Parameter(_)] => 2,
                _ => 1,
            },
        }
    }

    pub(super) fn matches(&self, text: &str, values: &mut RouteValues) -> bool {
        match self {
            Self::CatchAll(_) => false,
            Self::Parts(parts) => {
                let mut found = RouteValues::new();
                let fits = from_right(parts, text, &mut found);
                found.reverse();
                values.append(&mut found);
                fits
            }
        }
    }
}

/// Matches from the right, as ASP.NET does: every parameter but the first takes as little as it can.
fn from_right(parts: &[Part], text: &str, values: &mut RouteValues) -> bool {
    match parts {
        [] => text.is_empty(),
        [.., Part::Text(suffix)] => {
            strip_suffix(text, suffix).is_some_and(|rest| from_right(&parts[..parts.len() - 1], rest, values))
        }
        [Part::Parameter(only)] => {
            let fits = !text.is_empty() && only.allows(text);
            values.push((only.name.clone(), text.to_owned()));
            fits
        }
        [before @ .., Part::Text(separator), Part::Parameter(last)] => {
            let lower = text.to_lowercase();
            if let Some(at) = lower
                .rfind(&separator.to_lowercase())
                .filter(|at| text.is_char_boundary(*at))
            {
                let (rest, value) = (&text[..at], text.get(at + separator.len()..).unwrap_or_default());
                if !value.is_empty() && last.allows(value) {
                    let mark = values.len();
                    values.push((last.name.clone(), value.to_owned()));
                    if from_right(before, rest, values) {
                        return true;
                    }
                    values.truncate(mark);
                }
            }
            // `{name}.{ext?}` matches without the dot too.
            last.is_optional() && from_right(before, text, values)
        }
        // Two parameters side by side are refused when parsing.
        [.., Part::Parameter(_)] => false,
    }
}

fn strip_suffix<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let at = text.len().checked_sub(suffix.len())?;
    let (rest, end) = text.is_char_boundary(at).then(|| text.split_at(at))?;
    end.to_lowercase().eq(&suffix.to_lowercase()).then_some(rest)
}

fn inside(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<String, RouteError> {
    let mut inner = String::new();
    while let Some(letter) = letters.next() {
        if matches!(letter, '{' | '}') && letters.peek() == Some(&letter) {
            letters.next();
            inner.push(letter);
        } else if letter == '}' {
            return Ok(inner);
        } else {
            inner.push(letter);
        }
    }
    Err(RouteError::Braces)
}

fn parameter(inner: &str) -> Result<RouteParameter, RouteError> {
    let (inner, default) = match split_default(inner) {
        (inner, Some(default)) => (inner, Some(default.to_owned())),
        (inner, None) => (inner, None),
    };
    let (inner, extent) = match inner.strip_suffix('?') {
        Some(inner) => (inner, ParameterExtent::Optional),
        None => (inner, ParameterExtent::Required),
    };
    let mut pieces = constraint::split(inner).into_iter();
    let name = pieces.next().unwrap_or_default();
    if name.is_empty()
        || !name
            .chars()
            .all(|letter| letter.is_alphanumeric() || letter == '_')
    {
        return Err(RouteError::ParameterName(name));
    }
    let constraints: Vec<String> = pieces.collect();
    let rules = constraints
        .iter()
        .map(|text| Constraint::parse(text))
        .collect::<Result<_, _>>()?;
    Ok(RouteParameter {
        name,
        constraints,
        default,
        extent,
        rules,
    })
}

/// `name:constraint=default`; an equals sign inside parentheses belongs to the constraint.
fn split_default(inner: &str) -> (&str, Option<&str>) {
    let mut depth = 0_i32;
    for (at, letter) in inner.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            '=' if depth <= 0 => return (&inner[..at], Some(&inner[at + 1..])),
            _ => {}
        }
    }
    (inner, None)
}
