//! How output values become queue messages and HTTP responses, with the host's surprises.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::Value;
use serde_json::value::RawValue;

use super::indent::indent;
use super::{dotnet_date, iso_date};
use functions_project::DataType;

/// The messages that one output value of a queue binding puts on the queue.
///
/// A scalar string is guessed at: valid base64 is decoded, `{…}` is re-indented, `[…]` is split. Only an
/// array of strings arrives as it was written.
pub(crate) fn queue_messages(value: &RawValue, data_type: DataType) -> Result<Vec<Bytes>, String> {
    let text = value.get().trim();
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Null) => Ok(Vec::new()),
        Ok(Value::Array(_)) => elements(text),
        Ok(Value::String(string)) => scalar_string(&string, data_type),
        Ok(other) => Ok(vec![one(text, &other)]),
        Err(error) => Err(format!("not JSON: {error}")),
    }
}

fn elements(array: &str) -> Result<Vec<Bytes>, String> {
    let items: Vec<&RawValue> =
        serde_json::from_str(array).map_err(|error| format!("not a JSON array: {error}"))?;
    items
        .into_iter()
        .map(|item| {
            let value: Value = serde_json::from_str(item.get()).map_err(|error| error.to_string())?;
            Ok(one(item.get(), &value))
        })
        .collect()
}

/// A single value: strings as they are, objects and arrays indented, scalars as .NET writes them.
fn one(text: &str, value: &Value) -> Bytes {
    Bytes::from(match value {
        Value::String(string) => string.clone(),
        Value::Null => String::new(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Array(_) | Value::Object(_) => indent(text),
    })
}

fn scalar_string(string: &str, data_type: DataType) -> Result<Vec<Bytes>, String> {
    if let Some(time) = iso_date(string) {
        return Ok(vec![Bytes::from(dotnet_date(time))]);
    }
    if data_type == DataType::Text {
        let compact: String = string.chars().filter(|letter| !letter.is_whitespace()).collect();
        if let Ok(bytes) = STANDARD.decode(&compact) {
            return Ok(vec![Bytes::from(bytes)]);
        }
    }
    let trimmed = string.trim();
    if trimmed.starts_with('{') && trimmed.ends_with('}') {
        serde_json::from_str::<Box<RawValue>>(trimmed)
            .map_err(|error| format!("a string that looks like a JSON object is none: {error}"))?;
        return Ok(vec![Bytes::from(indent(trimmed))]);
    }
    if trimmed.starts_with('[') && trimmed.ends_with(']') {
        return elements(trimmed);
    }
    Ok(vec![Bytes::from(string.to_owned())])
}

/// An HTTP response out of an envelope.
#[derive(Debug)]
pub(crate) struct HttpOutput {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: String,
}

/// Reads `{statusCode, status, body, headers}`.
pub(crate) fn http_response(value: &RawValue) -> Result<HttpOutput, String> {
    let parts: super::reply::Outputs = serde_json::from_str(value.get())
        .map_err(|_| "the HTTP output is not an object of statusCode, headers and body".to_owned())?;
    let part = |name: &str| super::reply::output(&parts, name).filter(|raw| raw.get() != "null");
    let status = match part("statusCode").or_else(|| part("status")) {
        None => StatusCode::OK,
        Some(raw) => {
            let digits = raw.get().trim_matches('"').trim();
            let number = digits.parse::<u16>().ok();
            number
                .and_then(|number| StatusCode::from_u16(number).ok())
                .ok_or_else(|| format!("statusCode is {digits}"))?
        }
    };
    let mut headers = Vec::new();
    if let Some(raw) = part("headers") {
        let map: super::reply::Outputs =
            serde_json::from_str(raw.get()).map_err(|_| "headers is not an object".to_owned())?;
        for (name, raw) in &map {
            headers.push(header(name, raw)?);
        }
    }
    if !headers.iter().any(|(name, _)| name == http::header::CONTENT_TYPE) {
        headers.push((
            http::header::CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        ));
    }
    let body = match part("body") {
        None => String::new(),
        Some(raw) => {
            let value: Value = serde_json::from_str(raw.get()).map_err(|error| error.to_string())?;
            String::from_utf8_lossy(&one(raw.get(), &value)).into_owned()
        }
    };
    Ok(HttpOutput {
        status,
        headers,
        body,
    })
}

fn header(name: &str, raw: &RawValue) -> Result<(HeaderName, HeaderValue), String> {
    let value: Value = serde_json::from_str(raw.get()).map_err(|error| error.to_string())?;
    let text = match value {
        Value::Null => return Err(format!("the header {name} is null")),
        Value::String(text) => text,
        Value::Array(_) | Value::Object(_) => value.to_string(),
        scalar => scalar.to_string(),
    };
    let name = HeaderName::try_from(name).map_err(|_| format!("\"{name}\" is no header name"))?;
    let value = HeaderValue::try_from(text)
        .map_err(|_| format!("the header {name} holds a character that is not allowed"))?;
    Ok((name, value))
}
