//! Where settings come from: the environment, and for local runs the `Values` of local.settings.json beneath it.

use std::path::Path;

/// Names and values; an empty value counts as not set, as the settings example leaves them.
#[derive(Clone)]
pub(crate) struct Source(functions_project::Settings);

impl Source {
    /// The process's environment.
    pub(crate) fn environment() -> Self {
        Self(functions_project::Settings::from_env())
    }

    /// The environment, and beneath it the `Values` of a local.settings.json; no file is fine.
    pub(crate) fn with_local_settings(root: &Path) -> Result<Self, functions_project::Problem> {
        functions_project::Settings::from_env()
            .with_local_settings(&root.join("local.settings.json"))
            .map(Self)
    }

    /// The same settings for the local host.
    pub(crate) fn host_settings(&self) -> functions_project::Settings {
        self.0.clone()
    }

    /// A setting's value; `None` when it isn't set or is empty.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.0
            .get(name)
            .filter(|value| !value.trim().is_empty())
            .map(str::to_owned)
    }

    /// Names of all settings that have a value.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(|(_, value)| !value.trim().is_empty())
            .map(|(name, _)| name)
    }
}

#[cfg(test)]
impl Source {
    pub(crate) fn of(pairs: &[(&str, &str)]) -> Self {
        Self(
            pairs
                .iter()
                .fold(functions_project::Settings::none(), |settings, (name, value)| {
                    settings.with(name, *value)
                }),
        )
    }
}
