//! A JSON object with its properties in order and verbatim. `serde_json::Value` would not keep them unchanged (sorted
//! keys, rounded numbers).

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Name and raw JSON of each property.
#[derive(Default)]
pub(crate) struct RawObject(Vec<(String, Box<RawValue>)>);

impl RawObject {
    /// `Ok(None)`: valid JSON, but not an object.
    pub(crate) fn parse(text: &str) -> Result<Option<Self>, serde_json::Error> {
        let raw: &RawValue = serde_json::from_str(text)?;
        if raw.get().starts_with('{') {
            serde_json::from_str(raw.get()).map(Some)
        } else {
            Ok(None)
        }
    }

    /// Looks up the exact name first, then ignoring ASCII case.
    pub(crate) fn get(&self, name: &str) -> Option<&RawValue> {
        let exact = self.0.iter().rev().find(|(n, _)| n == name);
        exact
            .or_else(|| self.0.iter().rev().find(|(n, _)| n.eq_ignore_ascii_case(name)))
            .map(|(_, v)| &**v)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &RawValue)> {
        self.0.iter().map(|(name, value)| (name.as_str(), &**value))
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.0.iter().map(|(name, _)| name.clone()).collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de> Deserialize<'de> for RawObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = RawObject;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawObject, A::Error> {
                let mut object = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    object.push(entry);
                }
                Ok(RawObject(object))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}
