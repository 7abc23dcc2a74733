//! Parameters of switches: what can be set, within which bounds, and reading it from JSON.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::SwitchError;

/// Something that can be set when a switch is switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Parameter {
    /// Property of the request that switches it on.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// What it may be.
    #[serde(flatten)]
    pub kind: ParameterKind,
}

/// The values that a parameter may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum ParameterKind {
    /// A whole number.
    Number {
        /// The smallest.
        least: u32,
        /// The largest.
        most: u32,
        /// If nothing is said.
        default: u32,
    },
    /// One of a few.
    Choice {
        /// All of them.
        choices: &'static [&'static str],
        /// If nothing is said.
        default: &'static str,
    },
}

/// The value that a parameter has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum ParameterValue {
    Number(u32),
    Choice(&'static str),
}

/// The values of all parameters of a switch that is on, by name.
pub(crate) type Values = BTreeMap<&'static str, ParameterValue>;

/// Thirty days.
const LONGEST: u32 = 30 * 24 * 60 * 60;

/// After how many seconds a switch goes off by itself.
pub(crate) const fn seconds(default: u32) -> Parameter {
    Parameter {
        name: "seconds",
        title: "Seconds (0: until switched off)",
        kind: ParameterKind::Number {
            least: 0,
            most: LONGEST,
            default,
        },
    }
}

/// After how many answers a switch goes off by itself.
pub(crate) const fn requests(default: u32) -> Parameter {
    Parameter {
        name: "requests",
        title: "Requests (0: any number)",
        kind: ParameterKind::Number {
            least: 0,
            most: 1_000_000,
            default,
        },
    }
}

/// The share of the conversations that is concerned: always the same ones.
pub(crate) const PERCENT: Parameter = Parameter {
    name: "percent",
    title: "Percent of the conversations",
    kind: ParameterKind::Number {
        least: 1,
        most: 100,
        default: 100,
    },
};

/// For how many seconds after an install something holds.
pub(crate) const AFTER_INSTALL: Parameter = Parameter {
    name: "afterInstall",
    title: "Seconds after each install",
    kind: ParameterKind::Number {
        least: 1,
        most: 3600,
        default: 10,
    },
};

/// The HTTP status of the answer.
pub(crate) const fn status(choices: &'static [&'static str], default: &'static str) -> Parameter {
    Parameter {
        name: "status",
        title: "Status",
        kind: ParameterKind::Choice { choices, default },
    }
}

/// What activities have as `channelId`.
pub(crate) const CHANNEL_ID: Parameter = Parameter {
    name: "channelId",
    title: "channelId",
    kind: ParameterKind::Choice {
        choices: &["msteams", "msteams:COPILOT"],
        default: "msteams",
    },
};

/// Takes the parameters out of the settings. What is left there is none of them.
pub(super) fn take(
    parameters: &'static [Parameter],
    settings: &mut Map<String, Value>,
) -> Result<Values, SwitchError> {
    let mut values = Values::new();
    for parameter in parameters {
        let value = match settings.remove(parameter.name) {
            None | Some(Value::Null) => parameter.kind.default(),
            Some(given) => parameter.read(&given)?,
        };
        values.insert(parameter.name, value);
    }
    Ok(values)
}

impl Parameter {
    fn read(&self, given: &Value) -> Result<ParameterValue, SwitchError> {
        let refused = |wanted: String| SwitchError::Setting(format!("{} must be {wanted}", self.name));
        match self.kind {
            ParameterKind::Number { least, most, .. } => given
                .as_u64()
                .and_then(|number| u32::try_from(number).ok())
                .filter(|number| (least..=most).contains(number))
                .map(ParameterValue::Number)
                .ok_or_else(|| refused(format!("a whole number from {least} to {most}"))),
            ParameterKind::Choice { choices, .. } => {
                let text = match given {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                let choice = choices.iter().find(|choice| **choice == text);
                choice
                    .map(|choice| ParameterValue::Choice(choice))
                    .ok_or_else(|| refused(format!("one of {}", choices.join(", "))))
            }
        }
    }
}

impl ParameterKind {
    fn default(self) -> ParameterValue {
        match self {
            Self::Number { default, .. } => ParameterValue::Number(default),
            Self::Choice { default, .. } => ParameterValue::Choice(default),
        }
    }
}
