//! Many values in one invocation: Event Hubs and Service Bus with cardinality `many`, the Cosmos DB change feed.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::Trigger;
use crate::envelope::{Envelope, EnvelopeError, Payload, PayloadError};

/// The elements of a batch, in order. `Debug` prints their number only.
///
/// Event Hubs needs `"cardinality": "many"` and a `dataType` in function.json; with cardinality one take
/// [`Text`](super::Text), because an event whose text is a JSON array would look like a batch.
#[derive(Clone)]
pub struct Batch(Vec<Box<RawValue>>);

impl Batch {
    /// Number of elements.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// No elements.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each element's text: strings as they are, other values as their JSON text.
    pub fn texts(&self) -> impl Iterator<Item = String> {
        self.0
            .iter()
            .map(|raw| serde_json::from_str(raw.get()).unwrap_or_else(|_| raw.get().to_owned()))
    }

    /// Each element read as JSON: objects directly, strings as the JSON text that they hold.
    pub fn json<T: DeserializeOwned>(&self) -> impl Iterator<Item = Result<T, PayloadError>> {
        self.texts().map(|text| crate::envelope::payload_json(&text))
    }

    /// Each element as bytes, for `"dataType": "binary"`.
    pub fn bytes(&self) -> impl Iterator<Item = Result<Vec<u8>, PayloadError>> {
        self.0.iter().map(|raw| Payload::new(raw).bytes())
    }
}

impl Trigger for Batch {
    fn decode(envelope: &Envelope, binding: Option<&str>) -> Result<Self, EnvelopeError> {
        let (name, payload) = envelope.trigger(binding)?;
        serde_json::from_str(&payload.text()).map(Self).map_err(|_| EnvelopeError::WrongShape {
            binding: name.to_owned(),
            expected: "an array, or a string that holds one (`\"cardinality\": \"many\"` in function.json)",
            found: match payload.kind() {
                "a string" => "a string that holds no array".to_owned(),
                other => other.to_owned(),
            },
        })
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Batch({} elements)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(data: &str) -> Result<Batch, EnvelopeError> {
        let body = format!(r#"{{"Data":{{"events":{data}}},"Metadata":{{}}}}"#);
        Batch::decode(&Envelope::parse(body.as_bytes()).unwrap(), Some("events"))
    }

    #[test]
    fn event_hub_many_is_a_string_that_holds_an_array() {
        let b = batch(r#""[\"e1\",\"{\\\"a\\\":1}\"]""#).unwrap();
        assert_eq!(b.len(), 2);
        assert_eq!(b.texts().collect::<Vec<_>>(), ["e1", r#"{"a":1}"#]);
        assert!(b.json::<serde_json::Value>().nth(1).unwrap().is_ok());
        assert_eq!(
            batch(r#""[\"AAE=\"]""#).unwrap().bytes().next().unwrap().unwrap(),
            [0, 1]
        );
    }

    #[test]
    fn cosmos_changes_are_double_encoded() {
        let b = batch(r#""\"[{\\\"id\\\":\\\"1\\\"},{\\\"id\\\":\\\"2\\\"}]\"""#).unwrap();
        assert_eq!(b.texts().collect::<Vec<_>>(), [r#"{"id":"1"}"#, r#"{"id":"2"}"#]);
    }

    #[test]
    fn a_bare_array_is_read_and_anything_else_refused() {
        assert_eq!(batch(r#"["a"]"#).unwrap().texts().collect::<Vec<_>>(), ["a"]);
        assert!(batch(r#""[]""#).unwrap().is_empty());
        let error = batch(r#""\"one\"""#).unwrap_err().to_string();
        assert!(
            error.starts_with("`Data.events` is a string that holds no array"),
            "{error}"
        );
    }
}
