//! A setting that can't be used.

use std::borrow::Cow;

/// A setting that can't be used: which, what is wrong, what is accepted. Never holds a secret's value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {problem}")]
pub struct SettingError {
    /// Name of the setting.
    pub name: Cow<'static, str>,
    /// What is wrong and how to mend it.
    pub problem: String,
}

impl SettingError {
    /// An error about a name that is not declared; for declared ones see [`Setting::error`](crate::Setting::error).
    pub fn about(name: impl Into<Cow<'static, str>>, problem: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            problem: problem.into(),
        }
    }
}
