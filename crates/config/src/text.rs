//! Settings that are a text: their form is checked by whoever uses them.

use crate::{Lookup, Secret, Setting, setting::Kind};

/// A text whose form its user checks.
pub struct Text {
    /// What holds without it, in Markdown.
    pub unset: &'static str,
}

impl Text {
    pub(crate) const OPTIONAL: Self = Self { unset: "–" };
}

impl Setting<Text> {
    /// The value, without the spaces around it.
    pub fn read(&self, lookup: &Lookup<'_>) -> Option<String> {
        self.trimmed(lookup)
    }
}

impl Kind for Text {
    fn accepted(&self) -> String {
        String::new()
    }
    fn unset(&self) -> String {
        self.unset.to_owned()
    }
}

/// A text that has a default.
pub struct Name {
    /// What holds without it.
    pub default: &'static str,
}

impl Setting<Name> {
    /// The value without the spaces around it, or the default.
    pub fn read(&self, lookup: &Lookup<'_>) -> String {
        self.trimmed(lookup)
            .unwrap_or_else(|| self.kind.default.to_owned())
    }
}

impl Kind for Name {
    fn accepted(&self) -> String {
        String::new()
    }
    fn unset(&self) -> String {
        format!("`{}`", self.default)
    }
}

/// A secret: taken as it stands, spaces included, and never shown.
pub struct Password {
    /// What holds without it, in Markdown.
    pub unset: &'static str,
}

impl Setting<Password> {
    /// The value.
    pub fn read(&self, lookup: &Lookup<'_>) -> Option<Secret> {
        self.raw(lookup).map(Secret::new)
    }
}

impl Kind for Password {
    fn accepted(&self) -> String {
        String::new()
    }
    fn unset(&self) -> String {
        self.unset.to_owned()
    }
}
