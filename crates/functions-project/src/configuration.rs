//! host.json as the host sees it: a flat table of texts, with app settings laid over it.
//!
//! The host reads host.json into .NET's configuration: every scalar becomes a text under its path, names match in any
//! case, an empty object or array leaves no trace, null is the empty text, and `AzureFunctionsJobHost__path__to__value`
//! replaces single entries (source: `HostJsonFileConfigurationSource` of the Functions host). `true` and `"True"`, `8` and
//! `"8"` are therefore the same.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde_json::Value;

use crate::ncrontab::parse_timespan;
use crate::problem::{Place, Problem};
use crate::settings::Settings;

/// The file that a problem names.
pub(super) const FILE: &str = "host.json";
/// What overriding settings begin with; `:` may stand for `__`.
const OVERRIDES: &str = "azurefunctionsjobhost__";
/// Between the names of a path; no name in host.json can hold it.
const DELIMITER: char = '\u{1f}';

/// host.json and its overrides.
#[derive(Clone, Debug, Default)]
pub(super) struct Configuration {
    /// Lower-case path → entry.
    entries: BTreeMap<String, Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    text: String,
    place: Place,
}

impl Configuration {
    /// `host` is the file's JSON object.
    pub(super) fn new(host: &Value, settings: &Settings) -> Self {
        let mut entries = BTreeMap::new();
        flatten(host, "", "", &mut entries);
        for (name, text) in settings.iter() {
            let normal = name.replace(':', "__").to_lowercase();
            let Some(path) = normal.strip_prefix(OVERRIDES) else {
                continue;
            };
            if path.split("__").all(|part| !part.is_empty()) {
                let entry = Entry {
                    text: text.to_owned(),
                    place: Place::Setting(name.to_owned()),
                };
                entries.insert(path.replace("__", &DELIMITER.to_string()), entry);
            }
        }
        Self { entries }
    }

    /// The whole file.
    pub(super) fn root(&self) -> ConfigurationSection<'_> {
        ConfigurationSection {
            configuration: self,
            path: String::new(),
            pointer: String::new(),
        }
    }
}

fn flatten(value: &Value, path: &str, pointer: &str, entries: &mut BTreeMap<String, Entry>) {
    let mut below = |name: &str, value: &Value| {
        let path = join(path, &name.to_lowercase());
        let pointer = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
        flatten(value, &path, &pointer, entries);
    };
    let text = match value {
        Value::Object(map) => {
            map.iter().for_each(|(name, value)| below(name, value));
            return;
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(index, value)| below(&index.to_string(), value));
            return;
        }
        Value::Null => String::new(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        // .NET writes 16.0 as 16.
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => float.to_string(),
            _ => number.to_string(),
        },
        Value::String(text) => text.clone(),
    };
    let place = Place::Pointer(pointer.to_owned());
    entries.insert(path.to_owned(), Entry { text, place });
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}{DELIMITER}{name}")
    }
}

/// A path in the configuration, there or not.
#[derive(Clone)]
pub(super) struct ConfigurationSection<'a> {
    configuration: &'a Configuration,
    path: String,
    pointer: String,
}

impl<'a> ConfigurationSection<'a> {
    /// What lies below `name`.
    pub(super) fn section(&self, name: &str) -> Self {
        Self {
            configuration: self.configuration,
            path: join(&self.path, &name.to_lowercase()),
            pointer: format!("{}/{name}", self.pointer),
        }
    }

    /// Whether there is a value, or anything below.
    pub(super) fn exists(&self) -> bool {
        self.entry().is_some() || self.children().next().is_some()
    }

    /// Whether anything lies below: false for a scalar, `{}` and `[]`.
    pub(super) fn has_children(&self) -> bool {
        self.children().next().is_some()
    }

    fn entry(&self) -> Option<&'a Entry> {
        self.configuration.entries.get(&self.path)
    }

    /// Lower-case names directly below, each once.
    pub(super) fn children(&self) -> impl Iterator<Item = &'a str> {
        let prefix = join(&self.path, "");
        let from = prefix.clone();
        let mut last = "";
        self.configuration
            .entries
            .range(from..)
            .map_while(move |(path, _)| path.strip_prefix(&prefix))
            .filter_map(move |rest| {
                let name = rest.split(DELIMITER).next().unwrap_or(rest);
                let is_new = name != last;
                last = name;
                is_new.then_some(name)
            })
    }

    /// A problem with this value.
    pub(super) fn problem(&self, message: impl Into<String>) -> Problem {
        let place = self.entry().map_or_else(
            || Place::Pointer(self.pointer.clone()),
            |entry| entry.place.clone(),
        );
        Problem::new(FILE, place, message)
    }

    /// The value; null is the empty text.
    pub(super) fn text(&self) -> Option<&'a str> {
        self.entry().map(|entry| entry.text.as_str())
    }

    /// The value, where an empty one says as much as none.
    pub(super) fn filled(&self) -> Option<&'a str> {
        self.text().map(str::trim).filter(|text| !text.is_empty())
    }

    pub(super) fn flag(&self) -> Result<Option<bool>, Problem> {
        match self.filled() {
            None => Ok(None),
            Some(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(text) => Err(self.problem(format!("is \"{text}\"; true or false is expected"))),
        }
    }

    pub(super) fn whole(&self, accepted: RangeInclusive<i64>) -> Result<Option<i64>, Problem> {
        let Some(text) = self.filled() else {
            return Ok(None);
        };
        match text.parse() {
            Ok(number) if accepted.contains(&number) => Ok(Some(number)),
            _ => Err(self.problem(format!(
                "is {text}; a whole number from {} to {} is expected",
                accepted.start(),
                accepted.end()
            ))),
        }
    }

    pub(super) fn timespan(&self) -> Result<Option<Duration>, Problem> {
        self.filled()
            .map(parse_timespan)
            .transpose()
            .map_err(|error| self.problem(format!("is no duration: {error}")))
    }

    /// The texts of an array, or of an object whose names are its indices; `None` when there is none. A scalar in its
    /// place and what is nested in it count for nothing, as in .NET.
    pub(super) fn list(&self) -> Option<Vec<&'a str>> {
        let mut names: Vec<&str> = self.children().collect();
        // Numbers come first, by their value.
        names.sort_by_key(|name| {
            let number = name.parse::<u64>();
            (number.is_err(), number.unwrap_or_default(), *name)
        });
        let texts = names.into_iter().filter_map(|name| self.section(name).text());
        self.has_children().then(|| texts.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_lie_over_the_file_entry_by_entry_and_in_any_case() {
        let host = serde_json::json!({"version": "2.0", "customHandler": {"description": {"arguments": ["a", "c"]}}, "empty": {}, "no": null});
        let settings = Settings::none()
            .with(
                "AzureFunctionsJobHost__customhandler__description__arguments__1",
                "b",
            )
            .with("AZUREFUNCTIONSJOBHOST__extensions__queues__batchSize", "4")
            .with("AzureFunctionsJobHost:functionTimeout", "00:01:00")
            .with("AzureFunctionsJobHost____x", "ignored")
            .with("AzureFunctionsJobHost__functions__10", "last")
            .with("AzureFunctionsJobHost__functions__9", "first")
            .with("Other__version", "3.0");
        let configuration = Configuration::new(&host, &settings);
        let root = configuration.root();
        let arguments = root
            .section("customHandler")
            .section("DESCRIPTION")
            .section("arguments");
        assert_eq!(arguments.list(), Some(vec!["a", "b"]));
        assert_eq!(root.section("functions").list(), Some(vec!["first", "last"]));
        let batch = root.section("extensions").section("queues").section("batchSize");
        assert_eq!(batch.whole(1..=32), Ok(Some(4)));
        assert_eq!(
            batch.problem("is odd").to_string(),
            "host.json, overridden by the setting AZUREFUNCTIONSJOBHOST__extensions__queues__batchSize: is odd"
        );
        assert_eq!(root.section("functionTimeout").text(), Some("00:01:00"));
        assert_eq!(root.section("version").text(), Some("2.0"));
        assert_eq!(
            (root.section("no").text(), root.section("no").list()),
            (Some(""), None)
        );
        assert!(!root.section("empty").exists() && !root.section("missing").exists());
    }
}
