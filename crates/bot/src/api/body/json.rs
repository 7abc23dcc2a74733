//! JSON in which every object names each property once. `serde_json::Value` keeps the last of two without a word, so a
//! second `audience` would decide who is reached. One pass; what is read is what `serde_json` would have read.

use super::super::Problem;
use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value, map::Entry};
use std::fmt;

/// Reads a whole text.
pub(super) fn parse(text: &str) -> Result<Value, Problem> {
    let mut json = serde_json::Deserializer::from_str(text);
    let mut repeated = Repeated::default();
    let read = AnyValue(&mut repeated)
        .deserialize(&mut json)
        .and_then(|value| json.end().map(|()| value));
    read.map_err(|error| match repeated.pointer() {
        Some(pointer) => Problem::bad_body(
            pointer,
            format!(
                "this property stands twice in its object (the second ends before line {}, column {}); give it once",
                error.line(),
                error.column()
            ),
        ),
        None => Problem::bad_body("", format!("not JSON: {error}")),
    })
}

/// A name as a step of a JSON pointer (RFC 6901).
pub(super) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Where a property stood for the second time: the names and positions that lead to it, innermost first.
#[derive(Default)]
struct Repeated(Vec<String>);

impl Repeated {
    fn found(&mut self, name: &str) {
        self.0.push(name.to_owned());
    }

    /// The way up from the property, one step at a time, as the error passes through.
    fn passes(&mut self, step: impl FnOnce() -> String) {
        if !self.0.is_empty() {
            self.0.push(step());
        }
    }

    /// RFC 6901; `None` when nothing is repeated.
    fn pointer(&self) -> Option<String> {
        let steps = self.0.iter().rev();
        (!self.0.is_empty()).then(|| steps.map(|step| format!("/{}", escape(step))).collect())
    }
}

struct AnyValue<'r>(&'r mut Repeated);

impl<'de> DeserializeSeed<'de> for AnyValue<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AnyValue<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any valid JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        loop {
            match items.next_element_seed(AnyValue(self.0)) {
                Ok(Some(item)) => array.push(item),
                Ok(None) => return Ok(Value::Array(array)),
                Err(error) => {
                    self.0.passes(|| array.len().to_string());
                    return Err(error);
                }
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut properties: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = properties.next_key::<String>()? {
            match object.entry(name) {
                Entry::Occupied(first) => {
                    self.0.found(first.key());
                    return Err(A::Error::custom("a property stands twice"));
                }
                Entry::Vacant(place) => match properties.next_value_seed(AnyValue(self.0)) {
                    Ok(value) => drop(place.insert(value)),
                    Err(error) => {
                        self.0.passes(|| place.key().clone());
                        return Err(error);
                    }
                },
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repeated(text: &str) -> (String, String) {
        let problem = parse(text).unwrap_err();
        let pointer = problem.pointer().unwrap_or("-").to_owned();
        (pointer, problem.detail().to_owned())
    }

    #[test]
    fn a_second_property_of_the_same_name_is_pointed_at_wherever_it_stands() {
        for (text, pointer) in [
            (r#"{"a":1,"a":1}"#, "/a"),
            (r#"{"audience":{},"\u0061udience":{}}"#, "/audience"),
            (r#"{"a":{"b":[0,{"c":{},"d":1,"c":[]}]}}"#, "/a/b/1/c"),
            (r#"[[],[{"x":null,"x":null}]]"#, "/1/0/x"),
            (r#"{"data":{"a/b~c":1,"a/b~c":2}}"#, "/data/a~1b~0c"),
            (r#"{"":{"":1,"":2}}"#, "//"),
            // The first fault that is met decides.
            (r#"{"a":1,"a":"#, "/a"),
        ] {
            let found = repeated(text);
            assert_eq!(found.0, pointer, "{text}");
            assert!(found.1.contains("twice"), "{text}: {}", found.1);
        }
        let found = repeated("{\n \"a\": 1,\n \"a\": 2}");
        assert!(found.1.contains("line 3"), "{}", found.1);
    }

    #[test]
    fn what_is_accepted_is_what_serde_json_reads() {
        for text in [
            r#"{"b":[1,-1,1.5,1e3,18446744073709551615,-9223372036854775808,1e400]}"#,
            r#"{"b":[1,-1,1.5,1e3,18446744073709551615,18446744073709551616,-0,-0.0]}"#,
            r#" {"z":"é\ud83d\ude00","a":{"a":{"a":true}},"B":null,"b":false} "#,
            r#"{"$serde_json::private_files::RawValue":"[1]"}"#,
            r#""text""#,
            "[]",
            "7",
            "",
            "{",
            r#"{"a":1,}"#,
            r#"{"a":1} trailing"#,
            r#""\ud800""#,
            "{\"a\":\"\n\"}",
        ] {
            let plain = serde_json::from_str::<Value>(text);
            match (parse(text), plain) {
                (Ok(ours), Ok(theirs)) => {
                    // What `serde_json` makes of the name of its own marker was asked for by nobody.
                    if !text.contains("RawValue") {
                        assert_eq!(ours, theirs, "{text}");
                    }
                }
                (Err(ours), Err(theirs)) => assert_eq!(ours.detail(), format!("not JSON: {theirs}")),
                (ours, theirs) => panic!("{text}: {ours:?}, {theirs:?}"),
            }
        }
    }

    #[test]
    fn depth_is_bounded_as_before() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(parse(&nested(127)).is_ok());
        assert!(
            parse(&nested(128))
                .unwrap_err()
                .detail()
                .contains("recursion limit")
        );
        let twice = format!("{}{{\"a\":1,\"a\":2}}{}", "[".repeat(126), "]".repeat(126));
        assert_eq!(repeated(&twice).0, format!("{}/a", "/0".repeat(126)));
    }
}
