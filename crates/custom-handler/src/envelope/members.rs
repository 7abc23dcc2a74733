//! The members of a JSON object, in order and verbatim: texts must come out exactly as they went in, which a
//! tree of values (sorted keys, rounded numbers) would not keep.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Name and raw JSON of each member.
#[derive(Default)]
pub(crate) struct Members(Vec<(String, Box<RawValue>)>);

impl Members {
    /// `Ok(None)`: valid JSON, but not an object.
    pub(crate) fn parse(text: &str) -> Result<Option<Self>, serde_json::Error> {
        let raw: &RawValue = serde_json::from_str(text)?;
        if raw.get().starts_with('{') {
            serde_json::from_str(raw.get()).map(Some)
        } else {
            Ok(None)
        }
    }

    /// Exact name first, then without regard to ASCII case.
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

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    members.push(entry);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}
