//! Settings that are one of a few words.

use crate::{Lookup, Setting, SettingError, Word, setting::Kind};

/// One of a few words, in any case.
pub struct Choice<W: Word> {
    /// What holds without it: one of the words, or none where that depends.
    pub default: Option<W>,
    /// What holds without it where there is no default, in plain words; `None` where it must be set.
    pub unset: Option<&'static str>,
}

impl<W: Word> Choice<W> {
    pub(crate) const fn with_default(default: W) -> Self {
        Self {
            default: Some(default),
            unset: None,
        }
    }

    pub(crate) const fn without_default(unset: &'static str) -> Self {
        Self {
            default: None,
            unset: Some(unset),
        }
    }

    pub(crate) const fn required() -> Self {
        Self {
            default: None,
            unset: None,
        }
    }
}

impl<W: Word> Setting<Choice<W>> {
    /// The value; the default, if there is one, while it is not set.
    ///
    /// # Errors
    /// A value that is none of the words.
    pub fn read(&self, lookup: &Lookup<'_>) -> Result<Option<W>, SettingError> {
        let Some(text) = self.trimmed(lookup) else {
            return Ok(self.kind.default);
        };
        let wrong = || {
            let without = match (self.kind.default, self.kind.unset) {
                (Some(default), _) => format!(" (default `{}`)", default.as_str()),
                (None, None) => String::new(),
                (None, Some(unset)) => format!(" (without it: {unset})"),
            };
            let words = one_of(W::WORDS.iter().map(|word| word.as_str()));
            self.error(format!("`{text}` is not accepted; give {words}{without}"))
        };
        W::from_word(&text).map(Some).ok_or_else(wrong)
    }
}

impl<W: Word + Sync> Kind for Choice<W> {
    fn accepted(&self) -> String {
        one_of(W::WORDS.iter().map(|word| word.as_str()))
    }
    fn unset(&self) -> String {
        match self.default {
            Some(default) => format!("`{}`", default.as_str()),
            None => self.unset.unwrap_or("–").to_owned(),
        }
    }
}

/// `true` or `false`; `false` while it is not set.
pub struct Flag;

impl Setting<Flag> {
    /// Whether it is `true`.
    ///
    /// # Errors
    /// A value that is neither.
    pub fn is_true(&self, lookup: &Lookup<'_>) -> Result<bool, SettingError> {
        match self
            .trimmed(lookup)
            .map(|text| text.to_ascii_lowercase())
            .as_deref()
        {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(self.error(format!("`{other}` is not accepted; give `true` or `false`"))),
        }
    }
}

impl Kind for Flag {
    fn accepted(&self) -> String {
        "`true` or `false`".to_owned()
    }
    fn unset(&self) -> String {
        "`false`".to_owned()
    }
}

/// Words in a row, as code.
fn one_of(words: impl Iterator<Item = &'static str>) -> String {
    let words: Vec<_> = words.map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}
