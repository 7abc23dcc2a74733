//! What the host makes of the handler's answer to an envelope.

use std::collections::BTreeMap;

use http::{HeaderMap, StatusCode};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::invocation::InvocationError;

/// Output values as written, by name.
pub(crate) type Outputs = BTreeMap<String, Box<RawValue>>;

/// A successful answer.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    pub(crate) outputs: Option<Outputs>,
    pub(crate) logs: Vec<String>,
    pub(crate) return_value: Option<Box<RawValue>>,
}

/// The outcome of one call.
#[derive(Debug)]
pub(crate) enum Verdict {
    Success(Reply),
    Failure(InvocationError),
    /// An empty 2xx or `null`: the host never completes such an invocation.
    NeverCompletes,
}

/// Judges a complete answer.
pub(crate) fn judge(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Verdict {
    if !status.is_success() {
        return Verdict::Failure(InvocationError::Status(status.as_u16()));
    }
    if body.is_empty() {
        return Verdict::NeverCompletes;
    }
    let media = headers
        .get(http::header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = media
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    if essence != "application/json" && essence != "text/json" {
        return Verdict::Failure(InvocationError::MediaType(essence));
    }
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() || text == "null" {
        return Verdict::NeverCompletes;
    }
    match read(text) {
        Ok(reply) => Verdict::Success(reply),
        Err(reason) => Verdict::Failure(InvocationError::InvalidReply(reason)),
    }
}

fn read(text: &str) -> Result<Reply, String> {
    let properties: Outputs =
        serde_json::from_str(text).map_err(|error| format!("not a JSON object: {error}"))?;
    let mut reply = Reply::default();
    for (name, value) in properties {
        if value.get() == "null" {
            continue;
        }
        match name.to_ascii_lowercase().as_str() {
            "outputs" => {
                let outputs =
                    serde_json::from_str(value.get()).map_err(|_| "Outputs is not an object".to_owned())?;
                reply.outputs = Some(outputs);
            }
            "logs" => reply.logs = logs(value.get())?,
            "returnvalue" => reply.return_value = Some(value),
            _ => {}
        }
    }
    Ok(reply)
}

fn logs(text: &str) -> Result<Vec<String>, String> {
    let lines: Vec<Value> = serde_json::from_str(text).map_err(|_| "Logs is not an array".to_owned())?;
    lines
        .into_iter()
        .map(|line| match line {
            Value::String(text) => Ok(text),
            Value::Null => Ok(String::new()),
            Value::Array(_) | Value::Object(_) => Err("Logs holds something else than strings".to_owned()),
            scalar => Ok(scalar.to_string()),
        })
        .collect()
}

impl Reply {
    /// Outputs after the ReturnValue has been merged: it is the value of `$return` if there is such a
    /// binding, else its properties override those of Outputs.
    pub(crate) fn merged_outputs(&mut self, has_return_binding: bool) -> Outputs {
        let mut outputs = self.outputs.take().unwrap_or_default();
        if let Some(value) = self.return_value.take() {
            if has_return_binding {
                outputs.insert("$return".to_owned(), value);
            } else if let Ok(properties) = serde_json::from_str::<Outputs>(value.get()) {
                for (name, value) in properties {
                    outputs.retain(|known, _| !known.eq_ignore_ascii_case(&name));
                    outputs.insert(name, value);
                }
            }
        }
        outputs
    }
}

/// The value of an output binding; names match in any case.
pub(crate) fn output<'a>(outputs: &'a Outputs, name: &str) -> Option<&'a RawValue> {
    outputs
        .get(name)
        .or_else(|| {
            outputs
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(name))
                .map(|(_, value)| value)
        })
        .map(AsRef::as_ref)
}
