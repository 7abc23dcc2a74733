//! The response to a successful invocation, in the form that the host handles reliably.
//!
//! An empty 2xx or `null` would leave the invocation pending until the host kills the process; so a reply is
//! always a JSON object, and there is no way to build an empty one.

use serde::Serialize;
use serde_json::{Map, Value};

/// The result of a function: outputs, log lines, a return value. `()` converts to an empty one. `Debug`
/// prints how many, no content.
///
/// ```
/// use custom_handler::Reply;
/// let reply = Reply::new()
///     .queue("out", ["first", "second"])
///     .log("two messages queued");
/// assert_eq!(
///     reply.to_json(),
///     serde_json::json!({
///         "Outputs": { "out": ["first", "second"] },
///         "Logs": ["two messages queued"],
///         "ReturnValue": null,
///     })
/// );
/// ```
#[derive(Clone, Default, PartialEq)]
#[must_use]
pub struct Reply {
    outputs: Map<String, Value>,
    logs: Vec<String>,
    return_value: Value,
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reply")
            .field("outputs", &self.outputs.len())
            .field("logs", &self.logs.len())
            .finish_non_exhaustive()
    }
}

impl Reply {
    /// Success without outputs.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds messages to a queue output binding, one per item, each exactly as given. Called again for the same
    /// binding it appends.
    ///
    /// They are sent as an array of strings: the host would decode a bare string that happens to be base64 (`test`
    /// is) and split one that looks like `[…]`.
    pub fn queue<T: Into<String>>(mut self, binding: &str, messages: impl IntoIterator<Item = T>) -> Self {
        let slot = self
            .outputs
            .entry(binding)
            .or_insert_with(|| Value::Array(Vec::new()));
        if !slot.is_array() {
            *slot = Value::Array(Vec::new());
        }
        if let Value::Array(items) = slot {
            items.extend(messages.into_iter().map(|message| Value::String(message.into())));
        }
        self
    }

    /// Adds one message: the compact JSON text of `value`.
    ///
    /// # Errors
    /// When `value` cannot be written as JSON.
    pub fn queue_json<T: Serialize + ?Sized>(
        self,
        binding: &str,
        value: &T,
    ) -> Result<Self, serde_json::Error> {
        Ok(self.queue(binding, [serde_json::to_string(value)?]))
    }

    /// Sets an output binding to any JSON. The host converts it by its own rules: base64 strings are decoded,
    /// `{…}` and `[…]` strings parsed, objects written with indentation. For queues use [`queue`](Self::queue).
    pub fn output(mut self, binding: &str, value: Value) -> Self {
        self.outputs.insert(binding.to_owned(), value);
        self
    }

    /// Adds a line to the function's own log, where the host keeps it with the invocation. Ignored by the host
    /// when the invocation fails.
    pub fn log(mut self, line: impl Into<String>) -> Self {
        self.logs.push(line.into());
        self
    }

    /// Sets the value of a `$return` binding. Without such a binding the host merges an object's properties into the
    /// outputs, where they replace those of the same name, and ignores anything else.
    pub fn return_value(mut self, value: Value) -> Self {
        self.return_value = value;
        self
    }

    /// The JSON that is sent to the host.
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("Outputs".to_owned(), Value::Object(self.outputs.clone()));
        object.insert(
            "Logs".to_owned(),
            self.logs.iter().cloned().map(Value::String).collect(),
        );
        object.insert("ReturnValue".to_owned(), self.return_value.clone());
        Value::Object(object)
    }
}

impl From<()> for Reply {
    fn from((): ()) -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_empty_reply_is_still_an_object() {
        assert_eq!(
            Reply::from(()).to_json().to_string(),
            r#"{"Logs":[],"Outputs":{},"ReturnValue":null}"#
        );
    }

    #[test]
    fn texts_that_the_host_would_rewrite_stay_inside_an_array() {
        let reply = Reply::new()
            .queue("out", ["test", "true", "", "[1,2]"])
            .queue("out", [String::from("2026-11-22T10:00:00Z")]);
        assert_eq!(
            reply.to_json()["Outputs"]["out"],
            json!(["test", "true", "", "[1,2]", "2026-11-22T10:00:00Z"])
        );
        let none = Reply::new().queue("out", Vec::<String>::new());
        assert_eq!(none.to_json()["Outputs"]["out"], json!([]));
        let object = Reply::new().queue_json("out", &json!({"a": 1})).unwrap();
        assert_eq!(object.to_json()["Outputs"]["out"], json!([r#"{"a":1}"#]));
    }

    #[test]
    fn other_outputs_pass_as_they_are() {
        let reply = Reply::new()
            .output("doc", json!({"id": 1}))
            .return_value(json!("x"));
        assert_eq!(
            reply.to_json(),
            json!({"Outputs": {"doc": {"id": 1}}, "Logs": [], "ReturnValue": "x"})
        );
    }
}
