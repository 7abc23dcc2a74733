//! Conversion from `serde_json` values, for callers that already have them.

use super::{Json, order};
use std::borrow::Cow;

impl<'a> From<&'a serde_json::Value> for Json<'a> {
    /// Borrows the strings; containers are copied, so convert once and expand often.
    fn from(value: &'a serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Json::Null,
            serde_json::Value::Bool(b) => Json::Bool(*b),
            serde_json::Value::Number(n) => Json::Number(n.as_f64().unwrap_or(f64::NAN)),
            serde_json::Value::String(s) => Json::String(Cow::Borrowed(s)),
            serde_json::Value::Array(items) => Json::Array(items.iter().map(Json::from).collect()),
            serde_json::Value::Object(map) => {
                let mut properties = map
                    .iter()
                    .map(|(k, v)| (Cow::Borrowed(k.as_str()), Json::from(v)))
                    .collect();
                order::normalise(&mut properties);
                Json::Object(properties)
            }
        }
    }
}
