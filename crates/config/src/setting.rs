//! What a declaration holds, and the macro that writes one.

use crate::{Lookup, SettingError};

/// One setting: its name, its kind, and what it means.
pub struct Setting<K> {
    pub(crate) name: &'static str,
    /// The lines of its doc comment.
    pub(crate) lines: &'static [&'static str],
    pub(crate) kind: K,
    pub(crate) example: Option<&'static str>,
}

impl<K> Setting<K> {
    /// Its name, in the environment and in local.settings.json.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Something that is wrong with its value.
    pub fn error(&self, problem: impl Into<String>) -> SettingError {
        SettingError::about(self.name, problem)
    }

    /// Whether it is set: an empty value counts as not set, as the example file leaves it.
    pub fn is_set(&self, lookup: &Lookup<'_>) -> bool {
        self.raw(lookup).is_some()
    }

    /// Its value as it stands, if that is not blank.
    pub(crate) fn raw(&self, lookup: &Lookup<'_>) -> Option<String> {
        lookup(self.name).filter(|value| !value.trim().is_empty())
    }

    /// The same without the spaces around it.
    pub(crate) fn trimmed(&self, lookup: &Lookup<'_>) -> Option<String> {
        self.raw(lookup).map(|value| value.trim().to_owned())
    }
}

/// What is known of a setting whatever its kind: for the check of names and the documentation.
pub trait Declaration: Sync {
    /// Its name.
    fn name(&self) -> &'static str;
    /// What it means, in Markdown.
    fn meaning(&self) -> String;
    /// What is accepted, in Markdown; empty where the meaning says it.
    fn accepted(&self) -> String;
    /// What holds while it is not set, in Markdown.
    fn unset(&self) -> String;
    /// Its value in `local.settings.json.example`; `None` where it does not stand there.
    fn example(&self) -> Option<&'static str>;
}

/// What a kind of setting says of itself in the documentation.
pub(crate) trait Kind: Sync {
    fn accepted(&self) -> String;
    fn unset(&self) -> String;
}

impl<K: Kind> Declaration for Setting<K> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn meaning(&self) -> String {
        let lines = self.lines.iter().map(|line| line.trim());
        lines.collect::<Vec<_>>().join(" ")
    }

    fn accepted(&self) -> String {
        self.kind.accepted()
    }

    fn unset(&self) -> String {
        self.kind.unset()
    }

    fn example(&self) -> Option<&'static str> {
        self.example
    }
}

/// Declares the settings of a family: each as a `static` whose doc comment is what the documentation says of it, and all
/// of them as `SETTINGS`.
macro_rules! settings {
    ($($(#[doc = $line:literal])+ $id:ident: $kind:ty = $name:literal, $value:expr $(, example $example:literal)?;)+) => {
        $(
            $(#[doc = $line])+
            pub static $id: $crate::Setting<$kind> = $crate::Setting {
                name: $name,
                lines: &[$($line),+],
                kind: $value,
                example: $crate::setting::example!($($example)?),
            };
        )+

        /// All of this family.
        pub(crate) static SETTINGS: &[&dyn $crate::Declaration] = &[$(&$id),+];
    };
}

macro_rules! example {
    () => {
        None
    };
    ($value:literal) => {
        Some($value)
    };
}

pub(crate) use {example, settings};
