//! How .NET values look on the wire: strings are encoded twice, scalars are strings, objects are objects.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::dotnet;
use functions_project::FunctionName;

/// A string: its JSON literal, quotes included, inside a JSON string.
pub(super) fn quoted(text: &str) -> Value {
    Value::String(Value::String(text.to_owned()).to_string())
}

/// A number or boolean: its literal in a JSON string.
pub(super) fn literal(number: u32) -> Value {
    Value::String(number.to_string())
}

/// A DateTimeOffset: whole seconds with an offset.
pub(super) fn whole_seconds(time: Timestamp) -> Value {
    Value::String(time.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string())
}

/// A DateTimeOffset inside an object: up to seven digits of fraction, none when it is zero.
pub(super) fn offset_date(time: Timestamp) -> String {
    let ticks = time.subsec_nanosecond() / 100;
    let seconds = time.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    if ticks == 0 {
        return format!("{seconds}+00:00");
    }
    let fraction = format!("{ticks:07}");
    format!("{seconds}.{}+00:00", fraction.trim_end_matches('0'))
}

/// `sys`: a real object in every Metadata.
pub(super) fn sys(function: &FunctionName, now: Timestamp) -> Value {
    let ticks = now.subsec_nanosecond() / 100;
    json!({
        "MethodName": function.as_str(),
        "UtcNow": format!("{}.{ticks:07}Z", now.strftime("%Y-%m-%dT%H:%M:%S")),
        "RandGuid": uuid::Uuid::new_v4().to_string(),
    })
}

/// A property lifted out of a JSON message: scalars become .NET text, objects stay, arrays and nulls go.
pub(super) fn lifted(value: Value) -> Option<Value> {
    match value {
        Value::Null | Value::Array(_) => None,
        Value::Object(_) => Some(value),
        Value::Bool(flag) => Some(quoted(if flag { "True" } else { "False" })),
        Value::Number(number) => Some(quoted(&number.to_string())),
        Value::String(text) => Some(quoted(&dotnet::date(&text).unwrap_or(text))),
    }
}
