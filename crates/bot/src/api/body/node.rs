//! JSON values as a source for serde, with errors in JSON's own words: what was expected, what was found, what was
//! meant. `serde_path_to_error` says where.

use super::super::{Problem, suggestion};
use super::json::escape;
use serde::{
    Deserialize, Deserializer,
    de::{
        self, Expected, IntoDeserializer, Unexpected, Visitor,
        value::{BorrowedStrDeserializer, MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::Value;
use serde_path_to_error::{Path, Segment};
use std::fmt;

/// Reads a value as a type; what doesn't fit is a problem with its place.
pub(super) fn read<'de, T: Deserialize<'de>>(value: &'de Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(Node(value)).map_err(|error| {
        let mut pointer = pointer(error.path());
        let fault = error.into_inner();
        if let Fault::UnknownProperty { name, .. } = &fault {
            let own = format!("/{}", escape(name));
            if !pointer.ends_with(&own) {
                pointer.push_str(&own);
            }
        }
        Problem::bad_body(pointer, fault.to_string())
    })
}

/// RFC 6901.
fn pointer(path: &Path) -> String {
    let step = |segment: &Segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", escape(key)),
        Segment::Enum { .. } | Segment::Unknown => String::new(),
    };
    path.iter().map(step).collect()
}

/// Why a value doesn't fit.
#[derive(Debug)]
pub(super) enum Fault {
    UnknownProperty {
        name: String,
        known: &'static [&'static str],
    },
    NotOneOf {
        found: String,
        words: &'static [&'static str],
    },
    Type {
        expected: String,
        found: &'static str,
    },
    Other(String),
}

impl std::error::Error for Fault {}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownProperty { name, known } => {
                write!(f, "there is no property by this name; ")?;
                match suggestion::closest(name, known) {
                    Some(meant) => write!(f, "did you mean {meant:?}?"),
                    None => write!(f, "known are {}", known.join(", ")),
                }
            }
            Self::NotOneOf { found, words } => {
                write!(f, "expected {}, found {found}", suggestion::one_of(words))?;
                match suggestion::closest(found.trim_matches('"'), words) {
                    Some(meant) => write!(f, "; did you mean {meant:?}?"),
                    None => Ok(()),
                }
            }
            Self::Type { expected, found } => write!(f, "expected {expected}, found {found}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self::Other(text.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::Type {
            expected: in_json(&expected.to_string()),
            found: match found {
                Unexpected::Bool(_) => "a boolean",
                Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => "a number",
                Unexpected::Str(_) | Unexpected::Char(_) => "a string",
                Unexpected::Seq => "an array",
                Unexpected::Map => "an object",
                _ => "null",
            },
        }
    }

    fn unknown_field(name: &str, known: &'static [&'static str]) -> Self {
        Self::UnknownProperty {
            name: name.to_owned(),
            known,
        }
    }

    fn unknown_variant(found: &str, words: &'static [&'static str]) -> Self {
        Self::NotOneOf {
            // An error must not carry whole messages.
            found: match found.len() {
                0..=40 => format!("{found:?}"),
                _ => "another string".to_owned(),
            },
            words,
        }
    }
}

/// What serde calls a kind of value, as JSON calls it.
fn in_json(expected: &str) -> String {
    match expected {
        "a sequence" => "an array".to_owned(),
        "a map" => "an object".to_owned(),
        "a boolean" => "true or false".to_owned(),
        other if other.starts_with("struct ") => "an object".to_owned(),
        other => other.to_owned(),
    }
}

/// What a value is.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// A value to be read.
struct Node<'de>(&'de Value);

impl<'de> IntoDeserializer<'de, Fault> for Node<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(value), _) => visitor.visit_u64(value),
                (None, Some(value)) => visitor.visit_i64(value),
                (None, None) => visitor.visit_f64(number.as_f64().unwrap_or(f64::NAN)),
            },
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(items) => visitor.visit_seq(SeqDeserializer::new(items.iter().map(Node))),
            Value::Object(properties) => visitor.visit_map(MapDeserializer::new(
                properties
                    .iter()
                    .map(|(name, value)| (name.as_str(), Node(value))),
            )),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _properties: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        // serde would take an array for the properties' values in turn.
        match self.0 {
            Value::Array(_) => Err(Fault::Type {
                expected: "an object".to_owned(),
                found: kind(self.0),
            }),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self.0 {
            Value::String(text) => visitor.visit_enum(BorrowedStrDeserializer::<Fault>::new(text)),
            other => Err(Fault::NotOneOf {
                found: kind(other).to_owned(),
                words,
            }),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}
