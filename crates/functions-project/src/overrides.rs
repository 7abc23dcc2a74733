//! `AzureFunctionsJobHost__path__to__value`: app settings that override host.json.

use serde_json::{Map, Value};

use crate::settings::Settings;

const PREFIX: &str = "azurefunctionsjobhost__";

/// Puts every override into `host`, creating objects on the way; array elements are named by index.
pub(super) fn apply(host: &mut Value, settings: &Settings) {
    for (name, value) in settings.iter() {
        // "AzureFunctionsJobHost:a:b" is the same key in .NET's configuration.
        let name = name.replace(':', "__");
        if !name.to_ascii_lowercase().starts_with(PREFIX) {
            continue;
        }
        let parts: Vec<&str> = name[PREFIX.len()..].split("__").collect();
        if parts.iter().all(|part| !part.is_empty()) {
            put(host, &parts, value);
        }
    }
}

fn put(target: &mut Value, path: &[&str], value: &str) {
    let [first, rest @ ..] = path else {
        *target = Value::String(value.to_owned());
        return;
    };
    if let (Value::Array(items), Ok(index)) = (&mut *target, first.parse::<usize>()) {
        if index >= items.len() && index < 1_000 {
            items.resize(index + 1, Value::Null);
        }
        if let Some(item) = items.get_mut(index) {
            put(item, rest, value);
        }
        return;
    }
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(map) = target else { return };
    let key = map.keys().find(|key| key.eq_ignore_ascii_case(first)).cloned();
    put(
        map.entry(key.unwrap_or_else(|| (*first).to_owned()))
            .or_insert(Value::Null),
        rest,
        value,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overrides_match_names_in_any_case_and_create_what_is_missing() {
        let mut host =
            serde_json::json!({"version": "2.0", "customHandler": {"description": {"arguments": ["a"]}}});
        let settings = Settings::none()
            .with(
                "AzureFunctionsJobHost__customhandler__description__arguments__1",
                "b",
            )
            .with("AZUREFUNCTIONSJOBHOST__extensions__queues__batchSize", "4")
            .with("AzureFunctionsJobHost:functionTimeout", "00:01:00")
            .with("AzureFunctionsJobHost____x", "ignored")
            .with("Other__version", "3.0");
        apply(&mut host, &settings);
        assert_eq!(
            host,
            serde_json::json!({
                "version": "2.0",
                "customHandler": {"description": {"arguments": ["a", "b"]}},
                "extensions": {"queues": {"batchSize": "4"}},
                "functionTimeout": "00:01:00",
            })
        );
    }
}
