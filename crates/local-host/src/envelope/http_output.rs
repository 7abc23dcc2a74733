//! How an output value becomes an HTTP response, with the host's surprises.

use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::dotnet;

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
            dotnet::text(raw.get(), &value)
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
