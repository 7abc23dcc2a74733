//! How output values become queue messages, with the host's surprises.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use functions_project::DataType;
use local_host::dotnet;
use serde_json::Value;
use serde_json::value::RawValue;

/// The messages that one output value of a queue binding puts on the queue.
///
/// A scalar string is guessed at: valid base64 is decoded, `{…}` is re-indented, `[…]` is split. Only an
/// array of strings arrives as it was written.
pub(crate) fn messages(value: &RawValue, data_type: DataType) -> Result<Vec<Bytes>, String> {
    let text = value.get().trim();
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Null) => Ok(Vec::new()),
        Ok(Value::Array(_)) => elements(text),
        Ok(Value::String(string)) => scalar_string(&string, data_type),
        Ok(other) => Ok(vec![Bytes::from(dotnet::text(text, &other))]),
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
            Ok(Bytes::from(dotnet::text(item.get(), &value)))
        })
        .collect()
}

fn scalar_string(string: &str, data_type: DataType) -> Result<Vec<Bytes>, String> {
    if let Some(date) = dotnet::date(string) {
        return Ok(vec![Bytes::from(date)]);
    }
    if data_type == DataType::Text {
        let compact: String = string.chars().filter(|letter| !letter.is_whitespace()).collect();
        if let Ok(bytes) = STANDARD.decode(&compact) {
            return Ok(vec![Bytes::from(bytes)]);
        }
    }
    let trimmed = string.trim();
    if trimmed.starts_with('{') && trimmed.ends_with('}') {
        let object = serde_json::from_str(trimmed)
            .map_err(|error| format!("a string that looks like a JSON object is none: {error}"))?;
        return Ok(vec![Bytes::from(dotnet::text(trimmed, &object))]);
    }
    if trimmed.starts_with('[') && trimmed.ends_with(']') {
        return elements(trimmed);
    }
    Ok(vec![Bytes::from(string.to_owned())])
}

#[cfg(test)]
mod tests {
    use functions_project::DataType;

    fn texts(json: &str, data_type: DataType) -> Vec<String> {
        let raw: Box<serde_json::value::RawValue> = serde_json::from_str(json).unwrap();
        super::messages(&raw, data_type)
            .map(|all| {
                all.iter()
                    .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
                    .collect()
            })
            .unwrap_or_else(|error| vec![format!("error: {error}")])
    }

    #[test]
    fn queue_outputs_are_converted_as_the_host_does() {
        for (json, expected) in [
            (
                r#"["test","{}",{"b":1,"a":[]},5,true,null]"#,
                &["test", "{}", "{\n  \"b\": 1,\n  \"a\": []\n}", "5", "True", ""][..],
            ),
            (r#""aGVsbG8=""#, &["hello"]),
            (r#""""#, &[""]),
            (r#"" {\"b\":1} ""#, &["{\n  \"b\": 1\n}"]),
            (r#""[\"a\",{\"x\":1}]""#, &["a", "{\n  \"x\": 1\n}"]),
            (r#""2026-11-22T10:00:00Z""#, &["11/22/2026 10:00:00"]),
            (r#""hello world!""#, &["hello world!"]),
            (r#"{"a":1}"#, &["{\n  \"a\": 1\n}"]),
            ("100", &["100"]),
            ("true", &["True"]),
            ("null", &[]),
        ] {
            assert_eq!(texts(json, DataType::Text), expected, "{json}");
        }
        assert_ne!(
            texts(r#""test""#, DataType::Text),
            ["test"],
            "four letters are base64"
        );
        assert_eq!(texts(r#""test""#, DataType::Binary), ["test"]);
        assert!(texts(r#""{nope}""#, DataType::Text)[0].starts_with("error"));
    }
}
