//! App settings: the process's environment and local.settings.json. Values may be secrets and are
//! never printed.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde_json::Value;

use crate::json;
use crate::problem::{Place, Problem};

/// App settings by name. Names match in any case, as in .NET's configuration.
#[derive(Clone, Default)]
pub struct Settings {
    /// Lower-case name → (name as written, value).
    values: BTreeMap<String, (String, String)>,
}

impl Settings {
    /// No settings at all, for tests that must not depend on the machine.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The environment of this process; variables that are not Unicode are left out.
    #[must_use]
    pub fn from_env() -> Self {
        let mut settings = Self::default();
        for (name, value) in std::env::vars_os() {
            if let (Ok(name), Ok(value)) = (name.into_string(), value.into_string()) {
                settings.set(&name, value);
            }
        }
        settings
    }

    /// Adds or replaces one setting.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.set(name, value.into());
        self
    }

    fn set(&mut self, name: &str, value: String) {
        self.values.insert(name.to_lowercase(), (name.to_owned(), value));
    }

    /// Adds the `Values` of a local.settings.json, and its `ConnectionStrings` as `ConnectionStrings:<name>`. Settings that exist already win, as in the Core
    /// Tools; a file that does not exist adds nothing.
    ///
    /// # Errors
    /// A [`Problem`] when the file is not readable, not JSON, encrypted, or a value is not a scalar.
    pub fn with_local_settings(mut self, path: &Path) -> Result<Self, Problem> {
        if !path.exists() {
            return Ok(self);
        }
        let shown = path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let file = json::read(path, &shown)?;
        if file.get("IsEncrypted").and_then(Value::as_bool) == Some(true) {
            let message = "the settings are encrypted; run `func settings decrypt` first";
            return Err(Problem::new(
                shown,
                Place::Pointer("/IsEncrypted".to_owned()),
                message,
            ));
        }
        if let Some(Value::Object(strings)) = file.get("ConnectionStrings") {
            for (name, value) in strings {
                // The text, or an object that says what it is for.
                let text = value.as_str().or_else(|| value.get("ConnectionString")?.as_str());
                let name = format!("ConnectionStrings:{name}");
                if let Some(text) = text.filter(|_| self.get(&name).is_none()) {
                    self.set(&name, text.to_owned());
                }
            }
        }
        let values = match file.get("Values") {
            None | Some(Value::Null) => return Ok(self),
            Some(Value::Object(values)) => values,
            Some(_) => {
                let message = "must be an object of setting names and values";
                return Err(Problem::new(shown, Place::Pointer("/Values".to_owned()), message));
            }
        };
        for (name, value) in values {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                Value::Bool(true) => "True".to_owned(),
                Value::Bool(false) => "False".to_owned(),
                Value::Null => String::new(),
                Value::Array(_) | Value::Object(_) => {
                    let message = "a setting must be a string, a number or a boolean";
                    return Err(Problem::new(
                        shown,
                        Place::Pointer(format!("/Values/{name}")),
                        message,
                    ));
                }
            };
            if self.get(name).is_none() {
                self.set(name, text);
            }
        }
        Ok(self)
    }

    /// The value of a setting.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values
            .get(&name.to_lowercase())
            .map(|(_, value)| value.as_str())
    }

    /// Names and values in the order of their lower-case names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values
            .values()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether a setting is `true` (in any case) or `1`.
    #[must_use]
    pub fn is_true(&self, name: &str) -> bool {
        self.get(name)
            .is_some_and(|value| value.trim().eq_ignore_ascii_case("true") || value.trim() == "1")
    }

    /// Replaces every `%NAME%` by that setting's value.
    pub(crate) fn resolve(&self, text: &str) -> Result<String, String> {
        let mut resolved = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('%') {
            let Some((name, behind)) = after.split_once('%') else {
                return Err(format!(
                    "the % in \"{text}\" has no second %; a setting is written %NAME%"
                ));
            };
            let Some(value) = self.get(name) else {
                return Err(format!(
                    "%{name}% is not resolved: there is no app setting or environment variable {name}; set it, in local.settings.json under Values for instance"
                ));
            };
            resolved.push_str(before);
            resolved.push_str(value);
            rest = behind;
        }
        resolved.push_str(rest);
        Ok(resolved)
    }

    /// Replaces every `%NAME%`, an unknown one by nothing, as the host does in start commands.
    pub(crate) fn expand(&self, text: &str) -> String {
        let mut expanded = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('%') {
            let Some((name, behind)) = after.split_once('%') else {
                break;
            };
            expanded.push_str(before);
            expanded.push_str(self.get(name).unwrap_or_default());
            rest = behind;
        }
        expanded.push_str(rest);
        expanded
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set()
            .entries(self.values.values().map(|(name, _)| name))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolves_names_in_any_case_and_reports_unknown_ones() {
        let settings = Settings::none().with("Notify_Queue", "jobs");
        assert_eq!(
            settings.resolve("%NOTIFY_QUEUE%-%notify_queue%").as_deref(),
            Ok("jobs-jobs")
        );
        assert!(
            settings
                .resolve("%OTHER%")
                .unwrap_err()
                .contains("no app setting or environment variable OTHER")
        );
        assert!(settings.resolve("50%").unwrap_err().contains("%NAME%"));
        assert_eq!(settings.expand("a%OTHER%b%NOTIFY_QUEUE%%"), "abjobs%");
        assert!(!format!("{settings:?}").contains("jobs"));
    }

    #[test]
    fn local_settings_do_not_replace_the_environment() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("local.settings.json");
        std::fs::write(
            &path,
            "\u{feff}{\"IsEncrypted\":false,\"Values\":{\"A\":\"file\",\"B\":5,\"C\":true},\"ConnectionStrings\":{\"X\":\"x\",\"Y\":{\"ConnectionString\":\"y\"}}}",
        )
        .unwrap();
        let settings = Settings::none()
            .with("a", "env")
            .with_local_settings(&path)
            .unwrap();
        assert_eq!(
            (settings.get("A"), settings.get("b"), settings.get("C")),
            (Some("env"), Some("5"), Some("True"))
        );
        assert_eq!(settings.connection("X").unwrap().value(), Some("x"));
        assert_eq!(settings.connection("Y").unwrap().value(), Some("y"));
        std::fs::write(&path, "{\"IsEncrypted\":true}").unwrap();
        assert!(
            Settings::none()
                .with_local_settings(&path)
                .unwrap_err()
                .to_string()
                .contains("decrypt")
        );
        assert!(
            Settings::none()
                .with_local_settings(&dir.path().join("none.json"))
                .is_ok()
        );
    }
}
