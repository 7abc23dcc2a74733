//! The JSON that the host posts for everything that is not passed on as plain HTTP, and what it makes of
//! the answer. Shapes only: nothing here sends or waits.

mod http;
pub(crate) mod http_output;
mod queue;
pub(crate) mod reply;
mod timer;
mod value;

use std::collections::HashMap;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use functions_project::FunctionName;

pub(crate) use http::{HttpFacts, http_request};
pub use queue::MessageFacts;
pub(crate) use queue::queue_message;
pub(crate) use timer::{ScheduleStatus, TimerFacts, timer_info};

/// `Data` and `Metadata`.
#[derive(Clone, Debug)]
pub(crate) struct Envelope {
    data: Map<String, Value>,
    metadata: Metadata,
}

/// Metadata by name; names match in any case and the first spelling stays.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metadata {
    values: Vec<(String, Value)>,
    /// The place of each name in lower case: a message may have any number of properties.
    places: HashMap<String, usize>,
}

impl Metadata {
    pub(crate) fn set(&mut self, name: &str, value: Value) {
        // The host leaves every key out that ends in "trigger".
        let lower = name.to_lowercase();
        if lower.ends_with("trigger") {
            return;
        }
        let place = *self.places.entry(lower).or_insert(self.values.len());
        match self.values.get_mut(place) {
            Some((_, old)) => *old = value,
            None => self.values.push((name.to_owned(), value)),
        }
    }

    /// Lifts the top-level properties of a JSON object over what is there, as the host's binding data does.
    pub(crate) fn lift(&mut self, text: &str) {
        let Ok(Value::Object(map)) = serde_json::from_str::<Value>(text) else {
            return;
        };
        for (name, value) in map {
            if let Some(value) = value::lifted(value) {
                self.set(&name, value);
            }
        }
    }
}

impl Envelope {
    /// An envelope with `sys` and one trigger value.
    pub(crate) fn new(function: &FunctionName, trigger: &str, value: Value, now: jiff::Timestamp) -> Self {
        let mut metadata = Metadata::default();
        metadata.set("sys", value::sys(function, now));
        let mut data = Map::new();
        data.insert(trigger.to_owned(), value);
        Self { data, metadata }
    }

    /// A trigger that this host does not play: the text as a string.
    pub(crate) fn generic(function: &FunctionName, trigger: &str, text: &str, now: jiff::Timestamp) -> Self {
        let mut envelope = Self::new(function, trigger, value::quoted(text), now);
        envelope.metadata.lift(text);
        envelope
    }

    pub(crate) fn metadata(&mut self) -> &mut Metadata {
        &mut self.metadata
    }

    /// What a retry policy adds to every attempt, the first too.
    pub(crate) fn set_retry(&mut self, count: u32, max: Option<u32>, exception: Option<&str>) {
        let max = max.map_or(-1, i64::from);
        let exception = exception.map(|message| json!({"Message": message}));
        self.metadata.set(
            "RetryContext",
            json!({"RetryCount": count, "MaxRetryCount": max, "Exception": exception, "Instance": null, "State": {}}),
        );
    }

    /// Compact JSON.
    pub(crate) fn to_bytes(&self) -> Bytes {
        let metadata: Map<String, Value> = self.metadata.values.iter().cloned().collect();
        Bytes::from(json!({"Data": self.data, "Metadata": metadata}).to_string())
    }
}

#[cfg(test)]
mod tests;
