//! Typed look-ups in a JSON object that remember where they are, so that every refusal has its pointer.
//!
//! The host reads its configuration as text: `"true"` and `true`, `"8"` and `8` are the same, and names
//! match in any case.

use std::ops::RangeInclusive;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::json::type_name;
use crate::ncrontab::parse_timespan;
use crate::problem::{Place, Problem};

#[derive(Clone, Copy)]
pub(super) struct Section<'a> {
    file: &'a str,
    value: Option<&'a Map<String, Value>>,
    pointer: &'a str,
}

/// An object found, with its pointer.
pub(super) type Object<'a> = (&'a Map<String, Value>, String);

/// A value found, with its pointer.
pub(super) struct Found<'a> {
    pub(super) value: &'a Value,
    pub(super) pointer: String,
}

impl<'a> Section<'a> {
    pub(super) fn new(file: &'a str, value: Option<&'a Map<String, Value>>, pointer: &'a str) -> Self {
        Self { file, value, pointer }
    }

    pub(super) fn file(&self) -> &'a str {
        self.file
    }

    pub(super) fn problem(&self, name: &str, message: impl Into<String>) -> Problem {
        Problem::new(self.file, Place::Pointer(self.join(name)), message)
    }

    /// A problem further down, at the names and indices of `path`.
    pub(super) fn problem_at(&self, path: &[&str], message: impl Into<String>) -> Problem {
        let pointer = path.iter().fold(self.pointer.to_owned(), |pointer, name| {
            Section {
                pointer: &pointer,
                ..*self
            }
            .join(name)
        });
        Problem::new(self.file, Place::Pointer(pointer), message)
    }

    pub(super) fn join(&self, name: &str) -> String {
        if name.is_empty() {
            return self.pointer.to_owned();
        }
        format!("{}/{}", self.pointer, name.replace('~', "~0").replace('/', "~1"))
    }

    /// The member, matched exactly or else in any case; null counts as absent.
    pub(super) fn find(&self, name: &str) -> Option<Found<'a>> {
        let map = self.value?;
        let (key, value) = map
            .get_key_value(name)
            .or_else(|| map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)))?;
        (!value.is_null()).then(|| Found {
            value,
            pointer: self.join(key),
        })
    }

    fn wrong(&self, found: &Found<'_>, expected: &str) -> Problem {
        Problem::new(
            self.file,
            Place::Pointer(found.pointer.clone()),
            format!("is {}; {expected} is expected", type_name(found.value)),
        )
    }

    /// A member that must be an object if it is there.
    pub(super) fn object(&self, name: &str) -> Result<Option<Object<'a>>, Problem> {
        match self.find(name) {
            None => Ok(None),
            Some(found) => match found.value {
                Value::Object(map) => Ok(Some((map, found.pointer))),
                _ => Err(self.wrong(&found, "an object")),
            },
        }
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Problem> {
        match self.find(name) {
            None => Ok(None),
            Some(found) => match found.value {
                Value::String(text) => Ok(Some(text.clone())),
                Value::Number(number) => Ok(Some(number.to_string())),
                Value::Bool(flag) => Ok(Some(flag.to_string())),
                _ => Err(self.wrong(&found, "a string")),
            },
        }
    }

    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Problem> {
        let Some(found) = self.find(name) else {
            return Ok(None);
        };
        match found.value {
            Value::Bool(flag) => Ok(Some(*flag)),
            Value::String(text) if text.trim().eq_ignore_ascii_case("true") => Ok(Some(true)),
            Value::String(text) if text.trim().eq_ignore_ascii_case("false") => Ok(Some(false)),
            Value::String(text) => Err(Problem::new(
                self.file,
                Place::Pointer(found.pointer),
                format!("is \"{text}\"; true or false is expected"),
            )),
            _ => Err(self.wrong(&found, "true or false")),
        }
    }

    pub(super) fn whole(&self, name: &str, accepted: RangeInclusive<i64>) -> Result<Option<i64>, Problem> {
        let Some(found) = self.find(name) else {
            return Ok(None);
        };
        let number = match found.value {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        match number {
            Some(number) if accepted.contains(&number) => Ok(Some(number)),
            _ => Err(Problem::new(
                self.file,
                Place::Pointer(found.pointer),
                format!(
                    "is {}; a whole number from {} to {} is expected",
                    found.value,
                    accepted.start(),
                    accepted.end()
                ),
            )),
        }
    }

    pub(super) fn timespan(&self, name: &str) -> Result<Option<Duration>, Problem> {
        match self.text(name)? {
            None => Ok(None),
            Some(text) => parse_timespan(&text)
                .map(Some)
                .map_err(|error| self.problem(name, format!("is no duration: {error}"))),
        }
    }

    pub(super) fn texts(&self, name: &str) -> Result<Option<Vec<String>>, Problem> {
        let Some(found) = self.find(name) else {
            return Ok(None);
        };
        let Value::Array(items) = found.value else {
            return Err(self.wrong(&found, "an array of strings"));
        };
        let mut texts = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            match item {
                Value::String(text) => texts.push(text.clone()),
                other => {
                    return Err(Problem::new(
                        self.file,
                        Place::Pointer(format!("{}/{index}", found.pointer)),
                        format!("is {}; a string is expected", type_name(other)),
                    ));
                }
            }
        }
        Ok(Some(texts))
    }
}
