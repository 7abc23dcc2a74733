//! Settings that are a whole number.

use crate::{Lookup, Setting, SettingError, setting::Kind};
use std::ops::RangeInclusive;

/// A whole number.
pub struct Number {
    /// What holds without it.
    pub default: u64,
    /// What is accepted.
    pub accepted: RangeInclusive<u64>,
    /// What is counted.
    pub unit: &'static str,
}

impl Number {
    fn most(&self) -> String {
        match *self.accepted.end() {
            u64::MAX => "upwards".to_owned(),
            most => format!("to {most}"),
        }
    }
}

impl Setting<Number> {
    /// The value, or the default.
    ///
    /// # Errors
    /// A value that is no whole number, or out of the range.
    pub fn read(&self, lookup: &Lookup<'_>) -> Result<u64, SettingError> {
        let Some(text) = self.trimmed(lookup) else {
            return Ok(self.kind.default);
        };
        let Number {
            default,
            accepted,
            unit,
        } = &self.kind;
        let value = text.parse().ok().filter(|value| accepted.contains(value));
        value.ok_or_else(|| {
            self.error(format!(
                "`{text}` is not accepted; give a whole number of {unit} from {} {} (default {default})",
                accepted.start(),
                self.kind.most()
            ))
        })
    }
}

impl Kind for Number {
    fn accepted(&self) -> String {
        format!("{} {}", self.accepted.start(), self.most())
    }
    fn unset(&self) -> String {
        self.default.to_string()
    }
}
