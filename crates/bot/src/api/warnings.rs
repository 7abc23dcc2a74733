//! What is odd about a request that is accepted all the same: data that no field of its card reads, and fields of the card
//! that the data lack. Told by the card's templates alone, all its languages together; nothing is filled for it, and no
//! value of the data is in it.

use card::{Fields, Json, Template};
use notify::content::{Form, MessageSpec};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// How many are told.
const MOST: usize = 20;

/// The longest name that is told in full, characters.
const LONGEST_NAME: usize = 64;

/// Something that was probably not meant so. The notification is sent as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Warning {
    /// `unread-data`: no field of the card reads it. `missing-data`: the card needs it.
    pub(crate) code: &'static str,
    /// JSON pointer into the body: where it stands, or would stand.
    pub(crate) pointer: String,
    /// In words, with the name that was probably meant.
    pub(crate) detail: String,
}

/// What [`of`] needs of a message: of its data only the names, as their values may be large.
pub(crate) fn outline(message: &MessageSpec) -> MessageSpec {
    let data = message.data.as_ref().map(|data| match data {
        Value::Object(data) => data.keys().map(|name| (name.clone(), Value::Null)).collect(),
        Value::Null => Value::Null,
        _ => Value::Array(Vec::new()),
    });
    MessageSpec {
        form: message.form.clone(),
        data,
        summary: None,
        alert: message.alert,
    }
}

/// The first of what is odd about a message that was composed: its templates are known to be within the limits.
pub(crate) async fn of(message: MessageSpec) -> Vec<Warning> {
    if !matches!(message.form, Form::Card { .. }) {
        return Vec::new();
    }
    // A large template of a caller takes its time.
    tokio::task::spawn_blocking(move || find(&message))
        .await
        .unwrap_or_default()
}

/// The same, where it may take its time.
fn find(message: &MessageSpec) -> Vec<Warning> {
    let Form::Card {
        template, locales, ..
    } = &message.form
    else {
        return Vec::new();
    };
    let mut fields = Fields::default();
    for template in locales.values().chain([template]) {
        match Template::from_json(&Json::from(template), "") {
            Ok(template) => fields.unite(template.fields()),
            // It is refused for that elsewhere.
            Err(_) => return Vec::new(),
        }
    }
    let nothing = serde_json::Map::new();
    let data = match &message.data {
        Some(Value::Object(data)) => data,
        None | Some(Value::Null) => &nothing,
        Some(_) => return Vec::new(),
    };
    let unread = data
        .keys()
        .filter(|name| !name.starts_with(['$', '_']) && !fields.reads(name))
        .map(|name| unread(name, &fields));
    let missing = fields
        .needed()
        .filter(|name| !data.keys().any(|key| key.to_lowercase() == name.to_lowercase()))
        .map(|name| missing(name, data));
    unread.chain(missing).take(MOST).collect()
}

fn unread(name: &str, fields: &Fields) -> Warning {
    let meant = fields.closest(name).map_or_else(String::new, |meant| {
        format!("; did you mean {}?", shortened(meant))
    });
    Warning {
        code: "unread-data",
        pointer: pointer(name),
        detail: format!("no field of the card reads it{meant}"),
    }
}

fn missing(name: &str, data: &serde_json::Map<String, Value>) -> Warning {
    let meant = card::closest(name, data.keys().map(String::as_str)).map_or_else(String::new, |meant| {
        format!("; did you mean it by {}?", shortened(meant))
    });
    Warning {
        code: "missing-data",
        pointer: pointer(name),
        detail: format!("the card needs it, and the data have none{meant}"),
    }
}

fn pointer(name: &str) -> String {
    format!("/data/{}", shortened(name).replace('~', "~0").replace('/', "~1"))
}

fn shortened(name: &str) -> String {
    match name.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::content::Alert;
    use serde_json::json;
    use std::collections::BTreeMap;

    fn warnings(template: Value, locales: &[(&str, Value)], data: Option<Value>) -> Vec<(String, String)> {
        let spec = MessageSpec {
            form: Form::Card {
                name: None,
                template,
                locales: locales
                    .iter()
                    .map(|(locale, template)| ((*locale).to_owned(), template.clone()))
                    .collect::<BTreeMap<_, _>>(),
            },
            data,
            summary: None,
            alert: Alert::Quiet,
        };
        let found = find(&spec);
        found
            .into_iter()
            .map(|one| (format!("{} {}", one.code, one.pointer), one.detail))
            .collect()
    }

    fn pair(place: &str, detail: &str) -> (String, String) {
        (place.to_owned(), detail.to_owned())
    }

    #[test]
    fn a_misspelt_name_is_told_from_both_sides() {
        let template = json!({ "a": "${if(exists(severity), severity, '')}", "b": "${title}" });
        let data = json!({ "severty": "x", "titel": "y", "_comment": "z" });
        assert_eq!(
            warnings(template, &[], Some(data)),
            [
                pair(
                    "unread-data /data/severty",
                    "no field of the card reads it; did you mean severity?"
                ),
                pair(
                    "unread-data /data/titel",
                    "no field of the card reads it; did you mean title?"
                ),
                pair(
                    "missing-data /data/title",
                    "the card needs it, and the data have none; did you mean it by titel?"
                ),
            ]
        );
    }

    #[test]
    fn languages_count_together() {
        let (en, de) = (
            json!({ "a": "${title}" }),
            json!({ "a": "${title}", "b": "${untertitel}" }),
        );
        let data = json!({ "title": "x", "untertitel": "y" });
        assert_eq!(warnings(en.clone(), &[("de", de.clone())], Some(data)), []);
        let found = warnings(en, &[("de", de)], Some(json!({ "Title": "x" })));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, "missing-data /data/untertitel");
    }

    #[test]
    fn data_that_are_read_as_a_whole_or_are_no_object_have_no_unread_names() {
        let whole = json!({ "a": "${string($root)}" });
        assert_eq!(warnings(whole, &[], Some(json!({ "x": 1 }))), []);
        let list = json!({ "rows": [{ "$data": "${$root}", "a": "${name}" }] });
        assert_eq!(warnings(list, &[], Some(json!([{ "name": "x" }]))), []);
        let fixed = json!({ "a": "Hello" });
        assert_eq!(warnings(fixed, &[], None), []);
    }

    #[test]
    fn no_more_than_twenty_and_no_long_names() {
        let data: serde_json::Map<String, Value> = (0..500)
            .map(|n| (format!("{n:03}/{}", "x".repeat(1_000)), json!("secret")))
            .collect();
        let found = warnings(json!({ "a": "${title}" }), &[], Some(Value::Object(data)));
        assert_eq!(found.len(), 20);
        for (place, detail) in found {
            assert!(
                place.chars().count() < 100 && place.contains("000~1") || place.contains("~1x"),
                "{place}"
            );
            assert!(!detail.contains("secret"), "{detail}");
        }
    }
}
