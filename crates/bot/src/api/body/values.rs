//! Values of a request that say more than their JSON type: a string that isn't empty, a card by name or template, a
//! time. Each knows how it is read and how the API's description shows it.

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{
        Error, IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer,
        value::SeqAccessDeserializer,
    },
};
use serde_json::Value;
use std::{borrow::Cow, fmt, marker::PhantomData};

/// A string with something in it.
#[derive(Clone)]
pub(super) struct NonBlank(pub(super) String);

impl<'de> Deserialize<'de> for NonBlank {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        let text = String::deserialize(json)?;
        match text.trim().is_empty() {
            true => Err(D::Error::custom("the string is empty")),
            false => Ok(Self(text)),
        }
    }
}

impl JsonSchema for NonBlank {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "NonBlank".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "\\S" })
    }
}

/// A card: a template of the bot by its name, or a template as it is.
#[derive(Clone)]
pub(super) enum Card {
    Named(String),
    Template(Value),
}

impl<'de> Deserialize<'de> for Card {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Card;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a template (a string) or a template (an object)")
            }
            fn visit_str<E>(self, name: &str) -> Result<Card, E> {
                Ok(Card::Named(name.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, properties: A) -> Result<Card, A::Error> {
                Value::deserialize(MapAccessDeserializer::new(properties)).map(Card::Template)
            }
        }
        json.deserialize_any(Read)
    }
}

impl JsonSchema for Card {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Card".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "object"] })
    }
}

/// What fills a template.
#[derive(Clone)]
pub(super) struct CardData(pub(super) Value);

impl<'de> Deserialize<'de> for CardData {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = CardData;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object or an array")
            }
            fn visit_map<A: MapAccess<'de>>(self, properties: A) -> Result<CardData, A::Error> {
                Value::deserialize(MapAccessDeserializer::new(properties)).map(CardData)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<CardData, A::Error> {
                Value::deserialize(SeqAccessDeserializer::new(items)).map(CardData)
            }
        }
        json.deserialize_any(Read)
    }
}

impl JsonSchema for CardData {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "CardData".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["object", "array"] })
    }
}

/// A time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instant(pub(super) Timestamp);

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        let text = String::deserialize(json)?;
        // "Never", as other systems write it, lies past the last time that we can hold.
        if text.starts_with("9999-12-31") {
            return Ok(Self(Timestamp::MAX));
        }
        text.parse().map(Self).map_err(|_| {
            D::Error::custom("expected a time with its offset (RFC 3339), for instance 2026-11-25T10:00:00Z")
        })
    }
}

impl JsonSchema for Instant {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Instant".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// Some of a kind, at least one where the property is given: an empty array or `null` (what a template engine makes of a
/// missing value) would be overlooked beside other properties, and those select more than was meant.
#[derive(Clone)]
pub(super) struct AtLeastOne<T>(pub(super) Vec<T>);

impl<T> Default for AtLeastOne<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for AtLeastOne<T> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Read<T>(PhantomData<T>);
        fn nobody<E: Error>(found: &str) -> E {
            E::custom(format!(
                "{found} selects nobody; put in who is meant, or leave the property out if all that the rest of the \
                 audience selects are meant"
            ))
        }
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Read<T> {
            type Value = AtLeastOne<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of strings")
            }
            fn visit_unit<E: Error>(self) -> Result<AtLeastOne<T>, E> {
                Err(nobody("null"))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<AtLeastOne<T>, A::Error> {
                let mut all = Vec::new();
                while let Some(item) = items.next_element()? {
                    all.push(item);
                }
                match all.is_empty() {
                    true => Err(nobody("an empty array")),
                    false => Ok(AtLeastOne(all)),
                }
            }
        }
        json.deserialize_any(Read(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for AtLeastOne<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("SomeOf{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "minItems": 1, "items": generator.subschema_for::<T>() })
    }
}

/// A property that is reserved for a later version.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct NotYet;

impl<'de> Deserialize<'de> for NotYet {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(json)?;
        Err(D::Error::custom(
            "this can't be addressed yet; name \"users\", \"conversations\" or \"teams\"",
        ))
    }
}
