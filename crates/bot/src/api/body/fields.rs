//! Taking members out of a JSON object one by one, so that what is left over is known to be unknown.

use super::super::Problem;
use serde_json::{Map, Value};

/// What a flag says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flag {
    Yes,
    No,
}

/// The members of one object; each `take` strikes one off.
pub(crate) struct Fields<'v> {
    members: &'v Map<String, Value>,
    asked: Vec<&'static str>,
    pointer: String,
}

impl<'v> Fields<'v> {
    pub(crate) fn of(value: &'v Value, pointer: &str) -> Result<Self, Problem> {
        match value {
            Value::Object(members) => Ok(Self {
                members,
                asked: Vec::new(),
                pointer: pointer.to_owned(),
            }),
            other => Err(Problem::bad_body(
                pointer,
                format!("expected an object, found {}", kind(other)),
            )),
        }
    }

    /// A member; `null` counts as not given.
    pub(crate) fn take(&mut self, name: &'static str) -> Option<&'v Value> {
        self.take_stated(name).filter(|value| !value.is_null())
    }

    /// A member for which `null` is not the same as leaving it out.
    pub(crate) fn take_stated(&mut self, name: &'static str) -> Option<&'v Value> {
        self.asked.push(name);
        self.members.get(name)
    }

    pub(crate) fn at(&self, name: &str) -> String {
        format!("{}/{}", self.pointer, escape(name))
    }

    pub(crate) fn text(&mut self, name: &'static str) -> Result<Option<String>, Problem> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(Problem::bad_body(
                self.at(name),
                format!("expected a text, found {}", kind(other)),
            )),
        }
    }

    pub(crate) fn flag(&mut self, name: &'static str) -> Result<Option<Flag>, Problem> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(true)) => Ok(Some(Flag::Yes)),
            Some(Value::Bool(false)) => Ok(Some(Flag::No)),
            Some(other) => Err(Problem::bad_body(
                self.at(name),
                format!("expected true or false, found {}", kind(other)),
            )),
        }
    }

    /// One of several words.
    pub(crate) fn word<T: Copy>(
        &mut self,
        name: &'static str,
        words: &[(&str, T)],
    ) -> Result<Option<T>, Problem> {
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        let found = words.iter().find(|(word, _)| value.as_str() == Some(word));
        match found {
            Some((_, meaning)) => Ok(Some(*meaning)),
            None => Err(Problem::bad_body(
                self.at(name),
                format!("expected {}, found {}", one_of(words), shown(value)),
            )),
        }
    }

    /// A list of non-empty texts.
    pub(crate) fn texts(&mut self, name: &'static str) -> Result<Vec<String>, Problem> {
        let Some(value) = self.take(name) else {
            return Ok(Vec::new());
        };
        let pointer = self.at(name);
        let Value::Array(items) = value else {
            return Err(Problem::bad_body(
                pointer,
                format!("expected a list of texts, found {}", kind(value)),
            ));
        };
        let text = |(index, item): (usize, &Value)| match item {
            Value::String(text) if !text.trim().is_empty() => Ok(text.clone()),
            Value::String(_) => Err(Problem::bad_body(
                format!("{pointer}/{index}"),
                "the text is empty",
            )),
            other => Err(Problem::bad_body(
                format!("{pointer}/{index}"),
                format!("expected a text, found {}", kind(other)),
            )),
        };
        items.iter().enumerate().map(text).collect()
    }

    /// Refuses the first member that nobody asked for.
    pub(crate) fn nothing_else(self) -> Result<(), Problem> {
        let Some(name) = self
            .members
            .keys()
            .find(|name| !self.asked.contains(&name.as_str()))
        else {
            return Ok(());
        };
        let alike = self
            .asked
            .iter()
            .filter(|asked| near(asked, name))
            .min_by_key(|asked| away(asked, name));
        let advice = match alike {
            Some(asked) => format!("did you mean {asked:?}?"),
            None => format!("known are {}", self.asked.join(", ")),
        };
        Err(Problem::bad_body(
            self.at(name),
            format!("there is no member by this name; {advice}"),
        ))
    }
}

/// Slips of the fingers between two names; capitals don't count.
fn away(one: &str, other: &str) -> usize {
    strsim::osa_distance(&one.to_lowercase(), &other.to_lowercase())
}

/// Near enough to be meant: one slip in three letters; another word is not.
fn near(asked: &str, name: &str) -> bool {
    asked.len() <= 3 * name.len() && away(asked, name) * 3 <= asked.len()
}

/// RFC 6901 escaping.
pub(super) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn one_of<T>(words: &[(&str, T)]) -> String {
    let quoted: Vec<String> = words.iter().map(|(word, _)| format!("{word:?}")).collect();
    quoted.join(" or ")
}

/// A short value as it is, else its kind: an error must not carry whole messages.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.len() <= 40 => format!("{text:?}"),
        other => kind(other).to_owned(),
    }
}

/// What a value is, in words.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
